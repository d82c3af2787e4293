import Basics
import Model

/// A line as the function of its keyword reads it: word after word, each with what is expected there. What it leaves unread
/// is refused by its caller.
struct LineReader {
    let line: Line
    /// What the keyword is called in diagnostics: `timeout client`.
    var subject: String
    /// What `global` has said up to here.
    let global: GlobalSettings
    let surroundings: Surroundings
    /// Warnings about this line.
    private(set) var warnings: [String] = []
    /// Keywords that were accepted and mean nothing here, with the reason.
    private(set) var ignored: [(keyword: String, why: String)] = []
    /// Whether its words must not be told, because one may be a part of a secret.
    private(set) var isSecret = false
    private var position = 0

    /// A line from its first word.
    init(_ line: Line, global: GlobalSettings, surroundings: Surroundings) {
        self.line = line
        self.global = global
        self.surroundings = surroundings
        subject = line.words.first?.text ?? ""
    }

    /// The next word, without taking it.
    var next: Word? { position < line.words.count ? line.words[position] : nil }

    /// Where the line stands.
    var place: SourceLocation { SourceLocation(file: line.file, line: line.number) }

    /// The words that are left.
    var rest: ArraySlice<Word> { line.words[min(position, line.words.count)...] }

    /// Takes `count` words that have been looked at.
    mutating func skip(_ count: Int = 1) { position = min(line.words.count, position + count) }

    /// Takes the next word if there is one.
    mutating func takeIfAny() -> Word? {
        defer { skip() }
        return next
    }

    /// Takes the next word.
    mutating func take(_ expected: String) throws(Refusal) -> Word {
        guard let word = takeIfAny(), !word.bytes.isEmpty else { throw .missing(expected: expected) }
        return word
    }

    /// Takes the next word, which is a secret: no other word of the line is told either, for it may be a part of it that was meant to
    /// stand in quotes.
    mutating func takeSecret(_ expected: String) throws(Refusal) -> Word {
        keepSecret()
        return try take(expected)
    }

    /// What is wrong with the line is told without its words.
    mutating func keepSecret() { isSecret = true }

    /// Takes the next word if it is this one.
    mutating func takes(_ text: String) -> Bool {
        guard next?.text == text else { return false }
        skip()
        return true
    }

    /// Takes a whole number.
    mutating func number(in range: ClosedRange<Int>, _ expected: String) throws(Refusal) -> Int {
        let word = try take(expected)
        guard let value = try? Units.number(word.text), range.contains(value) else {
            throw .invalid(word, expected: expected)
        }
        return value
    }

    /// Takes a time; in milliseconds.
    mutating func time(unit: Units.TimeUnit = .milliseconds) throws(Refusal) -> Int {
        let expected = "a time such as 500ms, 10s, 5m, 1h or 1d"
        let word = try take(expected)
        do {
            return try Units.milliseconds(word.text, unit: unit)
        } catch {
            throw .invalid(word, expected: error == .tooLarge ? "at most 24 days" : expected)
        }
    }

    /// Takes a size; in bytes.
    mutating func size() throws(Refusal) -> Int {
        let expected = "a size such as 4096, 16k or 1m"
        let word = try take(expected)
        do {
            return try Units.bytes(word.text)
        } catch {
            throw .invalid(word, expected: expected)
        }
    }

    /// Takes one of the words of a table.
    mutating func choice<Value>(_ table: KeyValuePairs<String, Value>) throws(Refusal) -> Value {
        let expected = table.map(\.key).joined(separator: ", ")
        let word = try take("one of \(expected)")
        guard let found = table.first(where: { $0.key == word.text }) else {
            throw .invalid(word, expected: "one of \(expected)")
        }
        return found.value
    }

    /// Takes an expression of what can be had in these layers.
    mutating func expression(for layers: SampleLayers) throws(Refusal) -> Expression {
        let word = try take("a sample such as req.hdr(host) or src")
        return try expressions(for: layers).expression(word)
    }

    /// Takes a format of what can be had in these layers.
    mutating func format(for place: FormatReader.Place, _ layers: SampleLayers) throws(Refusal)
        -> FormatString
    {
        // An empty one is a format too.
        guard let word = takeIfAny() else { throw .missing(expected: "a format such as \"%ci %[src_port]\"") }
        return try FormatReader(expressions(for: layers), for: place).format(word)
    }

    private func expressions(for layers: SampleLayers) -> ExpressionReader {
        ExpressionReader(surroundings, layers: layers)
    }

    /// Takes the rest of the line as a condition; nil if there is none.
    mutating func condition(_ lists: AccessLists) throws(Refusal) -> RuleCondition? {
        var reader = ConditionReader(lists, surroundings)
        let condition = try reader.condition(rest)
        for warning in reader.warnings { warn(warning) }
        skipRest()
        return condition
    }

    /// Nothing may be left.
    func end() throws(Refusal) {
        if let word = next { throw .unexpected(word) }
    }

    /// Warns about this line.
    mutating func warn(_ sentence: String) { warnings.append(sentence) }

    /// Says that a keyword is accepted and means nothing here; said once for all lines that have it.
    mutating func ignore(_ keyword: String, _ why: String) { ignored.append((keyword, why)) }

    /// Takes all that is left and does nothing with it.
    mutating func skipRest() { position = line.words.count }

    /// A path of the configuration, below `base` if it is relative and there is one.
    func path(_ word: Word, below base: String?) -> String {
        guard let base, !word.text.hasPrefix("/") else { return word.text }
        return "\(base)/\(word.text)"
    }
}
