import Basics

/// Redis: a PING that is answered.
final class RedisDialogue: CheckDialogue {
    var timeout: CheckResult { CheckResult(.answerTimeout) }

    func begin() -> CheckStep { .send(Array("*1\r\n$4\r\nPING\r\n".utf8)) }

    func read(_ input: inout CheckInput) -> CheckStep {
        guard let line = input.line else {
            return input.isLast ? .end(CheckResult(.wrongStatus, info: "no answer")) : .wait
        }
        guard line.equals("+PONG") else { return .end(CheckResult(.wrongStatus, info: line.string)) }
        return .end(CheckResult(.passed, info: "Redis server is ok"))
    }
}

extension CheckInput {
    /// The first line without its end, if it has come whole.
    var line: ByteView? {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: taken) else { return nil }
        let isCRLF = end > taken && bytes[end - 1] == UInt8(ascii: "\r")
        return bytes[taken..<(isCRLF ? end - 1 : end)]
    }

    /// Takes the first line, its end included.
    mutating func takeLine() {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: taken) else { return }
        taken = end + 1
    }

    /// What has not been taken yet.
    var rest: ByteView { bytes[taken..<bytes.count] }
}
