import Basics
import Testing

@testable import Kubernetes

@Suite("Writing a Lease")
struct LeaseWriteTests {
    private let key = ObjectKey(namespace: "sluice", name: "sluice-leader")
    private let now = RFC3339(seconds: 1_795_280_265, microseconds: 42)

    @Test("a new one is posted to the collection")
    func create() {
        let write = LeaseWrite(version: nil, holder: "pod_1", durationSeconds: 15, acquires: true)
        let request = write.request(for: key, now: now)
        #expect(request.method == "POST")
        #expect(request.target == "/apis/coordination.k8s.io/v1/namespaces/sluice/leases")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"sluice-leader","namespace":"sluice"},"#
                + #""spec":{"holderIdentity":"pod_1","leaseDurationSeconds":15,"renewTime":"2026-11-21T16:57:45.000042Z","#
                + #""acquireTime":"2026-11-21T16:57:45.000042Z","leaseTransitions":0}}"#)
    }

    @Test("a renewal is a merge patch that only fits the version it was decided on")
    func renew() {
        let write = LeaseWrite(version: "12", holder: "pod_1", durationSeconds: 15, transitions: 3)
        let request = write.request(for: key, now: now)
        #expect(request.method == "PATCH")
        #expect(request.target.hasSuffix("/leases/sluice-leader"))
        #expect(request.headers == ["Content-Type: application/merge-patch+json"])
        let body = String(decoding: request.body, as: UTF8.self)
        #expect(body.contains(#""resourceVersion":"12""#))
        #expect(!body.contains("acquireTime"))
    }

    @Test("what is written can be read")
    func roundTrip() throws {
        let write = LeaseWrite(
            version: "1", holder: "p\"od", durationSeconds: 15, acquires: true, transitions: 3)
        let body = write.request(for: key, now: now).body
        var reader = JSONReader(body.span)
        let lease = try Lease(decoding: &reader)
        #expect(lease.meta.key == key)
        #expect(lease.holder == "p\"od")
        #expect(lease.durationSeconds == 15)
        #expect(lease.transitions == 3)
        #expect(lease.acquireTime == lease.renewTime)
    }

    @Test("absent and null fields are a Lease nobody holds")
    func absent() throws {
        let text = Array(#"{"metadata":{"name":"a"},"spec":{"holderIdentity":null,"renewTime":null}}"#.utf8)
        var reader = JSONReader(text.span)
        #expect(try Lease(decoding: &reader).holder == "")
    }
}
