import Kubernetes
import Testing

@testable import Controller

@Suite("The plan of status")
struct StatusPlanTests {
    private static let second: UInt64 = 1_000_000_000
    private let here = [LoadBalancerAddress(ip: "192.0.2.1")]
    private let web = ObjectKey(namespace: "shop", name: "web")

    private func standing(
        _ addresses: [LoadBalancerAddress] = [], isOurs: Bool = true, uid: String = "u", version: String = "5"
    ) -> IngressStanding {
        IngressStanding(uid: uid, resourceVersion: version, isOurs: isOurs, addresses: addresses)
    }

    /// The next write's key and body, or nil.
    private func next(_ plan: inout StatusPlan, at seconds: UInt64 = 100) -> (key: ObjectKey, body: String)? {
        guard case .write(let key, let request) = plan.next(at: seconds * Self.second) else { return nil }
        return (key, String(decoding: request.body, as: UTF8.self))
    }

    private func plan(_ standings: [ObjectKey: IngressStanding?]) -> StatusPlan {
        var plan = StatusPlan()
        plan.want(here)
        plan.note(standings)
        return plan
    }

    @Test("an Ingress of ours that says nothing is written once")
    func writesOnce() {
        var plan = plan([web: standing()])
        let write = next(&plan)
        #expect(write?.key == web)
        #expect(write?.body == #"{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}"#)
        #expect(next(&plan) == nil)
        plan.ended(web, .done([]), at: 100 * Self.second)
        #expect(next(&plan, at: 104) == nil)
        plan.note([web: standing(here, version: "6")])
        #expect(next(&plan, at: 1_000) == nil)
    }

    @Test("what was written is taken back once nothing goes in any more, and nothing else is")
    func blank() {
        let (theirs, other) = (
            ObjectKey(namespace: "shop", name: "theirs"), ObjectKey(namespace: "shop", name: "other")
        )
        var plan = plan([
            web: standing(here), theirs: standing(here, isOurs: false),
            other: standing([LoadBalancerAddress(ip: "192.0.2.9")]),
        ])
        while let write = next(&plan) { plan.ended(write.key, .conflict, at: 100 * Self.second) }
        #expect(!plan.isBlank)
        plan.blank()
        let write = next(&plan)
        #expect(write?.key == web)
        #expect(write?.body.contains("192.0.2") == false)
        #expect(next(&plan) == nil)
        #expect(!plan.isBlank)
        plan.ended(web, .done([]), at: 101 * Self.second)
        #expect(plan.isBlank)
        plan.note([web: standing(version: "7")])
        #expect(next(&plan, at: 200) == nil)
        #expect(plan.isBlank)
    }

    @Test(
        "what was written earlier is taken back as well, and addresses that go meanwhile change nothing of it"
    )
    func blankWhileMoving() {
        let (one, both) = (here, here + [LoadBalancerAddress(ip: "192.0.2.2")])
        var plan = StatusPlan()
        plan.want(both)
        plan.note([web: standing(both)])
        plan.want(one)
        plan.blank()
        plan.want([LoadBalancerAddress(ip: "192.0.2.7")])
        #expect(plan.wanted == one)
        #expect(!plan.isBlank)
        #expect(next(&plan)?.body.contains("192.0.2") == false)
        plan.ended(web, .done([]), at: 101 * Self.second)
        #expect(plan.isBlank)
    }

    @Test("a write that is on its way when all is taken back is waited for, and taken back")
    func blankWhileWriting() {
        var plan = plan([web: standing()])
        #expect(next(&plan) != nil)
        plan.blank()
        #expect(!plan.isBlank)
        plan.ended(web, .done([]), at: 100 * Self.second)
        #expect(!plan.isBlank)
        plan.note([web: standing(here, version: "6")])
        #expect(next(&plan)?.body.contains("192.0.2") == false)
        plan.ended(web, .done([]), at: 101 * Self.second)
        #expect(plan.isBlank)
    }

    @Test("where nothing was ever to be written there is nothing to take back")
    func blankWithoutAddresses() {
        var plan = StatusPlan()
        plan.note([web: standing(here)])
        plan.blank()
        #expect(plan.isBlank)
        #expect(next(&plan) == nil)
    }

