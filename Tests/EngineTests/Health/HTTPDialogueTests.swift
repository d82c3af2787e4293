import Model
import Testing

@testable import Engine

@Suite("Health: HTTP checks")
struct HTTPDialogueTests {
    private func answer(_ status: String, _ body: String = "", fields: String = "") -> String {
        "HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func probe(_ expectations: HTTPExpectation...) -> HTTPProbe {
        var probe = HTTPProbe()
        probe.steps = expectations.map { .expect($0) }
        return probe
    }

    private func run(_ probe: HTTPProbe, _ text: String, closes: Bool = false) -> CheckResult? {
        DialogueRun(HTTPDialogue(probe), text, closes: closes).result
    }

    @Test("the default request is HAProxy's")
    func defaultRequest() {
        #expect(DialogueRun(HTTPDialogue(HTTPProbe()), "").sentText == "OPTIONS / HTTP/1.0\r\n\r\n")
    }

    @Test("fields, body and version are sent as HAProxy sends them")
    func request() {
        var probe = HTTPProbe(method: "GET", uri: "/health", version: "HTTP/1.1")
        probe.fields = [.init("Host", "a.b")]
        probe.body = "hello"
        #expect(
            DialogueRun(HTTPDialogue(probe), "").sentText
                == "GET /health HTTP/1.1\r\nhost: a.b\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello")
    }

    @Test("without expectations 200-399 passes", arguments: [200, 204, 301, 399])
    func good(status: Int) {
        #expect(run(HTTPProbe(), answer("\(status) Some")) == CheckResult(.passed, code: status))
    }

    @Test("and everything else does not", arguments: [400, 404, 500, 503, 999])
    func bad(status: Int) {
        #expect(
            run(HTTPProbe(), answer("\(status) Some Words"))
                == CheckResult(.wrongStatus, code: status, info: "Some Words"))
    }

    @Test("an answer in single bytes is the same answer")
    func bytewise() {
        let bytes = Array(answer("200 OK", "hello").utf8)
        let wanted = probe(HTTPExpectation(.text("hello")))
        #expect(DialogueRun.bytewise(HTTPDialogue(wanted), bytes).result == CheckResult(.passed, code: 200))
    }

    @Test(
        "statuses by list and range, and none of them",
        arguments: [
            ([200...200], false, 200, true), ([200...200], false, 201, false),
            ([200...204, 401...401], false, 401, true),
            ([200...204], false, 205, false), ([200...200], true, 200, false), ([200...200], true, 500, true),
        ] as [([ClosedRange<UInt16>], Bool, Int, Bool)])
    func statuses(ranges: [ClosedRange<UInt16>], isNegated: Bool, status: Int, passes: Bool) {
        let result = run(
            probe(HTTPExpectation(.status(ranges), isNegated: isNegated)), answer("\(status) OK"))
        #expect(result?.status == (passes ? .passed : .wrongStatus))
        #expect(result?.code == status)
    }

    @Test("a text in the body, and its absence")
    func text() {
        let (some, none) = (HTTPExpectation(.text("hello")), HTTPExpectation(.text("hello"), isNegated: true))
        #expect(run(probe(some), answer("200 OK", "say hello!")) == CheckResult(.passed, code: 200))
        #expect(
            run(probe(some), answer("200 OK", "goodbye"))
                == CheckResult(.badAnswer, code: 200, info: "HTTP content check did not match"))
        #expect(
            run(probe(some), answer("200 OK"))
                == CheckResult(
                    .badAnswer, code: 200, info: "HTTP content check could not find a response body"))
        #expect(
            run(probe(none), answer("200 OK", "say hello!"))
                == CheckResult(.badAnswer, code: 200, info: "HTTP check matched unwanted content"))
        #expect(run(probe(none), answer("200 OK", "goodbye")) == CheckResult(.passed, code: 200))
    }

    @Test("patterns of status and body")
    func patterns() {
        let (status, body) = (HTTPExpectation(.statusPattern("^4")), HTTPExpectation(.pattern("he.o")))
        #expect(run(probe(status), answer("404 Not Found"))?.status == .passed)
        #expect(run(probe(status), answer("200 OK"))?.status == .wrongStatus)
        #expect(run(probe(body), answer("200 OK", "say helo"))?.status == .passed)
        #expect(run(probe(body), answer("200 OK", "hello"))?.status == .badAnswer)
        #expect(run(probe(HTTPExpectation(.pattern("("))), answer("200 OK", "x"))?.status == .badAnswer)
    }

    @Test("a status expectation beside a text: both must be true")
    func both() {
        let wanted = probe(HTTPExpectation(.status([200...200])), HTTPExpectation(.text("ok")))
        #expect(run(wanted, answer("200 OK", "ok"))?.status == .passed)
        #expect(run(wanted, answer("500 No", "ok"))?.status == .wrongStatus)
        #expect(run(wanted, answer("200 OK", "no"))?.status == .badAnswer)
    }

    @Test("a text alone accepts every status")
    func anyStatus() {
        #expect(run(probe(HTTPExpectation(.text("x"))), answer("500 No", "x"))?.status == .passed)
    }

    @Test("a text across chunks is found")
    func chunked() {
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
        #expect(run(probe(HTTPExpectation(.text("hello"))), text)?.status == .passed)
    }

    @Test("a body without length ends with the connection")
    func untilClose() {
        let wanted = probe(HTTPExpectation(.text("hello"), isNegated: true))
        let text = "HTTP/1.0 200 OK\r\n\r\nsomething"
        #expect(run(wanted, text) == nil)
        #expect(run(wanted, text, closes: true)?.status == .passed)
    }

    @Test("an interim answer is passed over")
    func interim() {
        #expect(run(HTTPProbe(), "HTTP/1.1 103 Early Hints\r\n\r\n" + answer("200 OK"))?.status == .passed)
    }

    @Test("404 drains where that is wanted, and is wrong elsewhere")
    func drains() {
        var drains = HTTPProbe()
        drains.drainsOn404 = true
        #expect(run(drains, answer("404 Not Found"))?.status == .passedConditionally)
        #expect(run(drains, answer("503 No"))?.status == .wrongStatus)
        #expect(run(HTTPProbe(), answer("404 Not Found"))?.status == .wrongStatus)
    }

    @Test("HEAD has no body whatever the answer's length says")
    func head() {
        let probe = HTTPProbe(method: "HEAD")
        #expect(run(probe, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")?.status == .passed)
    }

    @Test(
        "what is no answer is an invalid one",
        arguments: [
            "", "HTTP/1.1 200", "garbage\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/2 200\r\n\r\n",
            "\0\0\0\0",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n",
        ])
    func invalid(text: String) {
        #expect(run(HTTPProbe(), text, closes: true) == CheckResult(.badAnswer))
    }

    @Test("a bad chunk size is an invalid answer")
    func badChunk() {
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
        #expect(run(probe(HTTPExpectation(.text("x"))), text)?.status == .badAnswer)
    }

    @Test("a head without end is given up, a body without end judged by its beginning")
    func endless() {
        let head = "HTTP/1.1 200 OK\r\n" + String(repeating: "X-Y: 12345678\r\n", count: 3_000)
        #expect(run(HTTPProbe(), head)?.status == .badAnswer)
        let body = "HTTP/1.0 200 OK\r\n\r\n" + String(repeating: "0123456789", count: 10_000)
        #expect(run(probe(HTTPExpectation(.text("hello"))), body)?.status == .badAnswer)
        #expect(run(probe(HTTPExpectation(.text("hello"), isNegated: true)), body)?.status == .passed)
    }

    @Test("noise never passes and never traps", arguments: 0..<50)
    func garbage(seed: Int) {
        let bytes = noise(200, seed: UInt64(seed) &+ 1)
        let result = DialogueRun(HTTPDialogue(HTTPProbe()), [bytes], closes: true).result
        #expect(result?.status == .badAnswer)
    }
}
