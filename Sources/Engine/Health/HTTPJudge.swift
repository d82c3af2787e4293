import Basics
import Model
import Wire

/// Whether an answer is the one that a check wants, whatever version of HTTP it came by.
struct HTTPJudge: ~Copyable {
    private let probe: HTTPProbe
    private var status: UInt16 = 0
    private var reason = ""
    private var content = Buffer()
    private var patterns: [String: RegularExpression] = [:]

    init(_ probe: HTTPProbe) { self.probe = probe }

    /// What the status alone decides; nil if the body must be looked at.
    mutating func judge(status: UInt16, reason: String) -> CheckResult? {
        (self.status, self.reason) = (status, reason)
        if probe.drainsOn404, status == 404 {
            return CheckResult(.passedConditionally, code: 404)
        }
        var looksFurther = false
        if probe.expectations.isEmpty, !(200...399).contains(status) { return wrongStatus }
        for expectation in probe.expectations {
            guard let isFound = find(expectation.kind, asStatus: status) else {
                looksFurther = true
                continue
            }
            if isFound == expectation.isNegated { return wrongStatus }
        }
        return looksFurther ? nil : passed
    }

    private var passed: CheckResult { CheckResult(.passed, code: Int(status)) }
    private var wrongStatus: CheckResult { CheckResult(.wrongStatus, code: Int(status), info: reason) }

    /// Takes more of the body, as far as anyone looks at it. A text that must be there is enough as soon as it is; all else waits
    /// for the whole body.
    mutating func judge(more bytes: ByteView, isLast: Bool) -> CheckResult? {
        if !content.hasMemory { content = Buffer(capacity: CheckInput.limit) }
        content.append(bytes[0..<min(bytes.count, content.room)])
        let isWhole = isLast || content.room == 0
        var isOpen = false
        for expectation in probe.expectations {
            guard let isFound = find(expectation.kind) else { continue }
            if isWhole, content.isEmpty { return missing }
            if isFound, expectation.isNegated {
                return CheckResult(.badAnswer, info: "HTTP check matched unwanted content")
            }
            if isFound { continue }
            if isWhole, !expectation.isNegated { return missing }
            if !isWhole { isOpen = true }
        }
        return isOpen ? nil : passed
    }

    private var missing: CheckResult {
        CheckResult(
            .badAnswer,
            info: content.isEmpty
                ? "HTTP content check could not find a response body" : "HTTP content check did not match")
    }

    /// Whether the status is what is looked for; nil if something else is.
    private mutating func find(_ kind: HTTPExpectation.Kind, asStatus status: UInt16) -> Bool? {
        switch kind {
        case .status(let ranges): return ranges.contains { $0.contains(status) }
        case .statusPattern(let text):
            let pattern = pattern(text)
            return "\(status)".withView { pattern?.matches($0) ?? false }
        case .text, .pattern: return nil
        }
    }

    /// Whether it is in the body so far; nil if it is not looked for there.
    private mutating func find(_ kind: HTTPExpectation.Kind) -> Bool? {
        switch kind {
        case .status, .statusPattern: return nil
        case .text(let text): return text.withView { content.view.contains($0) }
        case .pattern(let text):
            let pattern = pattern(text)
            return pattern?.matches(content.view) ?? false
        }
    }

    /// A pattern that is none matches nothing; whoever made it reports it.
    private mutating func pattern(_ text: String) -> RegularExpression? {
        if patterns[text] == nil { patterns[text] = RegularExpression(text) }
        return patterns[text]
    }
}

extension ByteView {
    /// Whether `other` stands somewhere in these bytes.
    func contains(_ other: ByteView) -> Bool {
        guard !other.isEmpty else { return true }
        var at = 0
        while let found = firstIndex(of: other[0], from: at), found + other.count <= count {
            if self[found..<found + other.count].equals(other) { return true }
            at = found + 1
        }
        return false
    }
}
