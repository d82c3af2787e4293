import Basics
import Model

/// MySQL and MariaDB: their greeting, and for a user a login without password.
final class MySQLDialogue: CheckDialogue {
    private let login: MySQLLogin?
    private var hasGreeting = false

    init(_ login: MySQLLogin?) { self.login = login }

    var timeout: CheckResult { CheckResult(.answerTimeout) }

    /// HAProxy's packets, byte for byte: a login that needs no greeting, and a good-bye.
    func begin() -> CheckStep {
        guard let login else { return .wait }
        let user = Array(login.user.utf8) + [0]
        let fixed: [UInt8] =
            login.isBefore41
            ? [0x00, 0x80, 0x00, 0x00, 0x01]
            : [0x00, 0x82, 0x00, 0x00, 0x00, 0x80, 0x00, 0x01, 0x21] + [UInt8](repeating: 0, count: 23)
        let payload = fixed + user + [0]
        return .send(MySQLDialogue.packet(payload, number: 1) + MySQLDialogue.packet([1], number: 0))
    }

    private static func packet(_ payload: [UInt8], number: UInt8) -> [UInt8] {
        let count = payload.count
        return [UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8), 0, number] + payload
    }

    func read(_ input: inout CheckInput) -> CheckStep {
        while true {
            let rest = input.rest
            guard rest.count >= 5 else { return unfinished(input) }
            let count = Int(rest[0]) | Int(rest[1]) << 8 | Int(rest[2]) << 16
            guard count > 0, count <= CheckInput.limit - 4 else { return .end(invalid) }
            guard rest.count >= 4 + count else { return unfinished(input) }
            let payload = rest[4..<4 + count]
            if payload[0] == 0xFF { return .end(refusal(payload)) }
            guard hasGreeting || payload[0] == 10 || payload[0] == 9 else { return .end(invalid) }
            input.taken += 4 + count
            if hasGreeting || login == nil {
                return .end(CheckResult(.passed, info: "MySQL server is ok"))
            }
            hasGreeting = true
        }
    }

    private var invalid: CheckResult { CheckResult(.badAnswer, info: "invalid MySQL packet") }

    private func unfinished(_ input: CheckInput) -> CheckStep { input.isLast ? .end(invalid) : .wait }

    /// A number, a state of six characters if there is one, and the server's words.
    private func refusal(_ payload: ByteView) -> CheckResult {
        guard payload.count >= 3 else { return CheckResult(.wrongStatus, info: "refused") }
        let number = Int(payload[1]) | Int(payload[2]) << 8
        let hasState = payload.count >= 9 && payload[3] == UInt8(ascii: "#")
        return CheckResult(
            .wrongStatus, code: number, info: payload[(hasState ? 9 : 3)..<payload.count].string)
    }
}
