/// What `crt` leads to.
enum CertificateFiles {
    /// A PEM file with a chain and a key, the key perhaps beside it in FILE.key; else FILE.ecdsa and FILE.rsa; or all of a
    /// folder, by name.
    static func read(_ line: inout LineReader, _ word: Word) throws(Refusal) -> [CertificateDraft] {
        if let stored = line.global.certificates[word.text] { return [stored.draft] }
        guard !word.text.hasPrefix("@") else {
            throw .conflict(
                "crt '\(word.text)': no 'crt-store' before has it"
                    + (Suggestion.nearest(
                        to: word.text, among: line.global.certificates.keys.sorted()
                    ).map { "; did you mean '\($0)'?" } ?? ""))
        }
        return try read(&line, at: line.path(word, below: line.global.certificateBase))
    }

    /// The same by a whole path.
    static func read(_ line: inout LineReader, at path: String) throws(Refusal) -> [CertificateDraft] {
        let extra = line.global.extraFiles
        switch line.surroundings.read(path) {
        case .unreadable(let why):
            var found: [CertificateDraft] = []
            for file in ["\(path).ecdsa", "\(path).rsa"] where extra.contains(.bundle) {
                guard case .file(let bytes) = line.surroundings.read(file) else { continue }
                found.append(try certificate(bytes, file, line))
            }
            guard !found.isEmpty else { throw .conflict("crt '\(path)': \(why)") }
            return found
        case .file(let bytes): return [try certificate(bytes, path, line)]
        case .folder(let names):
            var found: [CertificateDraft] = []
            for name in names.sorted() where isCertificate(name) {
                let file = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
                guard case .file(let bytes) = line.surroundings.read(file) else { continue }
                var draft = try certificate(bytes, file, line)
                draft.isOneOfMany = true
                found.append(draft)
            }
            guard !found.isEmpty else { throw .conflict("crt '\(path)': no certificate in this folder") }
            return found
        }
    }

    private static func certificate(
        _ bytes: [UInt8], _ path: String, _ line: LineReader
    ) throws(Refusal) -> CertificateDraft {
        var draft = CertificateDraft(path: path, pem: try withKey(bytes, path, line))
        // An empty one waits, in HAProxy, for one that is set at run time.
        if line.global.extraFiles.contains(.response),
            case .file(let response) = line.surroundings.read("\(stem(path, line)).ocsp"), !response.isEmpty
        {
            draft.ocspResponse = response
        }
        return draft
    }

    /// What the names of files beside a certificate's begin with.
    private static func stem(_ path: String, _ line: LineReader) -> String {
        line.global.leavesOutExtension && path.hasSuffix(".crt") ? String(path.dropLast(4)) : path
    }

    /// What HAProxy leaves out of a folder.
    private static func isCertificate(_ name: String) -> Bool {
        !name.hasPrefix(".")
            && ![".key", ".issuer", ".ocsp", ".sctl"].contains { name.hasSuffix($0) }
    }

    private static func withKey(
        _ bytes: [UInt8], _ path: String, _ line: LineReader
    ) throws(Refusal) -> [UInt8] {
        guard holds(bytes, "CERTIFICATE-----") else {
            throw .conflict("crt '\(path)': no certificate in this file")
        }
        if holds(bytes, "PRIVATE KEY-----") { return bytes }
        guard line.global.extraFiles.contains(.key) else {
            throw .conflict("crt '\(path)': no private key in this file")
        }
        let place = "\(stem(path, line)).key"
        guard case .file(let key) = line.surroundings.read(place), holds(key, "PRIVATE KEY-----") else {
            throw .conflict("crt '\(path)': no private key in this file, nor in '\(place)'")
        }
        return bytes + [UInt8(ascii: "\n")] + key
    }

    /// A certificate and its key from another file.
    static func joined(
        _ bytes: [UInt8], _ key: [UInt8], at path: String, keyAt place: String
    ) throws(Refusal) -> [UInt8] {
        guard holds(bytes, "CERTIFICATE-----") else {
            throw .conflict("crt '\(path)': no certificate in this file")
        }
        guard holds(key, "PRIVATE KEY-----") else {
            throw .conflict("key '\(place)': no private key in this file")
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
