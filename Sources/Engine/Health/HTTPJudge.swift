import Basics
import Model
import Wire

/// Whether an answer is the one that a check wants, whatever version of HTTP it came by: one step after the other, each as soon as what
/// it looks at has come.
struct HTTPJudge: ~Copyable {
    private let probe: HTTPProbe
    private let scene: CheckScene
    private var status: UInt16 = 0
    private var reason = ""
    private var head = FieldCopies()
    private var content = Buffer()
    private var patterns: [String: RegularExpression] = [:]
    private var at = 0
    /// The expectation that was looked at last.
    private var last: HTTPExpectation?

    init(_ probe: HTTPProbe, scene: CheckScene = CheckScene()) {
        self.probe = probe
        self.scene = scene
    }

    /// The request is written: variables that are set before anything is expected know nothing of the answer.
    mutating func begin() {
        while at < probe.steps.count, case .change(let change) = probe.steps[at] {
            scene.change(change)
            at += 1
        }
    }

    /// The answer's head has come: what it alone decides; nil if the body must be looked at.
    mutating func judge(_ response: borrowing ResponseHead, reason: String, in bytes: ByteView)
        -> CheckResult?
    {
        (status, self.reason) = (response.status, reason)
        // It is no reason to take one up that is down.
        if probe.drainsOn404, status == 404, scene.facts.isServerUp {
            return CheckResult(.passedConditionally, code: 404)
        }
        if !probe.steps.isEmpty {
            scene.take(response, reason: reason, in: bytes)
            head = FieldCopies(response.fields, in: bytes)
        }
        if probe.expectations.isEmpty, !(200...399).contains(status) {
            return CheckResult(.wrongStatus, code: Int(status), info: reason)
        }
        return advance(isWhole: false)
    }

    /// Takes more of the body, as far as anyone looks at it. A text that must be there is enough as soon as it is; all else waits
    /// for the whole body.
    mutating func judge(more bytes: ByteView, isLast: Bool) -> CheckResult? {
        if !content.hasMemory { content = Buffer(capacity: CheckInput.limit) }
        content.append(bytes[0..<min(bytes.count, content.room)])
        return advance(isWhole: isLast || content.room == 0)
    }

    /// What time has run out in.
    var timeout: CheckResult {
        guard case .expect(let wanted)? = at < probe.steps.count ? probe.steps[at] : nil,
            let verdict = wanted.wording.timeout
        else { return CheckResult(.answerTimeout) }
        return CheckResult(CheckStatus(verdict))
    }

    private mutating func advance(isWhole: Bool) -> CheckResult? {
        while at < probe.steps.count {
            switch probe.steps[at] {
            case .change(let change): scene.change(change)
            case .expect(let wanted):
                switch look(wanted, isWhole: isWhole) {
                case .wait: return nil
                case .failed(let result): return result
                case .passed: last = wanted
                }
            }
            at += 1
        }
        let code = Int(status)
        return last?.wording.success("", code: code, scene) ?? CheckResult(.passed, code: code)
    }

    private enum Finding {
        case passed
        case failed(CheckResult)
        case wait
    }

    private mutating func look(_ wanted: HTTPExpectation, isWhole: Bool) -> Finding {
        switch wanted.kind {
        case .status(let ranges): settle(wanted, ranges.contains { $0.contains(status) })
        case .statusPattern(let text):
            settle(
                wanted, pattern(text).map { pattern in "\(status)".withView { pattern.matches($0) } } ?? false
            )
        case .field(let field): lookForField(wanted, field)
        case .text(let text): lookInBody(wanted, Array(text.utf8), isWhole: isWhole)
        case .format(let format): lookInBody(wanted, scene.text(format), isWhole: isWhole, isFormat: true)
        case .pattern(let text): lookInBody(wanted, matching: text, isWhole: isWhole)
        }
    }

    /// What the head decides.
    private func settle(_ wanted: HTTPExpectation, _ isFound: Bool) -> Finding {
        guard isFound == wanted.isNegated else { return .passed }
        return .failed(wanted.wording.failure(.wrongStatus, reason, code: Int(status), scene))
    }

