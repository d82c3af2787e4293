/// One line of a `cache` section.
enum CacheLine {
    /// Reads the line into the section, or says why not.
    static func read(_ reader: inout LineReader, _ section: inout CacheSection) throws(Refusal) {
        let word = try reader.take("a keyword")
        guard let keyword = DirectiveTable.cache[word.text] else {
            throw .unknown(
                word, nearest: Suggestion.nearest(to: word.text, among: DirectiveTable.cache.keys.sorted()))
        }
        try keyword.apply(&reader, &section)
    }
}
