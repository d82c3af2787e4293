import Basics

/// SMTP: a greeting of 2xx, and a HELO that is answered 2xx.
final class SMTPDialogue: CheckDialogue {
    private let hello: String
    private var hasGreeting = false

    init(hello: String) { self.hello = hello }

    var timeout: CheckResult { CheckResult(.answerTimeout) }

    func begin() -> CheckStep { .wait }

    func read(_ input: inout CheckInput) -> CheckStep {
        while let line = input.line {
            guard let reply = Reply(line) else { return .end(CheckResult(.badAnswer, info: line.string)) }
            guard reply.code / 100 == 2 else {
                return .end(CheckResult(.wrongStatus, code: reply.code, info: reply.text))
            }
            input.takeLine()
            if reply.isContinued { continue }
            guard hasGreeting else {
                hasGreeting = true
                return .send(Array("\(hello)\r\n".utf8))
            }
            return CheckStep(
                bytes: Array("QUIT\r\n".utf8),
                result: CheckResult(.passed, code: reply.code, info: reply.text))
        }
        return input.isLast ? .end(CheckResult(.badAnswer, info: "no answer")) : .wait
    }

    /// `250 text` or `250-text` (RFC 5321 4.2).
    private struct Reply {
        let code: Int
        let text: String
        let isContinued: Bool

        init?(_ line: ByteView) {
            guard line.count >= 3, let code = line[0..<3].decimal else { return nil }
            if line.count > 3, line[3] != UInt8(ascii: " "), line[3] != UInt8(ascii: "-") { return nil }
            self.code = Int(code)
            text = line.count > 4 ? line[4..<line.count].string : ""
            isContinued = line.count > 3 && line[3] == UInt8(ascii: "-")
        }
    }
}
