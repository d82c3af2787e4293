import Basics
import Testing

@testable import Engine

@Suite("Health: agents")
struct AgentReplyTests {
    private func reply(_ text: String) -> AgentReply { text.withView { AgentReply($0) } }

    @Test(
        "words about up and down, whatever their case",
        arguments: [
            ("up", true), ("UP", true), ("down", false), ("Fail", false), ("stopped", false), ("", nil),
            ("ready", nil),
            ("up down", false), ("down up", true), ("uptime", nil), ("50%", nil),
        ] as [(String, Bool?)])
    func health(text: String, isUp: Bool?) {
        #expect(reply(text).isUp == isUp)
    }

    @Test("what is said is told in HAProxy's words")
    func words() {
        #expect(reply("up").result == CheckResult(.passed, info: "via agent : up"))
        #expect(
            reply("down #going away").result
                == CheckResult(.wrongStatus, info: "via agent : down (going away)"))
        #expect(
            reply("stopped # why \"x\"").result.info == "via agent : stopped (why <22>x<22>)")
        #expect(reply("50%").result == CheckResult(.unchanged))
        #expect(reply("nonsense up").result == CheckResult(.passed, info: "via agent : up"))
        #expect(reply("nonsense").result.info == "via agent : unknown word nonsense")
    }

    @Test(
        "orders, weights and limits beside each other, by blanks and commas",
        arguments: [
            ("75% maxconn:30 ready up", AgentReply.Order.ready, AgentWeight.percent(75), 30),
            ("drain,10%", .drain, .percent(10), nil), ("maint", .maintenance, nil, nil),
            ("\tweight:7  ", nil, .absolute(7), nil),
            ("MAXCONN:0", nil, nil, 0), ("10% 20%", nil, .percent(20), nil),
            ("ready drain", .drain, nil, nil),
            ("0%", nil, .percent(0), nil), (",,, ,", nil, nil, nil),
        ] as [(String, AgentReply.Order?, AgentWeight?, Int?)])
    func orders(text: String, order: AgentReply.Order?, weight: AgentWeight?, maxConnections: Int?) {
        let reply = reply(text)
        #expect(reply.order == order)
        #expect(reply.weight == weight)
        #expect(reply.maxConnections == maxConnections)
    }

    @Test(
        "numbers that are none, or too large, mean nothing",
        arguments: [
            "%", "-1%", "1.5%", "99999999999999999999%", "25601%", "maxconn:", "maxconn:-1",
            "maxconn:99999999999",
            "weight:257", "weight:", "maxconn", "5", "\u{E9}%",
        ])
    func nonsense(text: String) {
        let reply = reply(text)
        #expect(reply.weight == nil && reply.maxConnections == nil && reply.isUp == nil && reply.order == nil)
        #expect(reply.unknown != nil)
    }

    @Test("weights are of the configured one, and at most 256")
    func weights() {
        #expect(AgentWeight.percent(50).weight(of: 10) == 5)
        #expect(AgentWeight.percent(50).weight(of: 1) == 0)
        #expect(AgentWeight.percent(25_600).weight(of: 256) == 256)
        #expect(AgentWeight.percent(100).weight(of: .max) == 256)
        #expect(AgentWeight.percent(.max / 256).weight(of: -1) == 0)
        #expect(AgentWeight.absolute(12).weight(of: 1) == 12)
        #expect(AgentWeight.absolute(-5).weight(of: 1) == 0)
    }

    @Test("the first line counts, and a line without end at the end")
    func dialogue() {
        let dialogue = AgentDialogue(greeting: "hello\n")
        let run = DialogueRun(dialogue, "down\nup\n")
        #expect(run.sentText == "hello\n")
        #expect(run.result?.status == .wrongStatus)
        #expect(dialogue.reply?.isUp == false)
        #expect(DialogueRun(AgentDialogue(greeting: ""), "up").result == nil)
        #expect(DialogueRun(AgentDialogue(greeting: ""), "up", closes: true).result?.status == .passed)
        #expect(DialogueRun(AgentDialogue(greeting: ""), "", closes: true).result?.status == .unchanged)
    }

    @Test("noise says nothing and never traps", arguments: 1..<40)
    func garbage(seed: Int) {
        let dialogue = AgentDialogue(greeting: "")
        let result = DialogueRun(dialogue, [noise(400, seed: UInt64(seed))], closes: true).result
        #expect(result?.status == .unchanged)
        #expect((result?.info.count ?? 0) <= 128)
    }
}
