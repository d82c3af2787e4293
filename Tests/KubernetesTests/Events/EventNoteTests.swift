import Basics
import Testing

@testable import Kubernetes

@Suite("Events")
struct EventNoteTests {
    private let time = RFC3339(seconds: 1_795_280_265, microseconds: 42)

    private func note(
        _ text: String = "spec.rules[0]: no", name: String = "web", namespace: String = "shop",
        uid: String = "u-1"
    ) -> EventNote {
        let key = ObjectKey(namespace: namespace, name: name)
        let object = EventReference(
            apiVersion: "networking.k8s.io/v1", kind: "Ingress", key: key, uid: uid)
        return EventNote(regarding: object, reason: "ServiceNotFound", note: text)
    }

    @Test("the first time it is created beside its object")
    func creation() {
        let request = note().creation(by: "a.test/b", instance: "pod_1", at: time)
        #expect(request.method == "POST")
        #expect(request.target == "/apis/events.k8s.io/v1/namespaces/shop/events")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"\#(note().name)","namespace":"shop"},"#
                + #""eventTime":"2026-11-21T16:57:45.000042Z","type":"Warning","reason":"ServiceNotFound","#
                + #""action":"Translate","note":"spec.rules[0]: no","reportingController":"a.test/b","#
                + #""reportingInstance":"pod_1","regarding":{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","#
                + #""namespace":"shop","name":"web","uid":"u-1"}}"#)
    }

    @Test("after that only its series changes")
    func continuation() {
        let request = note().continuation(count: 3, at: time)
        #expect(request.method == "PATCH")
        #expect(request.target == "/apis/events.k8s.io/v1/namespaces/shop/events/\(note().name)")
        #expect(request.headers == ["Content-Type: application/merge-patch+json"])
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"series":{"count":3,"lastObservedTime":"2026-11-21T16:57:45.000042Z"}}"#)
    }

    @Test("its name is the same wherever it is made, and another one for each thing that is said")
    func names() {
        #expect(note().name == note().name)
        #expect(note().name.hasPrefix("web."))
        #expect(note().name.utf8.count == "web.".utf8.count + 16)
        let others = [note("other"), note(uid: "u-2"), note(namespace: "b"), note(name: "c")]
        #expect(Set(others.map(\.name) + [note().name]).count == 5)
        #expect(note(name: String(repeating: "n", count: 253)).name.utf8.count <= 253)
    }

    @Test("an object without a namespace has its Events in default")
    func clusterScoped() {
        #expect(note(namespace: "").namespace == "default")
    }

    @Test("what is too long is cut between characters, within the limit", arguments: 1_018..<1_030)
    func cut(count: Int) {
        for character in ["x", "ü", "👩‍👩‍👧‍👦"] {
            let text = EventNote.cut(String(repeating: character, count: count), to: 1_024)
            #expect(text.utf8.count <= 1_024)
            #expect(text.hasPrefix(character))
        }
        #expect(EventNote.cut("short", to: 1_024) == "short")
    }
}