    @Test("a success that the watch never shows is written again")
    func lostWrite() {
        var plan = plan([web: standing()])
        #expect(next(&plan) != nil)
        plan.ended(web, .done([]), at: 100 * Self.second)
        #expect(next(&plan, at: 106) != nil)
    }

    @Test(
        "addresses that move while a write is under way are written when it has ended, whatever the watch shows first"
    )
    func movesWhileWriting() {
        var plan = plan([web: standing()])
        #expect(next(&plan) != nil)
        let moved = [LoadBalancerAddress(ip: "192.0.2.7")]
        plan.want(moved)
        #expect(next(&plan) == nil, "one write of an object at a time")
        plan.note([web: standing(here, version: "6")])
        plan.ended(web, .done([]), at: 100 * Self.second)
        #expect(next(&plan)?.body.contains("192.0.2.7") == true)
        plan.ended(web, .done([]), at: 100 * Self.second)
        plan.note([web: standing(moved, version: "7")])
        #expect(next(&plan, at: 1_000) == nil)
    }

    @Test("what says so already, in whatever order and however often, is left alone")
    func asWanted() {
        var plan = StatusPlan()
        let two = [LoadBalancerAddress(ip: "192.0.2.2"), LoadBalancerAddress(hostname: "a.test")]
        plan.want(two + two)
        plan.note([web: standing(two.reversed())])
        #expect(next(&plan) == nil)
    }

    @Test("what is not ours is left alone, whatever it says")
    func foreign() {
        var plan = plan([
            web: standing(isOurs: false),
            ObjectKey(namespace: "shop", name: "other"): standing(here, isOurs: false),
        ])
        #expect(next(&plan) == nil)
    }

    @Test("nothing is written while no address is known, and nothing is blanked when it goes")
    func neverBlank() {
        var plan = StatusPlan()
        plan.note([web: standing([LoadBalancerAddress(ip: "203.0.113.9")])])
        #expect(next(&plan) == nil)
        plan.want(here)
        #expect(next(&plan) != nil)
        plan.ended(web, .done([]), at: 0)
        plan.note([web: standing(here)])
        plan.want([])
        plan.enqueueAll()
        #expect(next(&plan, at: 1_000) == nil)
        #expect(plan.wanted == here)
    }

    @Test("an Ingress that is ours no more loses what we wrote, if nobody has written since")
    func withdrawn() {
        var plan = plan([web: standing(here)])
        #expect(next(&plan) == nil)
        plan.note([web: standing(here, isOurs: false, version: "9")])
        #expect(
            next(&plan)?.body
                == #"{"metadata":{"resourceVersion":"9"},"status":{"loadBalancer":{"ingress":null}}}"#)
        plan.ended(web, .conflict, at: 100 * Self.second)
        #expect(next(&plan, at: 1_000) == nil)
    }

    @Test("an Ingress that another controller has taken and written keeps what that wrote")
    func takenOver() {
        var plan = plan([web: standing(here)])
        plan.note([web: standing([LoadBalancerAddress(ip: "203.0.113.1")], isOurs: false)])
        #expect(next(&plan) == nil)
    }

    @Test("another object under the same name was never ours")
    func replaced() {
        var plan = plan([web: standing(here)])
        plan.note([web: standing(here, isOurs: false, uid: "another")])
        #expect(next(&plan) == nil)
    }

    @Test("one that is gone is forgotten, also while its write is under way")
    func gone() {
        var plan = plan([web: standing()])
        plan.note([web: nil])
        #expect(next(&plan) == nil)
        plan.ended(web, .later("x"), at: 0)
        #expect(next(&plan) == nil)
    }

    @Test("new addresses are written to all, in a stable order")
    func moved() {
        let keys = (0..<5).map { ObjectKey(namespace: "shop", name: "web-\($0)") }
        var plan = plan(Dictionary(uniqueKeysWithValues: keys.map { ($0, standing(here)) }))
        #expect(next(&plan) == nil)
        plan.want([LoadBalancerAddress(ip: "192.0.2.7")])
        #expect(keys.map { _ in next(&plan)?.key } == keys)
        #expect(next(&plan) == nil)
    }

