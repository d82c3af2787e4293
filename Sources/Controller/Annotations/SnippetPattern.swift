/// A regular expression of a snippet: taken only if it is plainly one, since a condition that can not be asked must not be thought to
/// hold, or not to.
struct SnippetPattern: Sendable, Equatable {
    let text: String
    let ignoresCase: Bool

    private static let longest = 1_024

    /// Reads one; nil if anything of it is not known here.
    init?(_ text: String, ignoresCase: Bool = false) {
        guard !text.isEmpty, text.utf8.count <= SnippetPattern.longest else { return nil }
        var reader = Reader(rest: text.utf8[...])
        guard reader.isPattern else { return nil }
        (self.text, self.ignoresCase) = (text, ignoresCase)
    }

    /// As an expression in whose place groups can be put: it matches all of what it is found in.
    var whole: String { "^(?s:.*?)(?:\(text))(?s:.*)$" }

    /// The syntax that is known: letters, classes, groups, alternatives, repetitions, anchors.
    private struct Reader {
        var rest: Substring.UTF8View

        /// Whether there is something that a repetition can stand behind.
        private var hasAtom = false
        private var depth = 0

        init(rest: Substring.UTF8View) { self.rest = rest }

        var isPattern: Bool {
            mutating get {
                while let byte = rest.popFirst() {
                    guard byte >= 0x20, byte < 0x7F, step(byte) else { return false }
                }
                return depth == 0
            }
        }

        private mutating func step(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "\\"):
                hasAtom = true
                return escape()
            case UInt8(ascii: "["):
                hasAtom = true
                return bracket()
            case UInt8(ascii: "("):
                (depth, hasAtom) = (depth + 1, false)
                return depth <= 32 && group()
            case UInt8(ascii: ")"):
                (depth, hasAtom) = (depth - 1, true)
                return depth >= 0
            case UInt8(ascii: "|"), UInt8(ascii: "^"), UInt8(ascii: "$"):
                hasAtom = false
                return true
            case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): return repetition()
            case UInt8(ascii: "{"): return braces()
            case UInt8(ascii: "}"), UInt8(ascii: "]"): return false
            default:
                hasAtom = true
                return true
            }
        }

        /// A class, or a mark that stands for itself.
        private mutating func escape() -> Bool {
            guard let next = rest.popFirst(), next >= 0x21, next < 0x7F else { return false }
            let isLetter = (next | 0x20) &- UInt8(ascii: "a") < 26 || next &- UInt8(ascii: "0") < 10
            return !isLetter || "dDwWsSbB".utf8.contains(next)
        }

        private mutating func bracket() -> Bool {
            if rest.first == UInt8(ascii: "^") { rest.removeFirst() }
            var last: UInt8?
            var isEmpty = true
            while let byte = rest.popFirst() {
                guard byte >= 0x20, byte < 0x7F else { return false }
                switch byte {
                case UInt8(ascii: "]") where !isEmpty: return true
                case UInt8(ascii: "["), UInt8(ascii: "]"): return false
                case UInt8(ascii: "\\"):
                    guard let next = rest.first, next != UInt8(ascii: "b"), next != UInt8(ascii: "B"),
                        escape()
                    else { return false }
                    last = nil
                case UInt8(ascii: "-") where last != nil && rest.first != UInt8(ascii: "]"):
                    guard let low = last, let high = rest.popFirst(), high != UInt8(ascii: "\\"), low <= high
                    else { return false }
                    last = nil
                default: last = byte
                }
                isEmpty = false
            }
            return false
        }

        /// Plain groups, `(?:…)`, `(?i)`, `(?=…)` and `(?!…)`.
        private mutating func group() -> Bool {
            guard rest.first == UInt8(ascii: "?") else { return rest.first != UInt8(ascii: "*") }
            rest.removeFirst()
            switch rest.popFirst() {
            case UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "!"): return true
            case UInt8(ascii: "i"):
                guard rest.popFirst() == UInt8(ascii: ")") else { return false }
                depth -= 1
                return true
            default: return false
            }
        }

        /// And the mark that makes it take as little as can be.
        private mutating func repetition() -> Bool {
            guard hasAtom else { return false }
            hasAtom = false
            if rest.first == UInt8(ascii: "?") { rest.removeFirst() }
            return true
        }

        private mutating func braces() -> Bool {
            let inside = rest.prefix { $0 != UInt8(ascii: "}") }
            let numbers = inside.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                .map { SettingText.number(Substring($0)) }
            guard (1...2).contains(numbers.count), let low = numbers[0], low <= 1_000 else { return false }
            let isOpen = inside.last == UInt8(ascii: ",")
            if numbers.count == 2, !isOpen {
                guard let high = numbers[1], high >= low, high <= 1_000 else { return false }
            }
            rest = rest[inside.endIndex...]
            return rest.popFirst() != nil && repetition()
        }
    }
}
