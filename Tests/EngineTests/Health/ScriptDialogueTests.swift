import Model
import Testing

@testable import Engine

@Suite("Health: TCP scripts and TLS")
struct ScriptDialogueTests {
    private func expect(_ text: String, isNegated: Bool = false, atLeast: Int? = nil) -> TCPCheckStep {
        .expect(TCPExpectation(.bytes(Array(text.utf8)), text: text, isNegated: isNegated, atLeast: atLeast))
    }

    private func pattern(_ text: String, isNegated: Bool = false, atLeast: Int? = nil) -> TCPCheckStep {
        .expect(TCPExpectation(.pattern(text), text: text, isNegated: isNegated, atLeast: atLeast))
    }

    private func send(_ text: String) -> TCPCheckStep { .send(Array(text.utf8)) }

    @Test("steps follow each other: what is sent waits for what is expected before it")
    func steps() {
        let script = [send("A"), send("B"), expect("one"), send("C"), expect("two")]
        let run = DialogueRun(ScriptDialogue(script), [Array("xoneyy".utf8), Array("two".utf8)])
        #expect(run.sentText == "ABC")
        #expect(run.result == CheckResult(.passed, info: "(tcp-check)"))
        #expect(DialogueRun(ScriptDialogue(script), "xon").sentText == "AB")
    }

    @Test("a script without expectations passes with what it does last")
    func empty() {
        #expect(DialogueRun(ScriptDialogue([]), "").result == CheckResult(.connected))
        let connected = DialogueRun(ScriptDialogue([.connect]), "")
        #expect(connected.result == CheckResult(.connected, info: "(tcp-check)"))
        #expect(
            DialogueRun(ScriptDialogue([], isEncrypted: true), "").result == CheckResult(.handshakeDone))
        let run = DialogueRun(ScriptDialogue([send("QUIT")]), "")
        #expect(run.result == CheckResult(.passed, info: "(tcp-check)"))
        #expect(run.sentText == "QUIT")
    }

    @Test("what is not there yet may come; at the end it did not match")
    func waits() {
        #expect(DialogueRun(ScriptDialogue([expect("PONG")]), "-ERR\r\n").result == nil)
        #expect(
            DialogueRun(ScriptDialogue([expect("PONG")]), "-ERR", closes: true).result
                == CheckResult(.badAnswer, info: "TCPCHK did not match content 'PONG' at step 1"))
        #expect(
            DialogueRun(ScriptDialogue([expect("PONG")]), "", closes: true).result
                == CheckResult(.badAnswer, info: "TCPCHK got an empty response at step 1"))
    }

    @Test("with min-recv so many bytes decide")
    func minimum() {
        let script = [expect("+PONG", atLeast: 5)]
        #expect(DialogueRun(ScriptDialogue(script), "-ERR").result == nil)
        #expect(DialogueRun(ScriptDialogue(script), "-ERR!").result?.status == .badAnswer)
        #expect(DialogueRun(ScriptDialogue(script), "+PONG").result?.status == .passed)
    }

    @Test("what must not come, and patterns")
    func negated() {
        let script = [expect("ERR", isNegated: true)]
        // It may come as long as the server speaks.
        #expect(DialogueRun(ScriptDialogue(script), "+OK").result == nil)
        #expect(DialogueRun(ScriptDialogue(script), "+OK", closes: true).result?.status == .passed)
        #expect(DialogueRun(ScriptDialogue(script), "-ERR").result?.status == .badAnswer)
        let conclusive = [expect("ERR", isNegated: true, atLeast: 0)]
        #expect(DialogueRun(ScriptDialogue(conclusive), "+OK").result?.status == .passed)
        #expect(DialogueRun(ScriptDialogue([pattern("^2[0-9]{2} ")]), "220 hi").result?.status == .passed)
        #expect(
            DialogueRun(ScriptDialogue([pattern("^2", isNegated: true)]), "220 hi").result?.status
                == .badAnswer)
    }

    @Test("a pattern that is none never passes")
    func noPattern() {
        #expect(DialogueRun(ScriptDialogue([pattern("(")]), "x", closes: true).result?.status == .badAnswer)
    }

    @Test("TLS is whoever answers with a record, an alert too")
    func tls() {
        let hello = DialogueRun(TLSDialogue(), [[0x16, 3, 3, 0, 2, 2, 0]])
        #expect(hello.result == CheckResult(.handshakeDone))
        #expect(hello.sent.prefix(3) == [0x16, 3, 1])
        #expect(Int(hello.sent[4]) == hello.sent.count - 5)
        #expect(Int(hello.sent[8]) == hello.sent.count - 9)
        #expect(DialogueRun.bytewise(TLSDialogue(), [0x15, 3, 3, 0, 2]).result?.status == .handshakeDone)
    }

    @Test(
        "all else is not",
        arguments: [
            [], [0x16], [0x16, 3, 3, 0], [0x16, 9, 9, 0, 0], [0x17, 3, 3, 0, 0],
            Array("HTTP/1.1 400\r\n".utf8),
        ]
            as [[UInt8]])
    func noTLS(bytes: [UInt8]) {
        #expect(DialogueRun(TLSDialogue(), [bytes], closes: true).result?.status == .handshakeFailed)
    }
}