    @Test("a write that may succeed later comes again, one that was refused does not until something changes")
    func retries() {
        var plan = plan([web: standing()])
        for outcome in [WriteOutcome.later("503"), .forbidden("no")] {
            #expect(next(&plan) != nil)
            plan.ended(web, outcome, at: 100 * Self.second)
        }
        #expect(next(&plan) != nil)
        plan.ended(web, .rejected("422"), at: 100 * Self.second)
        plan.enqueueAll()
        #expect(next(&plan, at: 1_000) == nil)
        plan.want([LoadBalancerAddress(ip: "192.0.2.7")])
        #expect(next(&plan, at: 1_000) != nil)
    }

    @Test("who overwrites us is overwritten every five seconds at most")
    func fight() {
        var plan = plan([web: standing()])
        #expect(next(&plan, at: 100) != nil)
        plan.ended(web, .done([]), at: 100 * Self.second)
        plan.note([web: standing([LoadBalancerAddress(ip: "203.0.113.1")], version: "6")])
        guard case .wait(let until) = plan.next(at: 101 * Self.second) else {
            Issue.record("it does not wait")
            return
        }
        #expect(until == 105 * Self.second)
        #expect(next(&plan, at: 105) != nil)
    }

    @Test("old news after a write is not written against")
    func staleWatch() {
        var plan = plan([web: standing()])
        #expect(next(&plan, at: 100) != nil)
        plan.ended(web, .done([]), at: 100 * Self.second)
        plan.note([web: standing()])
        #expect(next(&plan, at: 101) == nil)
        plan.note([web: standing(here, version: "6")])
        #expect(next(&plan, at: 200) == nil)
    }

    @Test("a process that begins to lead looks at everything again")
    func begins() {
        var plan = plan([web: standing()])
        #expect(next(&plan) != nil)
        plan.ended(web, .conflict, at: 100 * Self.second)
        #expect(next(&plan) == nil)
        plan.enqueueAll()
        #expect(next(&plan, at: 1_000) != nil)
    }

    @Test("what waits is bounded by the number of Ingresses, however often they change")
    func bounded() {
        var plan = plan([web: standing()])
        for version in 0..<10_000 { plan.note([web: standing(version: "\(version)")]) }
        #expect(plan.waiting == 1)
        var standings: [ObjectKey: IngressStanding?] = [:]
        for i in 0..<5_000 { standings[ObjectKey(namespace: "n", name: "i\(i)")] = standing() }
        plan.note(standings)
        var written = 0
        while next(&plan) != nil { written += 1 }
        #expect(written == 5_001)
        #expect(plan.waiting == 0)
    }
}

@Suite("The patch of status")
struct StatusPatchTests {
    private func body(_ addresses: LoadBalancerAddress..., version: String = "") -> String {
        String(decoding: StatusPatch.body(addresses, version: version), as: UTF8.self)
    }

    @Test("it goes to the status of the one Ingress, as a merge patch")
    func request() {
        let standing = IngressStanding(uid: "u", resourceVersion: "1", isOurs: true, addresses: [])
        let key = ObjectKey(namespace: "shop", name: "web")
        let request = StatusPatch(key, [LoadBalancerAddress(ip: "::1")], standing).request
        #expect(request.method == "PATCH")
        #expect(request.target == "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web/status")
        #expect(request.headers == ["Content-Type: application/merge-patch+json"])
    }

    @Test("addresses and names stand in the fields that are theirs")
    func goldens() {
        #expect(
            body(LoadBalancerAddress(ip: "192.0.2.1"), LoadBalancerAddress(hostname: "lb.a.test"))
                == #"{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"},{"hostname":"lb.a.test"}]}}}"#)
        #expect(
            body(LoadBalancerAddress(ip: "2001:db8::1", hostname: "both.test"))
                == #"{"status":{"loadBalancer":{"ingress":[{"ip":"2001:db8::1","hostname":"both.test"}]}}}"#)
        #expect(
            body(version: "7")
                == #"{"metadata":{"resourceVersion":"7"},"status":{"loadBalancer":{"ingress":null}}}"#)
    }
}