    private mutating func lookForField(_ wanted: HTTPExpectation, _ field: FieldExpectation) -> Finding {
        for match in [field.name, field.value].compactMap({ $0 }) where match.format != nil {
            guard !text(of: match).isEmpty else { return empty(wanted) }
        }
        var isFound = false
        for (name, value) in head.values(isWhole: field.isWhole || field.value == nil) where !isFound {
            guard matches(field.name, name, ignoringCase: true) else { continue }
            isFound = field.value.map { matches($0, value, ignoringCase: false) } ?? true
        }
        return settle(wanted, isFound)
    }

    private mutating func lookInBody(
        _ wanted: HTTPExpectation, _ text: [UInt8], isWhole: Bool, isFormat: Bool = false
    ) -> Finding {
        if let early = waitForBody(wanted, isWhole: isWhole) { return early }
        guard !isFormat || !text.isEmpty else { return empty(wanted) }
        return judgeBody(wanted, text.withView { content.view.contains($0) }, isWhole: isWhole)
    }

    private mutating func lookInBody(
        _ wanted: HTTPExpectation, matching text: String, isWhole: Bool
    ) -> Finding {
        if let early = waitForBody(wanted, isWhole: isWhole) { return early }
        let pattern = pattern(text)
        return judgeBody(wanted, pattern?.matches(content.view) ?? false, isWhole: isWhole)
    }

    /// What is to be done while there is no body; nil if there is one.
    private func waitForBody(_ wanted: HTTPExpectation, isWhole: Bool) -> Finding? {
        guard content.isEmpty else { return nil }
        guard isWhole else { return .wait }
        let words = "HTTP content check could not find a response body"
        return .failed(wanted.wording.failure(.badAnswer, words, code: Int(status), scene))
    }

    private func judgeBody(_ wanted: HTTPExpectation, _ isFound: Bool, isWhole: Bool) -> Finding {
        if !isFound, !isWhole { return .wait }
        guard isFound == wanted.isNegated else { return .passed }
        let words = isFound ? "HTTP check matched unwanted content" : "HTTP content check did not match"
        return .failed(wanted.wording.failure(.badAnswer, words, code: Int(status), scene))
    }

    private func empty(_ wanted: HTTPExpectation) -> Finding {
        let reason = "log-format string evaluated to an empty string"
        return .failed(wanted.wording.failure(.badAnswer, "", reason: reason, code: Int(status), scene))
    }

    private func text(of match: CheckMatch) -> [UInt8] {
        match.format.map { scene.text($0) } ?? Array(match.text.utf8)
    }

    private mutating func matches(_ match: CheckMatch, _ bytes: [UInt8], ignoringCase: Bool) -> Bool {
        if match.method == .pattern {
            let pattern = pattern(match.text)
            // As in HTTP/2, and in HAProxy: names are in lower case.
            return (ignoringCase ? bytes.map(foldCase) : bytes).withView { pattern?.matches($0) ?? false }
        }
        let (wanted, found) =
            ignoringCase ? (text(of: match).map(foldCase), bytes.map(foldCase)) : (text(of: match), bytes)
        switch match.method {
        case .whole, .pattern: return found == wanted
        case .beginning: return found.starts(with: wanted)
        case .end: return found.reversed().starts(with: wanted.reversed())
        case .part: return found.withView { found in wanted.withView { found.contains($0) } }
        }
    }

    /// A pattern that is none matches nothing; whoever made it reports it.
    private mutating func pattern(_ text: String) -> RegularExpression? {
        if patterns[text] == nil { patterns[text] = RegularExpression(text) }
        return patterns[text]
    }
}

/// An answer's fields, which outlive its head.
private struct FieldCopies {
    private var lines: [(name: [UInt8], value: [UInt8])] = []

    init() {}

    init(_ fields: borrowing HeaderTable, in bytes: ByteView) {
        for i in 0..<fields.count {
            let field = fields[i]
            lines.append((field.name(in: bytes).bytes, field.value(in: bytes).bytes))
        }
    }

    /// Names and values; each value between commas by itself, unless lines count as a whole.
    func values(isWhole: Bool) -> [(name: [UInt8], value: [UInt8])] {
        guard !isWhole else { return lines }
        return lines.flatMap { line in
            line.value.withView { value in
                var (parts, rest) = ([(name: [UInt8], value: [UInt8])](), value)
                while let comma = FieldValues.comma(in: rest) {
                    parts.append((line.name, rest[0..<comma].trimmed.bytes))
                    rest = rest[comma + 1..<rest.count]
                }
                return parts + [(line.name, rest.trimmed.bytes)]
            }
        }
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
