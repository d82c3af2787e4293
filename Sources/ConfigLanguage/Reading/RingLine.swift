/// One line of a `ring` section.
enum RingLine {
    /// Reads the line into the section, or says why not.
    static func read(_ reader: inout LineReader, _ section: inout RingSection) throws(Refusal) {
        var word = try reader.take("a keyword")
        if word.text == "timeout", let next = reader.takeIfAny() {
            word = Word("\(word.text) \(next.text)", column: word.column)
        }
        guard let keyword = DirectiveTable.ring[word.text] else {
            if word.text == "backing-file" { throw .unsupported("backing-file", instead: nil) }
            throw .unknown(
                word, nearest: Suggestion.nearest(to: word.text, among: DirectiveTable.ring.keys.sorted()))
        }
        try keyword.apply(&reader, &section)
    }
}
