import Basics
import Model
import Testing

@testable import Engine

@Suite("Health: rules of checks, in order")
struct CheckRulesTests {
    private func text(_ text: String) -> FormatString { FormatString([.text(Array(text.utf8))]) }
    private func sample(_ fetch: Fetch) throws -> FormatString {
        FormatString([.sample(try Expression(fetch), [])])
    }
    private let name = Variable(.check, "a")
    private var value: Fetch { .variable(name, else: nil) }

    private func expectation(
        _ kind: TCPExpectation.Kind, isNegated: Bool = false, atLeast: Int? = nil,
        _ change: (inout CheckWording) -> Void = { _ in }
    ) -> TCPCheckStep {
        var expectation = TCPExpectation(kind, text: "T", isNegated: isNegated, atLeast: atLeast)
        change(&expectation.wording)
        return .expect(expectation)
    }

    private func bytes(_ text: String) -> TCPExpectation.Kind { .bytes(Array(text.utf8)) }

    private func run(_ steps: [TCPCheckStep], _ pieces: String..., closes: Bool = false) -> DialogueRun {
        let scene = CheckScene(.init(backend: "be", server: "s1"))
        return DialogueRun(ScriptDialogue(steps, scene: scene), pieces.map { Array($0.utf8) }, closes: closes)
    }

    // MARK: Over TCP

    @Test("what came is looked at by all expectations up to the next that is sent")
    func sameBytes() {
        let both = [expectation(bytes("one")), expectation(bytes("two"))]
        #expect(run(both, "two one").result?.status == .passed)
        let apart = [expectation(bytes("one")), .send([65]), expectation(bytes("two"))]
        #expect(run(apart, "two one").result == nil)
        #expect(run(apart, "two one", "two").result?.status == .passed)
    }

    @Test("what must not come is looked for again while others wait")
    func chain() {
        let script = [
            expectation(bytes("ERR"), isNegated: true, atLeast: 0), .comment("x"),
            expectation(bytes("READY")),
        ]
        #expect(run(script, "+OK READY").result?.status == .passed)
        let late = run(script, "+OK", " -ERR READY").result
        #expect(late?.info == "TCPCHK matched unwanted content 'T' at step 1")
    }

    @Test("formats are sent as they are when their turn comes")
    func sentFormats() throws {
        let script: [TCPCheckStep] = [
            .change(.set(name, [], try Expression(.string(Array("4142".utf8))))),
            .sendFormat(try sample(value), isHexadecimal: false),
            .sendFormat(try sample(value), isHexadecimal: true), .change(.unset(name)),
            .sendFormat(try sample(value), isHexadecimal: false),
        ]
        let result = run(script)
        #expect(result.sentText == "4142AB")
        #expect(result.result == CheckResult(.passed, info: "(tcp-check)"))
    }

