import Model

/// Versions of TLS as conditions have them, `3.1` or `3.1:3.3`: numbers of 16 bits on both sides of the point make one.
enum DottedVersion {
    /// Whether a test is about versions.
    static func isMeant(by expression: Expression) -> Bool {
        expression.fetch == .ofHello(.version) && expression.converters.isEmpty
    }

    /// Versions and ranges of them as numbers; other words stay what they are.
    static func numbers(_ word: Word) -> Word {
        let ends = word.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = ends.map { $0.isEmpty ? "" : number($0).map(String.init) }
        guard !word.text.isEmpty, numbers.allSatisfy({ $0 != nil }) else { return word }
        return Word(Array(numbers.map { $0 ?? "" }.joined(separator: ":").utf8), column: word.column)
    }

    private static func number(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt16($0) }
        guard (1...2).contains(parts.count), let major = parts[0] else { return nil }
        guard parts.count == 2 else { return Int64(major) << 16 }
        return parts[1].map { Int64(major) << 16 | Int64($0) }
    }

    /// The reverse.
    static func text(_ word: Word) -> Word {
        let ends = word.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let texts = ends.map { end -> String in
            guard let number = Int64(end), number >= 0 else { return String(end) }
            return "\(number >> 16).\(number & 0xFFFF)"
        }
        return Word(texts.joined(separator: ":"))
    }
}
