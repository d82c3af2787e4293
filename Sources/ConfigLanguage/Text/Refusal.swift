/// Why a line, or a part of it, is refused.
enum Refusal: Error, Equatable {
    /// The line ends where something is expected.
    case missing(expected: String)
    /// A word too many.
    case unexpected(Word)
    /// A word that is not what it should be.
    case invalid(Word, expected: String)
    /// A word that does not exist.
    case unknown(Word, nearest: String?)
    /// A word that HAProxy knows and this build does not; `instead` is the way out, if there is one.
    case unsupported(String, instead: String?)
    /// Words that do not go together, or anything else, as a sentence.
    case conflict(String)

    /// A short machine-readable word.
    var reason: String {
        switch self {
        case .missing: "MissingArgument"
        case .unexpected: "UnexpectedArgument"
        case .invalid: "InvalidArgument"
        case .unknown: "UnknownKeyword"
        case .unsupported: "UnsupportedKeyword"
        case .conflict: "Conflict"
        }
    }

    /// The same where a word may be a part of a secret: it is told by its column alone.
    var sentenceWithoutWords: String {
        switch self {
        case .unexpected(let word):
            "unexpected word at column \(word.column); what holds blanks needs quotes"
        case .invalid(let word, let expected):
            "the word at column \(word.column): expected \(expected); what holds blanks needs quotes"
        case .unknown(let word, _): "unknown keyword at column \(word.column)"
        case .missing, .unsupported, .conflict: sentence
        }
    }

    /// What is wrong and what was expected, to stand behind the keyword's name.
    var sentence: String {
        switch self {
        case .missing(let expected): "\(expected) is missing"
        case .unexpected(let word): "unexpected '\(word.text)' at column \(word.column)"
        case .invalid(let word, let expected):
            "'\(word.text)' at column \(word.column): expected \(expected)"
        case .unknown(let word, let nearest):
            "unknown keyword '\(word.text)' at column \(word.column)"
                + (nearest.map { "; did you mean '\($0)'?" } ?? "")
        case .unsupported(let word, let instead):
            "'\(word)' exists in HAProxy but not here yet" + (instead.map { "; \($0)" } ?? "")
        case .conflict(let sentence): sentence
        }
    }
}
