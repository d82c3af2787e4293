import Basics

/// An agent's line: the first one, or what it says until it closes.
final class AgentDialogue: CheckDialogue {
    private let greeting: String
    /// What it has said.
    private(set) var reply: AgentReply?

    init(greeting: String) { self.greeting = greeting }

    var timeout: CheckResult { CheckResult(.answerTimeout) }

    func begin() -> CheckStep { .send(Array(greeting.utf8)) }

    func read(_ input: inout CheckInput) -> CheckStep {
        guard let line = input.line ?? (input.isLast ? input.rest : nil) else { return .wait }
        guard !line.isEmpty else { return .end(CheckResult(.unchanged, info: "the agent says nothing")) }
        let said = AgentReply(line)
        reply = said
        return .end(said.result)
    }
}
