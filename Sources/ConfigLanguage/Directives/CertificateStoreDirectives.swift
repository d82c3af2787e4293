import Model

/// What stands in a `crt-store` section.
enum CertificateStoreDirectives {
    static let section = [
        CertificateStoreKeyword("crt-base") { line, section throws(Refusal) in
            section.certificateBase = try line.take("a folder").text
        },
        CertificateStoreKeyword("key-base") { line, section throws(Refusal) in
            section.keyBase = try line.take("a folder").text
        },
        CertificateStoreKeyword("load") { line, section throws(Refusal) in try load(&line, &section) },
    ]

    /// The files of one certificate.
    private struct Files {
        var certificate: Word?
        var key: Word?
        var response: Word?
        var alias: Word?
    }

    private static func load(
        _ line: inout LineReader, _ section: inout CertificateStoreSection
    ) throws(Refusal) {
        let files = try files(&line)
        guard let word = files.certificate else { throw .missing(expected: "'crt' and a file") }
        let base = section.certificateBase ?? line.global.certificateBase
        let path = line.path(word, below: base)
        var draft = CertificateDraft(path: path, pem: [])
        if let key = files.key {
            let place = line.path(key, below: section.keyBase ?? line.global.keyBase)
            draft.pem = try CertificateFiles.joined(
                read("crt", path, line), read("key", place, line), at: path, keyAt: place)
        } else {
            let found = try CertificateFiles.read(&line, at: path)
            guard let first = found.first, found.count == 1 else {
                throw .conflict("crt '\(path)': 'load' takes one certificate")
            }
            draft = first
        }
        if let response = files.response {
            // An empty one waits, in HAProxy, for one that is set at run time.
            let bytes = try read("ocsp", line.path(response, below: base), line)
            draft.ocspResponse = bytes.isEmpty ? nil : bytes
        }
        let own = files.alias ?? word
        try enter(draft, "@\(section.name)/\(own.text)", &section)
        // Without a name of its own the section's certificates are known by their files too.
        if section.name.isEmpty, files.alias == nil { try enter(draft, word.text, &section) }
    }

    private static func enter(
        _ draft: CertificateDraft, _ name: String, _ section: inout CertificateStoreSection
    ) throws(Refusal) {
        guard section.certificates[name] == nil else {
            throw .conflict("'\(name)' was loaded already in this section")
        }
        section.certificates[name] = StoredCertificate(
            name: name, pem: draft.pem, response: draft.ocspResponse)
    }

    private static func files(_ line: inout LineReader) throws(Refusal) -> Files {
        var files = Files()
        while let keyword = line.takeIfAny() {
            switch keyword.text {
            case "crt": files.certificate = try line.take("a file")
            case "key": files.key = try line.take("a file")
            case "ocsp": files.response = try line.take("a file")
            case "alias":
                let alias = try line.take("a name")
                guard !alias.text.contains("/"), !alias.text.hasPrefix("@") else {
                    throw .invalid(alias, expected: "a name without '/' and '@'")
                }
                files.alias = alias
            case "issuer":
                _ = try line.take("a file")
                line.ignore("load … issuer", "responses of OCSP are taken as they are")
            case "ocsp-update":
                guard try line.choice(["on": true, "off": false]) else { continue }
                throw .unsupported(
                    "load … ocsp-update on", instead: "responses of OCSP come from files: 'ocsp'")
            case "sctl", "acme", "domains", "jwt", "generate-dummy", "keytype", "bits", "curves":
                throw .unsupported("load … \(keyword.text)", instead: nil)
            default:
                throw .unknown(
                    keyword,
                    nearest: Suggestion.nearest(
                        to: keyword.text, among: ["crt", "key", "ocsp", "alias", "issuer", "ocsp-update"]))
            }
        }
        return files
    }

    private static func read(_ keyword: String, _ path: String, _ line: LineReader) throws(Refusal) -> [UInt8]
    {
        switch line.surroundings.read(path) {
        case .file(let bytes): return bytes
        case .folder: throw .conflict("\(keyword) '\(path)': this is a folder")
        case .unreadable(let why): throw .conflict("\(keyword) '\(path)': \(why)")
        }
    }
}