    @Test("hexadecimal that is none fails", arguments: ["4", "4g", "+1", " 1"])
    func badHexadecimal(digits: String) {
        #expect(
            run([.comment("x"), .sendFormat(text(digits), isHexadecimal: true)]).result
                == CheckResult(.badAnswer, info: "TCPCHK failed to build log-format string at step 2"))
        #expect(
            run([expectation(.format(text(digits), isHexadecimal: true))], "x").result
                == CheckResult(
                    .badAnswer, info: "Failed to parse hexastring resulting of eval of a log-format string"))
    }

    @Test("formats and hexadecimal patterns are expected")
    func expectedFormats() throws {
        let named = [expectation(.format(try sample(.serverName), isHexadecimal: false))]
        #expect(run(named, "this is s1!").result?.status == .passed)
        #expect(
            run(named, "this is s2", closes: true).result?.info
                == "TCPCHK did not match content (log-format string) at step 1")
        #expect(
            run([expectation(.format(text("0d0A"), isHexadecimal: true))], "a\r\n").result?.status == .passed)
        #expect(run([expectation(.hexadecimalPattern("^0A41"))], "\nAB").result?.status == .passed)
        #expect(
            run([expectation(.hexadecimalPattern("^0a"))], "\n", closes: true).result?.info
                == "TCPCHK did not match content (binary regex) at step 1")
        #expect(
            run([expectation(.format(text(""), isHexadecimal: false))], "x").result?.info
                == "log-format string evaluated to an empty string")
    }

    @Test("a variable keeps what came for what is sent then")
    func echoed() throws {
        let script: [TCPCheckStep] = [
            expectation(bytes("salt")),
            .change(.set(name, [], try Expression(.answerPayload(.bytes(offset: 5, count: 3))))),
            .sendFormat(try sample(value), isHexadecimal: false),
        ]
        #expect(run(script, "salt:abc").sentText == "abc")
    }

    @Test("results in the configuration's words")
    func wording() throws {
        let size = try Expression(.answerPayload(.length))
        let said = try sample(.answerPayload(.bytes(offset: 0, count: 0)))
        let good = expectation(bytes("+")) { wording in
            (wording.success, wording.successText, wording.code) = (.passedConditionally, said, size)
        }
        #expect(run([good], "+OK").result == CheckResult(.passedConditionally, code: 3, info: "+OK"))
        let bad = expectation(bytes("+"), atLeast: 0) { wording in
            (wording.failure, wording.failureText, wording.comment) = (.wrongStatus, said, "why")
            wording.code = size
        }
        #expect(run([bad], "-ERR").result == CheckResult(.wrongStatus, code: 4, info: "-ERR comment: why"))
        let plain = expectation(bytes("+"), atLeast: 0) { $0.comment = "why" }
        #expect(
            run([plain], "-ERR").result?.info == "TCPCHK did not match content 'T' at step 1 comment: why")
    }

    @Test("only the last expectation's words tell of success")
    func lastWords() {
        let first = expectation(bytes("a")) { $0.success = .connected }
        #expect(run([first, expectation(bytes("b"))], "ab").result?.status == .passed)
        #expect(run([expectation(bytes("b")), first], "ab").result?.status == .connected)
    }

    @Test("time runs out in a step, which is told")
    func timeouts() throws {
        let waiting = expectation(bytes("x")) { ($0.timeout, $0.comment) = (.connectTimeout, "c") }
        let dialogue = ScriptDialogue([.send([65]), waiting])
        #expect(dialogue.place == " at initial connection step of tcp-check")
        #expect(dialogue.begin().bytes == [65])
        var input = CheckInput(.empty, isLast: false)
        #expect(dialogue.read(&input) == .wait)
        #expect(dialogue.timeout.status == .connectTimeout)
        Array("y".utf8).withView { view in
            var input = CheckInput(view, isLast: false)
            #expect(dialogue.read(&input) == .wait)
        }
        #expect(
            dialogue.timeout
                == CheckResult(
                    .connectTimeout, info: " at step 2 of tcp-check (expect string 'T') comment: 'c'"))
        #expect(ScriptDialogue([.connect]).place == " at step 1 of tcp-check (connect)")
    }

    @Test("an end without a byte is an answer, too")
    func silence() {
        #expect(
            run([expectation(bytes("x"), isNegated: true)], closes: true).result?.status == .passed)
        #expect(
            run([.send([1]), expectation(.pattern("x"))], closes: true).result?.info
                == "TCPCHK got an empty response at step 2")
    }

    // MARK: Over HTTP

    private func judge(_ probe: HTTPProbe, _ answer: String, isUp: Bool = true) -> DialogueRun {
        let scene = CheckScene(.init(backend: "be", server: "s1", state: "UP 1/3", isServerUp: isUp))
        return DialogueRun(HTTPDialogue(probe, scene: scene), answer)
    }

    private func answer(_ status: String, _ fields: String = "", body: String = "") -> String {
        "HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test("a request is written with what variables hold")
    func request() throws {
        var probe = HTTPProbe(method: "POST", uri: "/never", version: "HTTP/1.1")
        probe.preparations = [.set(name, [], try Expression(.string(Array("v".utf8))))]
        probe.uriFormat = FormatString([.text([47]), .sample(try Expression(value), [])])
        probe.bodyFormat = try sample(.serverName)
        probe.fields = [
            .init("Host", "a"), .init("X-S", "", format: try sample(.serverName)),
            .init("X-None", "", format: try sample(.variable(Variable(.check, "none"), else: nil))),
        ]
        probe.sendsState = true
        #expect(
            judge(probe, "").sentText
                == "POST /v HTTP/1.1\r\nhost: a\r\nx-s: s1\r\nx-haproxy-server-state: UP 1/3\r\n"
                + "content-length: 2\r\nconnection: close\r\n\r\ns1")
    }

    @Test("formats add no lines to a request, and an empty one is the root")
    func controls() throws {
        var probe = HTTPProbe(method: "GET")
        probe.uriFormat = try sample(.string([]))
        probe.fields = [.init("X", "", format: text("a\r\nEvil: b\0c"))]
        #expect(judge(probe, "").sentText == "GET / HTTP/1.0\r\nx: aEvil: bc\r\n\r\n")
    }

    private func field(
        _ name: CheckMatch, _ value: CheckMatch? = nil, isWhole: Bool = false, isNegated: Bool = false
    ) -> HTTPProbe {
        var probe = HTTPProbe()
        let field = FieldExpectation(name, value: value, isWhole: isWhole)
        probe.steps = [.expect(HTTPExpectation(.field(field), isNegated: isNegated))]
        return probe
    }

    private static let fieldCases: [(CheckMatch, CheckMatch?, Bool, Bool)] = [
        (CheckMatch(.whole, "x-one"), nil, false, true), (CheckMatch(.whole, "X-ONE"), nil, false, true),
        (CheckMatch(.whole, "x-none"), nil, false, false), (CheckMatch(.beginning, "X-O"), nil, false, true),
        (CheckMatch(.end, "-ONE"), nil, false, true), (CheckMatch(.part, "-o"), nil, false, true),
        (CheckMatch(.pattern, "^[Xx]-o"), nil, false, true), (CheckMatch(.pattern, "^o"), nil, false, false),
        (CheckMatch(.whole, "x-one"), CheckMatch(.whole, "b"), false, true),
        (CheckMatch(.whole, "x-one"), CheckMatch(.whole, "B"), false, false),
        (CheckMatch(.whole, "x-one"), CheckMatch(.whole, "b"), true, false),
        (CheckMatch(.whole, "x-one"), CheckMatch(.whole, "a, b"), true, true),
        (CheckMatch(.whole, "x-one"), CheckMatch(.whole, "c"), false, true),
        (CheckMatch(.whole, "x-one"), CheckMatch(.beginning, "a"), true, true),
        (CheckMatch(.whole, "x-one"), CheckMatch(.end, "b"), true, true),
        (CheckMatch(.whole, "x-one"), CheckMatch(.part, ", "), true, true),
        (CheckMatch(.whole, "x-one"), CheckMatch(.part, ", "), false, false),
        (CheckMatch(.whole, "x-one"), CheckMatch(.pattern, "^[ab]$"), false, true),
        (CheckMatch(.beginning, "x-"), CheckMatch(.whole, "d"), false, true),
    ]

    @Test("fields by name and value", arguments: fieldCases.indices)
    func fields(index: Int) {
        let (name, value, isWhole, isThere) = Self.fieldCases[index]
        let came = answer("200 Fine", "X-One: a, b\r\nX-Two: d\r\nX-One: c\r\n")
        for isNegated in [false, true] {
            let result = judge(field(name, value, isWhole: isWhole, isNegated: isNegated), came).result
            let expected =
                isThere != isNegated
                ? CheckResult(.passed, code: 200) : CheckResult(.wrongStatus, code: 200, info: "Fine")
            #expect(result == expected, "\(name) \(String(describing: value))")
        }
    }

    @Test("names and values by formats; an empty one fails")
    func fieldFormats() throws {
        let came = answer("200 Fine", "S1: be\r\n")
        let (server, backend) = (try sample(.serverName), try sample(.backendName))
        let both = field(CheckMatch(.whole, "", format: server), CheckMatch(.whole, "", format: backend))
        #expect(judge(both, came).result?.status == .passed)
        let none = field(CheckMatch(.whole, "", format: try sample(value)))
        #expect(
            judge(none, came).result
                == CheckResult(.badAnswer, code: 200, info: "log-format string evaluated to an empty string"))
    }

    @Test("what an answer says is kept for what is expected then")
    func kept() throws {
        var probe = HTTPProbe()
        let change = HTTPCheckStep.change(.set(name, [], try Expression(.answerField(FieldPick("x-token")))))
        let wanted = HTTPCheckStep.expect(HTTPExpectation(.format(try sample(value))))
        probe.steps = [.expect(HTTPExpectation(.statusPattern("."))), change, wanted]
        #expect(
            judge(probe, answer("500 No", "X-Token: abc\r\n", body: "say abc!")).result?.status == .passed)
        #expect(
            judge(probe, answer("500 No", "X-Token: abc\r\n", body: "say ab")).result?.status == .badAnswer)
        // There is no answer yet.
        probe.steps = [change, wanted]
        #expect(
            judge(probe, answer("500 No", "X-Token: abc\r\n", body: "say abc!")).result?.info
                == "log-format string evaluated to an empty string")
    }

    @Test("the words of an expectation")
    func httpWording() throws {
        var wanted = HTTPExpectation(.status([200...200]))
        wanted.wording.failureText = FormatString([
            .text(Array("got ".utf8)), .sample(try Expression(.status), []),
        ])
        (wanted.wording.failure, wanted.wording.success) = (.passedConditionally, .connected)
        wanted.wording.successText = text("well")
        var probe = HTTPProbe()
        probe.steps = [.expect(wanted)]
        #expect(judge(probe, answer("200 OK")).result == CheckResult(.connected, code: 200, info: "well"))
        #expect(
            judge(probe, answer("503 No")).result
                == CheckResult(.passedConditionally, code: 503, info: "got 503"))
        wanted.wording.timeout = .handshakeTimeout
        probe.steps = [.expect(wanted)]
        #expect(HTTPDialogue(probe).timeout == CheckResult(.handshakeTimeout))
    }

    @Test("404 takes nobody up that is down")
    func drains() {
        var probe = HTTPProbe()
        probe.drainsOn404 = true
        #expect(judge(probe, answer("404 No")).result?.status == .passedConditionally)
        #expect(judge(probe, answer("404 No"), isUp: false).result?.status == .wrongStatus)
    }

    @Test("a server's state in HAProxy's words")
    func states() {
        func word(_ failures: Int, _ successes: Int, isUp: Bool = true, isDraining: Bool = false) -> String {
            var state = HealthState(rise: 2, fall: 3, isUp: isUp)
            for _ in 0..<successes { state.succeed() }
            for _ in 0..<failures { state.fail() }
            return HealthWord(state, isDraining: isDraining).text
        }
        #expect(word(0, 1) == "UP" && word(1, 1) == "UP 2/3" && word(0, 0) == "UP 1/3")
        #expect(word(0, 0, isUp: false) == "DOWN" && word(0, 1, isUp: false) == "DOWN 1/2")
        #expect(word(0, 1, isDraining: true) == "NOLB" && word(1, 1, isDraining: true) == "NOLB 2/3")
    }
}
