import Testing

@testable import Kubernetes

@Suite("What answers to writes mean")
struct WriteOutcomeTests {
    private func outcome(_ status: Int, _ body: String = "", retryAfter: UInt64? = nil) -> WriteOutcome {
        WriteOutcome(.success(APIResponse(status: status, body: Array(body.utf8), retryAfter: retryAfter)))
    }

    @Test("a success carries the object", arguments: [200, 201])
    func done(status: Int) {
        #expect(outcome(status, "{}") == .done(Array("{}".utf8)))
    }

    @Test("each refusal is one of few things")
    func refusals() {
        #expect(outcome(409) == .conflict)
        #expect(outcome(404) == .missing)
        #expect(outcome(403, #"{"message":"no\nway"}"#) == .forbidden("no way"))
        #expect(outcome(403, "<html>") == .forbidden("status 403"))
        #expect(outcome(422, #"{"message":"bad"}"#) == .rejected("422 bad"))
        #expect(outcome(400) == .rejected("status 400"))
        #expect(outcome(415) == .rejected("status 415"))
    }

    @Test("what may succeed later says when", arguments: [401, 408, 429, 500, 503, 504])
    func later(status: Int) {
        #expect(outcome(status, retryAfter: 3) == .later("status \(status)", retryAfter: 3))
        #expect(
            outcome(status, #"{"details":{"retryAfterSeconds":4}}"#)
                == .later("status \(status)", retryAfter: 4))
        #expect(
            outcome(status, #"{"details":{"retryAfterSeconds":-4}}"#) == .later("status \(status)"))
    }

    @Test("the code inside the body does not overrule the head's")
    func lyingBody() {
        #expect(outcome(500, #"{"code":200,"message":"x"}"#) == .later("500 x"))
    }

    @Test("no answer may become one")
    func noAnswer() {
        guard case .later(let reason, nil) = WriteOutcome(.failure(.unreachable("reset"))) else {
            Issue.record("not later")
            return
        }
        #expect(reason.contains("reset"))
    }
}
