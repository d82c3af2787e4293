import Basics
import Model
import Wire

/// HAProxy's `tcp-check`: bytes sent and bytes expected, step after step.
///
/// What a server says is looked at by every expectation up to the next step that sends something: that begins anew.
final class ScriptDialogue: CheckDialogue {
    private let steps: [TCPCheckStep]
    private let patterns: [RegularExpression?]
    private let scene: CheckScene
    private let isEncrypted: Bool
    private var at = 0
    /// The step under way, or the last one that was; steps about variables and comments do not count.
    private var current: Int?

    /// A pattern that is none matches nothing; whoever made the script reports it.
    init(_ steps: [TCPCheckStep], scene: CheckScene = CheckScene(), isEncrypted: Bool = false) {
        self.steps = steps
        self.scene = scene
        self.isEncrypted = isEncrypted
        patterns = steps.map { step in
            guard case .expect(let wanted) = step else { return nil }
            switch wanted.kind {
            case .pattern(let text), .hexadecimalPattern(let text): return RegularExpression(text)
            case .bytes, .format: return nil
            }
        }
    }

    /// What time ran out in.
    var timeout: CheckResult {
        guard let current, case .expect(let wanted) = steps[current] else {
            return CheckResult(.answerTimeout, info: place)
        }
        return CheckResult(
            wanted.wording.timeout.map { CheckStatus($0) } ?? .answerTimeout,
            code: wanted.wording.code.flatMap { scene.number($0) } ?? 0, info: place)
    }

    var place: String {
        guard let current = current ?? firstConnection else {
            return " at initial connection step of tcp-check"
        }
        let place = " at step \(current + 1) of tcp-check"
        switch steps[current] {
        case .expect(let wanted):
            let comment = wanted.wording.comment
            return place + " (expect \(wanted.sought))" + (comment.isEmpty ? "" : " comment: '\(comment)'")
        case .send, .sendFormat: return place + " (send)"
        case .connect: return place + " (connect)"
        case .change, .comment: return place
        }
    }

    private var firstConnection: Int? { steps.firstIndex { $0 == .connect } }

    func begin() -> CheckStep { advance(.empty) }

    /// Goes on to the next expectation, and ends if there is none.
    private func advance(_ received: ByteView) -> CheckStep {
        var bytes: [UInt8] = []
        while at < steps.count {
            switch steps[at] {
            case .connect: current = at
            case .send(let next):
                current = at
                bytes += next
            case .sendFormat(let format, let isHexadecimal):
                current = at
                guard let next = text(format, isHexadecimal, received) else {
                    let words = "TCPCHK failed to build log-format string at step \(at + 1)"
                    return .end(CheckResult(.badAnswer, info: words))
                }
                bytes += next
            case .change(let change): scene.change(change, received)
            case .comment: break
            case .expect:
                current = at
                return CheckStep(bytes: bytes)
            }
            at += 1
        }
        return CheckStep(bytes: bytes, result: success(received))
    }

    private func success(_ received: ByteView) -> CheckResult {
        let connected: CheckStatus = isEncrypted ? .handshakeDone : .connected
        guard let current else { return CheckResult(connected) }
        switch steps[current] {
        case .connect: return CheckResult(connected, info: "(tcp-check)")
        case .expect(let wanted): return wanted.wording.success("(tcp-check)", scene, received)
        case .send, .sendFormat, .change, .comment: return CheckResult(.passed, info: "(tcp-check)")
        }
    }

    func read(_ input: inout CheckInput) -> CheckStep {
        let received = input.rest
        guard !received.isEmpty || input.isLast else { return .wait }
        while at < steps.count, case .expect(let wanted) = steps[at] {
            current = at
            switch judge(wanted, received, isLast: input.isLast) {
            case nil:
                at = firstOfChain
                return .wait
            case false?: return .end(failure(of: wanted, received))
            case true?: at += 1
            }
            let next = advance(received)
            guard next == .wait else {
                input.taken = input.bytes.count
                return next
            }
        }
        return .wait
    }

