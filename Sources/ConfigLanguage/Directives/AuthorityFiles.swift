/// What `ca-file` and `crl-file` lead to.
enum AuthorityFiles {
    /// A file's bytes, below `ca-base`.
    static func read(_ keyword: String, _ line: inout LineReader) throws(Refusal) -> [UInt8] {
        let word = try line.take("a file")
        if word.text == "@system-ca" { throw .unsupported("\(keyword) @system-ca", instead: "a file does") }
        let path = line.path(word, below: line.global.authorityBase)
        switch line.surroundings.read(path) {
        case .file(let bytes):
            line.surroundings.patterns.note { $0.authorities[bytes] = word }
            return bytes
        case .folder: throw .conflict("\(keyword) '\(path)': this is a folder")
        case .unreadable(let why): throw .conflict("\(keyword) '\(path)': \(why)")
        }
    }
}
