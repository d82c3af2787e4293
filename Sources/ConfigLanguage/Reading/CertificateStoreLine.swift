/// One line of a `crt-store` section.
enum CertificateStoreLine {
    /// Reads the line into the section, or says why not.
    static func read(
        _ reader: inout LineReader, _ section: inout CertificateStoreSection
    ) throws(Refusal) {
        let word = try reader.take("a keyword")
        guard let keyword = DirectiveTable.certificateStore[word.text] else {
            throw .unknown(
                word,
                nearest: Suggestion.nearest(
                    to: word.text, among: DirectiveTable.certificateStore.keys.sorted()))
        }
        try keyword.apply(&reader, &section)
        section.lines.append(reader.line.words)
    }
}
