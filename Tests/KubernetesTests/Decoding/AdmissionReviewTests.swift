import Basics
import Kubernetes
import Testing

private func review(
    _ request: String, kind: String = "AdmissionReview", version: String = "admission.k8s.io/v1"
)
    throws(JSONError) -> AdmissionReview
{
    try AdmissionReview(
        decoding: Array(#"{"kind":"\#(kind)","apiVersion":"\#(version)","request":\#(request)}"#.utf8))
}

private let ingresses = #""resource":{"group":"networking.k8s.io","version":"v1","resource":"ingresses"}"#

@Suite("Admission reviews")
struct AdmissionReviewTests {
    @Test("a review of an Ingress is read whole, in whatever order")
    func whole() throws {
        let object = #"{"metadata":{"name":"web","namespace":"shop"},"spec":{"rules":[{"host":"a.test"}]}}"#
        let read = try review(
            #"{"object":\#(object),"uid":"7","operation":"UPDATE","namespace":"shop","oldObject":\#(object),\#(ingresses),"dryRun":true,"options":{"x":[1]}}"#
        )
        #expect(read.uid == "7" && read.operation == "UPDATE" && read.namespace == "shop")
        #expect(read.resource.isIngress)
        #expect(read.object.ingress?.rules.first?.host == "a.test")
        #expect(read.oldObject == read.object)
    }

    @Test("what is not there is nothing", arguments: ["", #","object":null,"oldObject":null"#])
    func absent(rest: String) throws {
        let read = try review(#"{"uid":"7","operation":"DELETE"\#(rest)}"#)
        #expect(read.object == .nothing && read.oldObject == .nothing && !read.resource.isIngress)
    }

    @Test("an object that can not be read is part of the review, with the field")
    func unreadable() throws {
        let read = try review(
            #"{"uid":"7","object":{"metadata":{"name":"web","namespace":"shop"},"spec":{"rules":[{"host":5}]}}}"#
        )
        guard case .unreadable(let object) = read.object else {
            Issue.record("\(read.object)")
            return
        }
        #expect(object.key == ObjectKey(namespace: "shop", name: "web"))
        #expect(object.reason.hasPrefix("spec.rules[0].host: expected"))
    }

    @Test("an object of another kind does not spoil the review")
    func otherKind() throws {
        let read = try review(
            #"{"uid":"7","object":[1,2],"resource":{"group":"","version":"v1","resource":"pods"}}"#)
        #expect(read.object.ingress == nil && !read.resource.isIngress)
    }

    @Test("a part of an Ingress is not an Ingress")
    func part() throws {
        #expect(try !review(#"{"uid":"7",\#(ingresses),"subResource":"status"}"#).resource.isIngress)
    }

    @Test(
        "what is no review is refused",
        arguments: [
            "", "{}", "[]", "null", "7", "{\"request\":{\"uid\":\"7\"}}",
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}"#,
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":null}"#,
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{}}"#,
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":7}}"#,
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"7"}"#,
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"7"}} x"#,
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"7","object":{"metadata":}}}"#,
            #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","request":{"uid":"7"}}"#,
            #"{"kind":"Status","apiVersion":"admission.k8s.io/v1","request":{"uid":"7"}}"#,
        ])
    func refused(text: String) {
        #expect(throws: JSONError.self) { try AdmissionReview(decoding: Array(text.utf8)) }
    }

    @Test("a uid nobody would send is refused")
    func longUID() {
        #expect(throws: JSONError.self) { try review(#"{"uid":"\#(String(repeating: "x", count: 129))"}"#) }
    }

    @Test("depth is bounded, whatever is in the object")
    func deep() {
        let nest = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(throws: JSONError.self) { try review(#"{"uid":"7","options":\#(nest)}"#) }
    }

    @Test("a configuration of webhooks is read with whom it believes")
    func configuration() throws {
        let text =
            #"{"metadata":{"name":"sluice","resourceVersion":"3"},"webhooks":[{"name":"a","clientConfig":{"caBundle":"aGk=","service":{"name":"x"}}},{"name":"b","clientConfig":{"service":{}}}]}"#
        let bytes = Array(text.utf8)
        var reader = JSONReader(bytes.span)
        let read = try WebhookConfiguration(decoding: &reader)
        #expect(read.meta.name == "sluice" && read.webhooks.map(\.name) == ["a", "b"])
        #expect(read.webhooks.map(\.authorities) == [Array("hi".utf8), []])
    }
}
