import Model

/// What `ca-file` and `crl-file` lead to.
enum AuthorityFiles {
    /// A file with what is in it, below `ca-base`.
    static func read(_ keyword: String, _ line: inout LineReader) throws(Refusal) -> AuthorityText {
        let word = try line.take("a file")
        let path =
            word.text == "@system-ca"
            ? systemFile(line.surroundings) : line.path(word, below: line.global.authorityBase)
        switch line.surroundings.read(path) {
        case .file(let bytes):
            line.surroundings.patterns.note { $0.authorities[path] = word }
            return AuthorityText(file: path, bytes: bytes)
        case .folder: throw .conflict("\(keyword) '\(path)': this is a folder")
        case .unreadable(let why): throw .conflict("\(keyword) '\(path)': \(why)")
        }
    }

    /// Where systems keep the authorities they trust: the first that is there; Debian's if none is.
    private static func systemFile(_ surroundings: Surroundings) -> String {
        let known = [
            "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
        ]
        let found = known.first { if case .file = surroundings.read($0) { true } else { false } }
        return found ?? known[0]
    }
}