    /// Whether what came is what is wanted; nil if that can not be said yet.
    private func judge(_ wanted: TCPExpectation, _ received: ByteView, isLast: Bool) -> Bool? {
        if !isLast, let least = wanted.atLeast, least > received.count { return nil }
        var isFound = false
        switch wanted.kind {
        case .bytes(let bytes):
            guard isLast || received.count >= bytes.count else { return nil }
            isFound = bytes.withView { received.contains($0) }
        case .format(let format, let isHexadecimal):
            guard let bytes = text(format, isHexadecimal, received), !bytes.isEmpty else { return false }
            guard isLast || received.count >= bytes.count else { return nil }
            isFound = bytes.withView { received.contains($0) }
        case .pattern: isFound = patterns[at]?.matches(received) ?? false
        case .hexadecimalPattern:
            let digits = String(hexadecimal: received)
            isFound = digits.withView { patterns[at]?.matches($0) ?? false }
        }
        // What is not there yet may still come, unless it was said when it must be there.
        if !isFound, !isLast, wanted.atLeast == nil { return nil }
        return isFound != wanted.isNegated
    }

    /// What must not come is looked for again with all that is waited for behind it.
    private var firstOfChain: Int {
        var (first, i) = (at, at)
        while i > 0 {
            i -= 1
            switch steps[i] {
            case .expect(let wanted): if wanted.isNegated { first = i }
            case .change, .comment: continue
            case .connect, .send, .sendFormat: return first
            }
        }
        return first
    }

    private func failure(of wanted: TCPExpectation, _ received: ByteView) -> CheckResult {
        var reason: String?
        if case .format(let format, let isHexadecimal) = wanted.kind {
            let bytes = text(format, isHexadecimal, received)
            if bytes == nil {
                reason = "Failed to parse hexastring resulting of eval of a log-format string"
            } else if bytes?.isEmpty == true {
                reason = "log-format string evaluated to an empty string"
            }
        }
        let verb = wanted.isNegated ? "matched unwanted content" : "did not match content"
        let words =
            received.isEmpty
            ? "TCPCHK got an empty response at step \(at + 1)"
            : "TCPCHK \(verb) \(wanted.unmatched) at step \(at + 1)"
        return wanted.wording.failure(.badAnswer, words, reason: reason, scene, received)
    }

    /// What a format gives; nil if it is to be hexadecimal and is not.
    private func text(_ format: FormatString, _ isHexadecimal: Bool, _ received: ByteView) -> [UInt8]? {
        let text = scene.text(format, received)
        guard isHexadecimal else { return text }
        return [UInt8](hexadecimal: text)
    }
}

extension TCPExpectation {
    /// As time-outs call it.
    fileprivate var sought: String {
        switch kind {
        case .bytes where isHexadecimal: "binary '\(text)'"
        case .bytes: "string '\(text)'"
        case .pattern: "regex"
        case .hexadecimalPattern: "binary regex"
        case .format(_, isHexadecimal: false): "log-format string"
        case .format(_, isHexadecimal: true): "log-format binary"
        }
    }

    /// As failures call it.
    fileprivate var unmatched: String {
        switch kind {
        case .bytes where isHexadecimal: "(binary)"
        case .bytes: "'\(text)'"
        case .pattern: "(regex)"
        case .hexadecimalPattern: "(binary regex)"
        case .format(_, isHexadecimal: false): "(log-format string)"
        case .format(_, isHexadecimal: true): "(log-format binary)"
        }
    }
}

extension [UInt8] {
    /// The bytes that pairs of hexadecimal digits stand for; nil if they are none.
    init?(hexadecimal digits: [UInt8]) {
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for at in stride(from: 0, to: digits.count, by: 2) {
            let values = digits[at...at + 1].map { Character(UnicodeScalar($0)).hexDigitValue }
            guard let high = values[0], let low = values[1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        self = bytes
    }
}

extension String {
    /// Bytes as HAProxy writes them in hexadecimal: in upper case.
    fileprivate init(hexadecimal bytes: ByteView) {
        let digits = Array("0123456789ABCDEF".utf8)
        self = String(
            decoding: bytes.bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
