import Engine
import Kubernetes
import Model
import Testing

@testable import Command

@Suite("What a collector is sent and answers")
struct CollectorAnswerTests {
    private func meaning(_ status: Int, retryAfter: UInt64? = nil, _ body: String = "") -> SpanQueue.Answer {
        CollectorAnswer.meaning(
            of: .answered(status: status, retryAfter: retryAfter, body: Array(body.utf8))
        ).answer
    }

    @Test("success may be in part, in either way to write a number")
    func success() {
        #expect(meaning(200) == .taken(refusing: 0))
        #expect(meaning(200, "{}") == .taken(refusing: 0))
        #expect(meaning(200, #"{"partialSuccess":{}}"#) == .taken(refusing: 0))
        #expect(
            meaning(200, #"{"x":[1],"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}}"#)
                == .taken(refusing: 3))
        #expect(meaning(202, #"{"partialSuccess":{"rejectedSpans":4}}"#) == .taken(refusing: 4))
    }

    @Test(
        "an answer that can not be read says nothing",
        arguments: [
            "<html>", "[]", "{", #"{"partialSuccess":null}"#, #"{"partialSuccess":{"rejectedSpans":"many"}}"#,
            #"{"partialSuccess":{"rejectedSpans":{}}}"#, "\u{0}",
        ])
    func unreadable(body: String) {
        #expect(meaning(200, body) == .taken(refusing: 0))
    }

    @Test("four statuses may pass, as OTLP says; others do not", arguments: [429, 502, 503, 504])
    func later(status: Int) {
        #expect(meaning(status) == .later(seconds: nil))
        #expect(meaning(status, retryAfter: 9) == .later(seconds: 9))
    }

    @Test("what will not get better is not repeated", arguments: [301, 400, 401, 403, 404, 413, 500, 501])
    func refused(status: Int) {
        #expect(meaning(status) == .refused)
    }

    @Test("no answer may be one later")
    func failed() {
        let found = CollectorAnswer.meaning(of: .failed("refused"))
        #expect(found.answer == .later(seconds: nil) && found.problem == "refused")
    }

    @Test("a request is OTLP's: resource, scope, spans, whatever the service is called")
    func request() {
        var tracing = Tracing()
        tracing.serviceName = "shop \"1\"\\"
        var queue = SpanQueue()
        for text in ["{\"name\":\"a\"},{\"name\":\"b\"}", "{\"name\":\"c\"}"] {
            queue.add(SpanBatch(tracing: tracing, spans: Array(text.utf8), count: 1), now: 0)
        }
        queue.isEnding = true
        guard case .send(let delivery) = queue.next(now: 0) else {
            Issue.record("nothing is sent")
            return
        }
        let body = CollectorRequest(delivery, instance: "pod-0").body
        let text = String(decoding: body, as: UTF8.self)
        let service = #"{"key":"service.name","value":{"stringValue":"shop \"1\"\\"}}"#
        let instance = #"{"key":"service.instance.id","value":{"stringValue":"pod-0"}}"#
        #expect(text.hasPrefix(#"{"resourceSpans":[{"resource":{"attributes":[\#(service),"#))
        #expect(text.contains(instance))
        #expect(
            text.hasSuffix(
                #"},"scopeSpans":[{"scope":{"name":"sluice","version":"\#(Version.number)"},"#
                    + #""spans":[{"name":"a"},{"name":"b"},{"name":"c"}]}]}]}"#))
    }
}
