import Basics

/// LDAP: an anonymous bind of version 3 that must succeed (RFC 4511 4.2).
///
/// ```
///   30 length  02 01 01   61 length  0A 01 code …
///   message    its number bind       the result
/// ```
final class LDAPDialogue: CheckDialogue {
    private static let request: [UInt8] = [
        0x30, 0x0C, 0x02, 0x01, 0x01, 0x60, 0x07, 0x02, 0x01, 0x03, 0x04, 0x00, 0x80, 0x00,
    ]

    var timeout: CheckResult { CheckResult(.answerTimeout) }

    func begin() -> CheckStep { .send(LDAPDialogue.request) }

    func read(_ input: inout CheckInput) -> CheckStep {
        var cursor = Cursor(bytes: input.rest)
        switch cursor.resultCode() {
        case .found(0): return .end(CheckResult(.passed))
        case .found(let code):
            let reference = "See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9"
            return .end(CheckResult(.wrongStatus, code: Int(code), info: reference))
        case .other: return .end(LDAPDialogue.stranger)
        case .incomplete: return input.isLast ? .end(LDAPDialogue.stranger) : .wait
        }
    }

    private static var stranger: CheckResult { CheckResult(.badAnswer, info: "Not LDAPv3 protocol") }

    /// A place in an answer.
    private struct Cursor {
        let bytes: ByteView
        var at = 0

        enum Outcome {
            case found(UInt8)
            case incomplete
            case other
        }

        mutating func resultCode() -> Outcome {
            guard let isMessage = takes([0x30]), isMessage else { return missed }
            guard skipLength() else { return missed }
            guard let isAnswer = takes([0x02, 0x01, 0x01, 0x61]), isAnswer else { return missed }
            guard skipLength() else { return missed }
            guard let isResult = takes([0x0A, 0x01]), isResult else { return missed }
            guard at < bytes.count else { return .incomplete }
            return .found(bytes[at])
        }

        private var isShort = false
        private var missed: Outcome { isShort ? .incomplete : .other }

        init(bytes: ByteView) { self.bytes = bytes }

        /// Nil if there is not enough to say.
        private mutating func takes(_ wanted: [UInt8]) -> Bool? {
            for byte in wanted {
                guard at < bytes.count else {
                    isShort = true
                    return nil
                }
                guard bytes[at] == byte else { return false }
                at += 1
            }
            return true
        }

        /// A length of one byte, or how many bytes it takes: four at most.
        private mutating func skipLength() -> Bool {
            guard at < bytes.count else {
                isShort = true
                return false
            }
            let first = bytes[at]
            guard first < 0x80 || (0x81...0x84).contains(first) else { return false }
            at += first < 0x80 ? 1 : 1 + Int(first & 0x7F)
            return true
        }
    }
}
