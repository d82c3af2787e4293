import Model

/// Reads what stands behind `http-check expect` and `tcp-check expect`: words about the result on both sides of what is looked for,
/// which `!` may turn around.
struct ExpectationReader {
    /// What expressions and formats of the rule can be made of.
    let layers: SampleLayers
    private(set) var wording = CheckWording()
    private(set) var atLeast: Int?
    private(set) var isNegated = false

    init(of layers: SampleLayers) { self.layers = layers }

    /// What is looked for, as `kind` reads it from its word; nil from there is none of these words.
    mutating func read<Kind>(
        _ line: inout LineReader, _ expected: String,
        _ kind: (Word, inout LineReader) throws(Refusal) -> Kind?
    ) throws(Refusal) -> Kind {
        var found: Kind?
        while let word = line.takeIfAny() {
            let bangs = word.text.prefix { $0 == "!" }.count
            if bangs % 2 == 1 { isNegated.toggle() }
            let bare = Word(String(word.text.dropFirst(bangs)), column: word.column + bangs)
            let sought = bangs > 0 && bare.bytes.isEmpty ? try line.take(expected) : bare
            if bangs == 0, try readOption(sought, &line) { continue }
            guard let next = try kind(sought, &line) else {
                throw .invalid(sought, expected: expected)
            }
            guard found == nil else { throw .conflict("'\(sought.text)': only one pattern is expected") }
            found = next
        }
        guard let found else { throw .missing(expected: expected) }
        return found
    }

    private mutating func readOption(_ word: Word, _ line: inout LineReader) throws(Refusal) -> Bool {
        switch word.text {
        case "comment": wording.comment = try line.take("a comment").text
        case "min-recv":
            let number = try line.take("a number of bytes, or -1")
            guard number.text != "-1" else {
                atLeast = nil
                break
            }
            guard let bytes = try? Units.number(number.text), bytes <= 16_384 else {
                throw .invalid(number, expected: "-1, or a number of bytes up to 16384")
            }
            atLeast = bytes
        case "ok-status":
            wording.success = try verdict([.passed, .passedConditionally, .handshakeDone, .connected], &line)
        case "error-status":
            wording.failure = try verdict(
                [.badAnswer, .wrongStatus, .passedConditionally, .handshakeFailed, .connectFailed], &line)
        case "tout-status":
            wording.timeout = try verdict([.answerTimeout, .handshakeTimeout, .connectTimeout], &line)
        case "on-success": wording.successText = try CheckRuleDirectives.format(&line, layers)
        case "on-error": wording.failureText = try CheckRuleDirectives.format(&line, layers)
        case "status-code": wording.code = try CheckRuleDirectives.expression(&line, layers)
        default: return false
        }
        return true
    }

    private func verdict(_ allowed: [CheckVerdict], _ line: inout LineReader) throws(Refusal) -> CheckVerdict
    {
        let expected = allowed.map(\.rawValue).joined(separator: ", ")
        let word = try line.take("one of \(expected)")
        guard let found = allowed.first(where: { $0.rawValue == word.text.uppercased() }) else {
            throw .invalid(word, expected: "one of \(expected)")
        }
        return found
    }
}
