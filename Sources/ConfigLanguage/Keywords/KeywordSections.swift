/// In which sections HAProxy knows a keyword.
enum KeywordSections {
    /// Of keywords; those of several words under all of them, e.g. `timeout client`.
    static let proxy = index(KnownKeywords.proxy)
    /// All of them, in order.
    static let proxyNames = proxy.keys.sorted()
    /// Of what may follow `option`.
    static let options = index(KnownKeywords.options)

    private static func index(
        _ table: [(sections: SectionSet, words: String)]
    ) -> [String: SectionSet] {
        var result: [String: SectionSet] = [:]
        for (sections, words) in table {
            for word in words.split(whereSeparator: \.isWhitespace) {
                let name = word.split(separator: "/").joined(separator: " ")
                result[name, default: []].formUnion(sections)
            }
        }
        return result
    }

    /// The longest keyword that the words begin with, and of how many words it is.
    static func longestKeyword(
        _ words: ArraySlice<Word>, isKnown: (String) -> Bool
    ) -> (name: String, count: Int)? {
        for count in stride(from: min(3, words.count), through: 1, by: -1) {
            let name = words.prefix(count).map(\.text).joined(separator: " ")
            if isKnown(name) { return (name, count) }
        }
        return nil
    }
}
