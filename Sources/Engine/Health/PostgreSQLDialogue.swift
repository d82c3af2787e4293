import Basics

/// PostgreSQL: a startup message that is answered with a question for a password, or none.
final class PostgreSQLDialogue: CheckDialogue {
    private let user: String

    init(user: String) { self.user = user }

    var timeout: CheckResult { CheckResult(.answerTimeout) }

    func begin() -> CheckStep {
        let payload: [UInt8] = [0, 3, 0, 0] + Array("user".utf8) + [0] + Array(user.utf8) + [0, 0]
        let count = UInt32(clamping: payload.count + 4)
        return .send((0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * UInt32($0))) } + payload)
    }

    func read(_ input: inout CheckInput) -> CheckStep {
        let rest = input.rest
        guard rest.count >= 9 else {
            return input.isLast ? .end(CheckResult(.badAnswer, info: "no answer")) : .wait
        }
        let count = rest[1..<5].reversedNumber
        switch rest[0] {
        case UInt8(ascii: "R") where count >= 8 && count < 10_000:
            return .end(CheckResult(.passed, info: "PostgreSQL server is ok"))
        case UInt8(ascii: "E") where count >= 5 && count < 10_000:
            // All of the message, for its words.
            guard rest.count > count || input.isLast else { return .wait }
            return .end(CheckResult(.badAnswer, info: words(rest[5..<min(rest.count, count + 1)])))
        default: return .end(CheckResult(.wrongStatus, info: "PostgreSQL unknown error"))
        }
    }

    /// Severity and message of an error: fields are a letter and a text that ends with NUL.
    private func words(_ fields: ByteView) -> String {
        var at = 0
        var found: [String] = []
        while at < fields.count, fields[at] != 0 {
            let end = fields.firstIndex(of: 0, from: at + 1) ?? fields.count
            if fields[at] == UInt8(ascii: "S") || fields[at] == UInt8(ascii: "M") {
                found.append(fields[at + 1..<end].string)
            }
            at = end + 1
        }
        return found.joined(separator: ": ")
    }
}

extension ByteView {
    /// The bytes as a number, the highest first; of eight at most.
    var reversedNumber: Int {
        var value = 0
        for i in 0..<Swift.min(count, 7) { value = value << 8 | Int(self[i]) }
        return value
    }
}
