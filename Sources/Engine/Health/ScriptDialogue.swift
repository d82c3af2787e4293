import Basics
import Model
import Wire

/// HAProxy's `tcp-check`: bytes sent and bytes expected, step after step.
final class ScriptDialogue: CheckDialogue {
    private let steps: [TCPCheckStep]
    private let patterns: [RegularExpression?]
    private var at = 0

    /// A pattern that is none matches nothing; whoever made the script reports it.
    init(_ steps: [TCPCheckStep]) {
        self.steps = steps
        patterns = steps.map { step in
            guard case .expect(let wanted) = step, case .pattern(let text) = wanted.kind else { return nil }
            return RegularExpression(text)
        }
    }

    var timeout: CheckStatus { .answerTimeout }

    func begin() -> CheckStep { advance([]) }

    /// Sends what is next to be sent, up to what is expected then.
    private func advance(_ before: [UInt8]) -> CheckStep {
        var bytes = before
        steps: while at < steps.count {
            switch steps[at] {
            case .connect: break
            case .send(let next): bytes += next
            case .expect: break steps
            }
            at += 1
        }
        guard at == steps.count else { return CheckStep(bytes: bytes) }
        let hasExpectations = steps.contains { if case .expect = $0 { true } else { false } }
        return CheckStep(
            bytes: bytes,
            result: hasExpectations ? CheckResult(.passed, info: "(tcp-check)") : CheckResult(.connected))
    }

    func read(_ input: inout CheckInput) -> CheckStep {
        guard at < steps.count, case .expect(let wanted) = steps[at] else { return .wait }
        let rest = input.rest
        if rest.isEmpty {
            guard input.isLast else { return .wait }
            return .end(CheckResult(.badAnswer, info: "TCPCHK got an empty response at step \(at + 1)"))
        }
        if !input.isLast, wanted.atLeast > rest.count { return .wait }
        let isFound = find(wanted.kind, in: rest)
        if isFound != wanted.isNegated {
            input.taken = input.bytes.count
            at += 1
            return advance([])
        }
        // A text that is not there yet may still come, unless it was said when it must be there.
        if !isFound, !input.isLast, wanted.atLeast == 0 { return .wait }
        let what = wanted.isNegated ? "matched unwanted content" : "did not match content"
        return .end(CheckResult(.badAnswer, info: "TCPCHK \(what) '\(wanted.text)' at step \(at + 1)"))
    }

    private func find(_ kind: TCPExpectation.Kind, in bytes: ByteView) -> Bool {
        switch kind {
        case .bytes(let wanted): wanted.withView { bytes.contains($0) }
        case .pattern: patterns[at]?.matches(bytes) ?? false
        }
    }
}
