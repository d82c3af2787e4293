import Model

/// What changes a message: `set-header`, `replace-path` and their like.
enum ChangeKeywords {
    /// In messages of either direction.
    static let ofFields = ["add-header", "set-header", "del-header", "replace-header", "replace-value"]
    /// Of requests alone.
    static let ofRequests = [
        "set-method", "set-path", "set-pathq", "set-query", "set-uri", "replace-path", "replace-pathq",
        "replace-uri",
    ]

    /// Reads what stands behind one of those words.
    static func change(_ word: String, _ line: inout LineReader) throws(Refusal) -> MessageChange {
        switch word {
        case "add-header": return .addField(try name(&line), try format(&line))
        case "set-header": return .setField(try name(&line), try format(&line))
        case "del-header": return .removeFields(try names(&line))
        case "replace-header": return try replacement(&line, isEachValue: false)
        case "replace-value": return try replacement(&line, isEachValue: true)
        case "set-method": return .setMethod(try format(&line))
        default: return try target(word, &line)
        }
    }

    /// Behind `early-hint`.
    static func hint(_ line: inout LineReader) throws(Refusal) -> HTTPAction {
        .earlyHint(try name(&line), try format(&line))
    }

    /// Behind `normalize-uri`.
    static func normalizer(_ line: inout LineReader) throws(Refusal) -> TargetNormalizer {
        let word = try line.take("how: path-merge-slashes or another normalizer")
        guard let plain = TargetNormalizer(rawValue: word.text) else {
            let names = TargetNormalizer.allCases.map(\.rawValue).filter { !$0.contains(" ") }
            throw .unknown(word, nearest: Suggestion.nearest(to: word.text, among: names))
        }
        guard let option = line.next, let more = TargetNormalizer(rawValue: "\(word.text) \(option.text)")
        else {
            return plain
        }
        line.skip()
        return more
    }

    private static func replacement(
        _ line: inout LineReader, isEachValue: Bool
    ) throws(Refusal) -> MessageChange {
        let (name, pattern) = (try name(&line), try pattern(&line))
        return .replaceField(name, pattern: pattern, try format(&line), isEachValue: isEachValue)
    }

    private static func target(_ word: String, _ line: inout LineReader) throws(Refusal) -> MessageChange {
        guard let part = TargetPart.allCases.first(where: { word.hasSuffix("-\($0.rawValue)") }) else {
            throw .unsupported(word, instead: nil)
        }
        if word.hasPrefix("set-") { return .setTarget(part, try format(&line)) }
        let pattern = try pattern(&line)
        return .replaceTarget(part, pattern: pattern, try format(&line))
    }

    /// What says how a message is delimited and what becomes of its connection is written by us alone.
    private static let ours = [
        "connection", "content-length", "keep-alive", "proxy-connection", "te", "transfer-encoding",
        "upgrade",
    ]

    /// Whether a field of this name carries what nobody may read.
    static func isSecret(_ field: String) -> Bool { secret.contains(field.lowercased()) }

    private static let secret: Set = [
        "authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key", "x-auth-token",
    ]

    private static func name(_ line: inout LineReader) throws(Refusal) -> String {
        let word = try line.take("a field's name")
        guard ErrorPage.isFieldName(word.text), word.bytes.count <= 255 else {
            throw .invalid(word, expected: "the name of a header field")
        }
        if isSecret(word.text) { line.keepSecret() }
        if ours.contains(word.text.lowercased()) {
            line.warn(
                "'\(word.text)' is the connection's and written by us: what the rule makes of it is sent to nobody"
            )
        }
        return word.text
    }

    private static func names(_ line: inout LineReader) throws(Refusal) -> FieldNames {
        guard line.rest.dropFirst().first?.text == "-m" else { return .text(.exact, try name(&line)) }
        let text = try line.take("what names are compared with")
        line.skip()
        let word = try line.take("a way to match: str, beg, end, sub or reg")
        switch word.text {
        case "str": return .text(.exact, text.text)
        case "beg": return .text(.prefix, text.text)
        case "end": return .text(.suffix, text.text)
        case "sub": return .text(.substring, text.text)
        case "reg":
            guard line.surroundings.isPattern(text.text) else {
                throw .invalid(text, expected: "a regular expression")
            }
            return .regex(text.text)
        default: throw .invalid(word, expected: "str, beg, end, sub or reg")
        }
    }

    private static func pattern(_ line: inout LineReader) throws(Refusal) -> String {
        let word = try line.take("a regular expression")
        guard line.surroundings.isPattern(word.text) else {
            throw .invalid(word, expected: "a regular expression")
        }
        return word.text
    }

    private static func format(_ line: inout LineReader) throws(Refusal) -> FormatString {
        try line.format(for: .message, SampleLayers(rawValue: .max))
    }
}
