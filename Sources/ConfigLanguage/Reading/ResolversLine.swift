/// One line of a `resolvers` section.
enum ResolversLine {
    /// Reads the line into the section, or says why not.
    static func read(_ reader: inout LineReader, _ section: inout ResolversSection) throws(Refusal) {
        var word = try reader.take("a keyword")
        if word.text == "timeout", let next = reader.takeIfAny() {
            word = Word("\(word.text) \(next.text)", column: word.column)
        }
        guard let keyword = DirectiveTable.resolvers[word.text] else {
            throw .unknown(
                word,
                nearest: Suggestion.nearest(to: word.text, among: DirectiveTable.resolvers.keys.sorted()))
        }
        try keyword.apply(&reader, &section)
    }
}
