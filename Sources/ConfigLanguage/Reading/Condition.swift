/// What stands behind `.if` and `.elif`, and what `-cc` is given: predicates with `!`, `&&`, `||` and parentheses, where `&&`
/// binds tighter.
///
/// ```
///   condition  = all { "||" all }        all = term { "&&" term }
///   term       = [ "!" ] ( "(" condition ")" | predicate "(" words ")" | number | nothing )
/// ```
struct Condition {
    /// What predicates ask about.
    struct Facts {
        /// The environment.
        var environment: [String: String]
        /// The version whose language is spoken; what `version_atleast` compares.
        var version = SpokenVersion.number
        /// What `feature` answers yes to.
        var features = SpokenVersion.features
    }

    /// Why a condition can not be read, as a sentence.
    struct Flaw: Error, Equatable {
        let message: String
    }

    private let text: [UInt8]
    private let facts: Facts
    private var i = 0
    private var depth = 0

    /// Whether a condition holds; one that can not be read says why.
    static func holds(_ text: [UInt8], _ facts: Facts) throws(Flaw) -> Bool {
        var condition = Condition(text, facts)
        let result = try condition.any()
        guard condition.peek() == nil else {
            throw Flaw(message: "unexpected '\(condition.rest)' behind the condition")
        }
        return result
    }

    private init(_ text: [UInt8], _ facts: Facts) {
        self.text = text
        self.facts = facts
    }

    private var rest: String { String(decoding: text[min(i, text.count)...], as: UTF8.self) }

    /// The next byte that is no blank.
    private mutating func peek() -> UInt8? {
        while i < text.count, text[i] == UInt8(ascii: " ") || text[i] == UInt8(ascii: "\t") { i += 1 }
        return i < text.count ? text[i] : nil
    }

    private mutating func takes(_ word: String) -> Bool {
        _ = peek()
        guard text[min(i, text.count)...].starts(with: word.utf8) else { return false }
        i += word.utf8.count
        return true
    }

    private mutating func any() throws(Flaw) -> Bool {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 64 else { throw Flaw(message: "too many parentheses") }
        var result = try all()
        // Both sides are read whatever the first says: a mistake in the second is one.
        while takes("||") { result = try all() || result }
        return result
    }

    private mutating func all() throws(Flaw) -> Bool {
        var result = try term()
        while takes("&&") { result = try term() && result }
        return result
    }

    private mutating func term() throws(Flaw) -> Bool {
        var isNegated = false
        while takes("!") { isNegated.toggle() }
        return try value() != isNegated
    }

    private mutating func value() throws(Flaw) -> Bool {
        guard let byte = peek() else { return false }
        if takes("(") {
            let result = try any()
            guard takes(")") else { throw Flaw(message: "a parenthesis is not closed") }
            return result
        }
        if byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "-") { return try number() }
        return try predicate()
    }

    private mutating func number() throws(Flaw) -> Bool {
        let begin = i
        while i < text.count, text[i] &- UInt8(ascii: "0") < 10 || text[i] == UInt8(ascii: "-") { i += 1 }
        let digits = String(decoding: text[begin..<i], as: UTF8.self)
        guard let value = Int(digits) else { throw Flaw(message: "'\(digits)' is no number") }
        return value != 0
    }

    private mutating func predicate() throws(Flaw) -> Bool {
        let begin = i
        while i < text.count, (text[i] | 0x20) &- UInt8(ascii: "a") < 26 || text[i] == UInt8(ascii: "_") {
            i += 1
        }
        let name = String(decoding: text[begin..<i], as: UTF8.self)
        guard let predicate = Condition.predicates[name] else {
            let known = Condition.predicates.keys.sorted()
            let nearest = Suggestion.nearest(to: name, among: known).map { "; did you mean '\($0)'?" } ?? ""
            throw Flaw(message: "unknown predicate '\(name.isEmpty ? rest : name)'\(nearest)")
        }
        let words = try arguments(of: name)
        guard words.count == predicate.count else {
            throw Flaw(
                message: "'\(name)' takes \(predicate.count) argument\(predicate.count == 1 ? "" : "s")")
        }
        return predicate.holds(words, facts)
    }

    /// `(a,b)`, with HAProxy's second pass of quotes.
    private mutating func arguments(of name: String) throws(Flaw) -> [String] {
        guard takes("(") else { throw Flaw(message: "'\(name)' needs its arguments in parentheses") }
        var words: [String] = []
        var word: [UInt8] = []
        var quote: UInt8?
        while i < text.count {
            let byte = text[i]
            i += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if quote == nil {
                    quote = byte
                } else if quote == byte {
                    quote = nil
                } else {
                    word.append(byte)
                }
            case UInt8(ascii: "\\") where quote != UInt8(ascii: "'") && i < text.count:
                word.append(text[i])
                i += 1
            case UInt8(ascii: ",") where quote == nil:
                words.append(String(decoding: word, as: UTF8.self))
                word = []
            case UInt8(ascii: ")") where quote == nil:
                words.append(String(decoding: word, as: UTF8.self))
                return words
            default: word.append(byte)
            }
        }
        throw Flaw(message: "the arguments of '\(name)' do not end")
    }
}

extension Condition {
    private typealias Predicate = (count: Int, holds: @Sendable ([String], Facts) -> Bool)

    private static let predicates: [String: Predicate] = [
        "defined": (1, { $1.environment[$0[0]] != nil }),
        "feature": (1, { $1.features.contains($0[0]) }),
        "streq": (2, { words, _ in words[0] == words[1] }),
        "strneq": (2, { words, _ in words[0] != words[1] }),
        "strstr": (2, { words, _ in words[1].isEmpty || !words[0].ranges(of: words[1]).isEmpty }),
        "version_atleast": (1, { !precedes($1.version, $0[0]) }),
        "version_before": (1, { precedes($1.version, $0[0]) }),
        "openssl_version_atleast": (1, { words, _ in !precedes("3.0.0", words[0]) }),
        "openssl_version_before": (1, { words, _ in precedes("3.0.0", words[0]) }),
        "ssllib_name_startswith": (1, { words, _ in "OpenSSL".hasPrefix(words[0]) }),
        "enabled": (
            1, { words, _ in words[0] == "POLL" || words[0] == "EPOLL" || words[0] == "GETADDRINFO" }
        ),
    ]

    /// Versions are compared by their numbers; `-dev3` comes before what it leads to.
    static func precedes(_ left: String, _ right: String) -> Bool {
        let (a, b) = (numbers(left), numbers(right))
        for i in 0..<max(a.count, b.count) {
            let (x, y) = (i < a.count ? a[i] : 0, i < b.count ? b[i] : 0)
            if x != y { return x < y }
        }
        return false
    }

    private static func numbers(_ version: String) -> [Int] {
        let parts = version.split(separator: "-", maxSplits: 1)
        let numbers = (parts.first ?? "").split(separator: ".").map { Int($0) ?? 0 }
        let padded = numbers + Array(repeating: 0, count: max(0, 4 - numbers.count))
        guard parts.count == 2, parts[1].hasPrefix("dev") else { return padded + [Int.max] }
        return padded + [Int(parts[1].dropFirst(3)) ?? 0]
    }
}
