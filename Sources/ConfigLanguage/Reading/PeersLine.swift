/// One line of a `peers` section.
enum PeersLine {
    /// Reads the line into the section, or says why not.
    static func read(_ reader: inout LineReader, _ section: inout PeersSection) throws(Refusal) {
        let word = try reader.take("a keyword")
        guard let keyword = DirectiveTable.peers[word.text] else {
            throw .unknown(
                word, nearest: Suggestion.nearest(to: word.text, among: DirectiveTable.peers.keys.sorted()))
        }
        try keyword.apply(&reader, &section)
    }
}
