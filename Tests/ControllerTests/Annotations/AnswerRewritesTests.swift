import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Fields of requests and answers by annotation")
struct AnswerRewritesTests {
    private func changes(_ annotations: [String: String]) -> [MessageChange] {
        AnnotationReading(annotated(annotations)).values.answers.response.compactMap { rule in
            if case .change(let change) = rule.action { return change }
            return nil
        }
    }

    private func isLeftOut(_ annotations: [String: String]) -> Bool {
        AnnotationReading(annotated(annotations)).failure == .leavesIngressOut
    }

    private func replaced(_ field: String, _ pattern: String, by text: String) -> MessageChange {
        .replaceField(
            field, pattern: pattern, FormatString([.text(Array(text.utf8))]), isEachValue: false)
    }

    @Test("proxy-cookie-path: texts stand for themselves, whatever they mean to expressions")
    func path() {
        #expect(
            changes(["proxy-cookie-path": "/a.b/ /"]) == [
                replaced(
                    "set-cookie", #"^([^;]*(?:;[^;]*)*?;\s*(?i:path)=)\/a\.b\/(.*)$"#, by: #"\1/\2"#)
            ])
    }

    @Test("proxy-redirect-from and -to: Location and Refresh; one of them, off or default is nothing")
    func redirect() {
        let found = changes(["proxy-redirect-from": "http://a/", "proxy-redirect-to": "https://b/"])
        #expect(found.first == replaced("location", #"^http\:\/\/a\/(.*)$"#, by: #"https://b/\1"#))
        #expect(found.count == 2)
        #expect(changes(["proxy-redirect-from": "http://a/"]) == [])
        #expect(changes(["proxy-redirect-from": "default", "proxy-redirect-to": "https://b/"]) == [])
        #expect(changes(["proxy-redirect-from": "http://a/", "proxy-redirect-to": "off"]) == [])
    }

    @Test("off changes nothing")
    func off() { #expect(changes(["proxy-cookie-path": "off", "proxy-cookie-domain": "off"]) == []) }

    @Test(
        "what is no text leaves the Ingress out",
        arguments: [
            ("proxy-cookie-path", "/a"), ("proxy-cookie-path", "/a /b /c"), ("proxy-cookie-path", "~/a /b"),
            ("proxy-cookie-domain", "a.test $host"), ("proxy-cookie-domain", "a.test b;c"),
            ("proxy-redirect-to", "https://$host/"), ("proxy-redirect-from", "~^http"),
        ])
    func bad(name: String, value: String) { #expect(isLeftOut([name: value])) }

    @Test("request-set-header and response-set-header: a name and a value in each line")
    func lines() {
        let found = AnnotationReading(
            annotated(["haproxy.org/request-set-header": "X-A one two\n X-B \"three\"\n\n"])
        ).values.fields
        #expect(found.asked.map(\.name) == ["x-a", "x-b"])
        #expect(found.asked.map(\.value) == ["one two", "three"])
        #expect(found.request.count == 2 && found.response.isEmpty)
    }

    @Test(
        "fields that tell how a message is sent are not theirs to say, nor are formats",
        arguments: [
            "X-A", "X A: b\nX-B", "Content-Length 5", "Transfer-Encoding chunked", "X-A %[src]", "X:A b",
        ])
    func badLines(value: String) {
        #expect(isLeftOut(["haproxy.org/response-set-header": value]))
    }
}
