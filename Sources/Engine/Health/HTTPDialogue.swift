import Basics
import Model
import Wire

/// An HTTP/1 request, and whether its answer is the one that is wanted.
final class HTTPDialogue: CheckDialogue {
    private let probe: HTTPProbe
    private var head = ResponseHead()
    private let tables = HeaderTablePool(keep: 1)
    private let trailerBuffers = BufferPool(size: 8 * 1024, keep: 1)
    private var body: BodyDecoder?
    private var content = Buffer()
    private var trailers = Buffer()
    private var reason = ""
    private var patterns: [String: RegularExpression] = [:]

    init(_ probe: HTTPProbe) {
        self.probe = probe
        tables.lend(to: &head.fields)
    }

    deinit {
        tables.takeBack(&head.fields)
        trailerBuffers.takeBack(&trailers)
    }

    var timeout: CheckStatus { .answerTimeout }

    func begin() -> CheckStep { .send(HTTPDialogue.request(probe)) }

    /// HAProxy's form: names in lower case, its own lines last.
    static func request(_ probe: HTTPProbe) -> [UInt8] {
        var text = "\(probe.method) \(probe.uri) \(probe.version)\r\n"
        for field in probe.fields { text += "\(field.name.lowercased()): \(field.value)\r\n" }
        if !probe.body.isEmpty { text += "content-length: \(probe.body.utf8.count)\r\n" }
        if probe.version == "HTTP/1.1" { text += "connection: close\r\n" }
        return Array((text + "\r\n" + probe.body).utf8)
    }

    func read(_ input: inout CheckInput) -> CheckStep {
        while body == nil {
            switch head.parse(input.bytes[input.taken..<input.bytes.count]) {
            case .incomplete: return input.isLast ? .end(CheckResult(.badAnswer)) : .wait
            case .refused: return .end(CheckResult(.badAnswer))
            case .complete(let count):
                noteHead(input.bytes[input.taken..<input.taken + count])
                input.taken += count
                if head.isInterim {
                    head.reset()
                } else if let result = judgeStatus() {
                    return .end(result)
                }
            }
        }
        return readBody(&input)
    }

    private func noteHead(_ bytes: ByteView) {
        reason = bytes[head.reason.indices].string
        guard !head.isInterim else { return }
        body = BodyDecoder(head.bodyFraming(isHead: probe.method == "HEAD"))
    }

    /// What the status alone decides; nil if the body must be looked at.
    private func judgeStatus() -> CheckResult? {
        let status = head.status
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

    private var passed: CheckResult { CheckResult(.passed, code: Int(head.status)) }
    private var wrongStatus: CheckResult { CheckResult(.wrongStatus, code: Int(head.status), info: reason) }

    private func readBody(_ input: inout CheckInput) -> CheckStep {
        let rest = input.bytes[input.taken..<input.bytes.count]
        input.taken = input.bytes.count
        var piece = Buffer(capacity: max(1, rest.count))
        piece.append(rest)
        var pieces = BodyDecoder.Pieces()
        let progress =
            piece.withMutableBytes { bytes, count in
                body?.decode(
                    bytes, count: count, pieces: &pieces, trailers: &trailers, pool: trailerBuffers)
            } ?? .more
        if case .refused = progress { return .end(CheckResult(.badAnswer)) }
        if !content.hasMemory { content = Buffer(capacity: CheckInput.limit) }
        let taken = min(pieces.content, content.room)
        content.append(piece.view[0..<taken])
        let isWhole = progress == .complete || input.isLast || content.room == 0
        return judgeBody(isWhole: isWhole).map { .end($0) } ?? .wait
    }

    /// A text that must be there is enough as soon as it is; all else waits for the whole body.
    private func judgeBody(isWhole: Bool) -> CheckResult? {
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
    private func find(_ kind: HTTPExpectation.Kind, asStatus status: UInt16) -> Bool? {
        switch kind {
        case .status(let ranges): ranges.contains { $0.contains(status) }
        case .statusPattern(let text): "\(status)".withView { matches(text, $0) }
        case .text, .pattern: nil
        }
    }

    /// Whether it is in the body so far; nil if it is not looked for there.
    private func find(_ kind: HTTPExpectation.Kind) -> Bool? {
        switch kind {
        case .status, .statusPattern: nil
        case .text(let text): text.withView { content.view.contains($0) }
        case .pattern(let text): matches(text, content.view)
        }
    }

    /// A pattern that is none matches nothing; whoever made it reports it.
    private func matches(_ pattern: String, _ bytes: ByteView) -> Bool {
        if patterns[pattern] == nil { patterns[pattern] = RegularExpression(pattern) }
        return patterns[pattern]?.matches(bytes) ?? false
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
