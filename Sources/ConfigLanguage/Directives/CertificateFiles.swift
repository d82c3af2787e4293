/// What `crt` leads to.
enum CertificateFiles {
    /// A PEM file with a chain and a key, the key perhaps beside it in FILE.key; else FILE.ecdsa and FILE.rsa; or all of a
    /// folder, by name.
    static func read(_ line: inout LineReader, _ word: Word) throws(Refusal) -> [CertificateDraft] {
        let path = line.path(word, below: line.global.certificateBase)
        switch line.surroundings.read(path) {
        case .unreadable(let why):
            var found: [CertificateDraft] = []
            for file in ["\(path).ecdsa", "\(path).rsa"] {
                guard case .file(let bytes) = line.surroundings.read(file) else { continue }
                found.append(try certificate(bytes, file, line.surroundings))
            }
            guard !found.isEmpty else { throw .conflict("crt '\(path)': \(why)") }
            return found
        case .file(let bytes): return [try certificate(bytes, path, line.surroundings)]
        case .folder(let names):
            var found: [CertificateDraft] = []
            for name in names.sorted() where isCertificate(name) {
                let file = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
                guard case .file(let bytes) = line.surroundings.read(file) else { continue }
                found.append(try certificate(bytes, file, line.surroundings))
            }
            guard !found.isEmpty else { throw .conflict("crt '\(path)': no certificate in this folder") }
            return found
        }
    }

    private static func certificate(
        _ bytes: [UInt8], _ path: String, _ surroundings: Surroundings
    ) throws(Refusal) -> CertificateDraft {
        var draft = CertificateDraft(path: path, pem: try withKey(bytes, path, surroundings))
        // An empty one waits, in HAProxy, for one that is set at run time.
        if case .file(let response) = surroundings.read("\(path).ocsp"), !response.isEmpty {
            draft.ocspResponse = response
        }
        return draft
    }

    /// What HAProxy leaves out of a folder.
    private static func isCertificate(_ name: String) -> Bool {
        !name.hasPrefix(".")
            && ![".key", ".issuer", ".ocsp", ".sctl"].contains { name.hasSuffix($0) }
    }

    private static func withKey(
        _ bytes: [UInt8], _ path: String, _ surroundings: Surroundings
    ) throws(Refusal) -> [UInt8] {
        guard holds(bytes, "CERTIFICATE-----") else {
            throw .conflict("crt '\(path)': no certificate in this file")
        }
        if holds(bytes, "PRIVATE KEY-----") { return bytes }
        guard case .file(let key) = surroundings.read("\(path).key"), holds(key, "PRIVATE KEY-----") else {
            throw .conflict("crt '\(path)': no private key in this file, nor in '\(path).key'")
        }
        return bytes + [UInt8(ascii: "\n")] + key
    }

    private static func holds(_ bytes: [UInt8], _ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard let first = wanted.first, bytes.count >= wanted.count else { return false }
        return (0...bytes.count - wanted.count).contains { start in
            bytes[start] == first && bytes[start..<start + wanted.count].elementsEqual(wanted)
        }
    }
}
