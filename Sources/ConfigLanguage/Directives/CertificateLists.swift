import Model

/// What `crt-list` leads to: a file with a certificate a line, options in brackets behind it, and the server names it is for.
///
/// ```
///   shop.pem [ssl-min-ver TLSv1.3 alpn http/1.1]  shop.example *.shop.example !old.shop.example
/// ```
enum CertificateLists {
    /// The certificates of a list, their options not looked at yet.
    static func read(_ line: inout LineReader, _ word: Word) throws(Refusal) -> [CertificateDraft] {
        let path = word.text
        guard case .file(let bytes) = line.surroundings.read(path) else {
            throw .conflict("crt-list '\(path)': this file can not be read")
        }
        var found: [CertificateDraft] = []
        var entries: [FileSources.CertificateList.Entry] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, text) in lines.enumerated() {
            do throws(Refusal) {
                guard let entry = try Entry(text, Line(file: path, number: index + 1, words: [])) else {
                    continue
                }
                let own = try certificates(of: entry, &line)
                found += own
                entries.append(entry.source(line: index + 1, of: own.first?.path ?? entry.file.text))
            } catch {
                throw .conflict("crt-list '\(path)', line \(index + 1): \(error.sentence)")
            }
        }
        guard !found.isEmpty else { throw .conflict("crt-list '\(path)': there is no certificate in it") }
        let list = FileSources.CertificateList(path: path, entries: entries)
        line.surroundings.patterns.note { sources in
            if !sources.certificateLists.contains(where: { $0.path == path }) {
                sources.certificateLists.append(list)
            }
        }
        return found
    }

    private static func certificates(
        of entry: Entry, _ line: inout LineReader
    ) throws(Refusal) -> [CertificateDraft] {
        var found = try CertificateFiles.read(&line, entry.file)
        for i in found.indices { try name(&found[i], as: entry) }
        return found
    }

    /// Says for which names a certificate is.
    private static func name(_ certificate: inout CertificateDraft, as entry: Entry) throws(Refusal) {
        certificate.isOneOfMany = true
        certificate.options = entry.options
        certificate.hasNames = !entry.names.isEmpty
        for word in entry.names {
            let isException = word.text.hasPrefix("!")
            let name = isException ? String(word.text.dropFirst()) : word.text
            // For itself it stands for no name, and for those that nobody has.
            if name == "*" {
                if !isException { certificate.isDefault = true }
                continue
            }
            guard let pattern = HostPattern(name), pattern != .any else {
                throw .invalid(word, expected: "a server name, *.name or !name")
            }
            if isException {
                certificate.exceptions.append(pattern)
            } else {
                certificate.names.append(pattern)
            }
        }
        if !certificate.exceptions.isEmpty, certificate.names.isEmpty { certificate.hasNames = false }
    }

    /// A line that comes later, beside those of the file, for a certificate that is known; nil for an empty one.
    static func added(
        _ text: [UInt8], on bind: BindDraft, _ line: inout LineReader
    ) throws(Refusal) -> (draft: CertificateDraft, entry: FileSources.CertificateList.Entry)? {
        guard let entry = try Entry(text[...], line.line) else { return nil }
        var draft = CertificateDraft(path: entry.file.text, pem: [])
        try name(&draft, as: entry)
        try settle(&draft, on: bind, &line)
        return (draft, entry.source(line: 0, of: entry.file.text))
    }

    /// Makes of a certificate's options what they mean for its names, on top of what the bind has.
    static func settle(
        _ certificate: inout CertificateDraft, on bind: BindDraft, _ line: inout LineReader
    ) throws(Refusal) {
        guard let options = certificate.options else { return }
        var reader = LineReader(options, global: line.global, surroundings: line.surroundings)
        var draft = HostTLSDraft(bind)
        do throws(Refusal) {
            while let word = reader.takeIfAny() {
                guard let keyword = HostTLSKeywords.table.first(where: { $0.name == word.text }) else {
                    throw Suggestion.refusal(
                        of: word, known: KnownKeywords.bind, here: HostTLSKeywords.table.map(\.name),
                        called: "crt-list … [\(word.text)]")
                }
                try keyword.apply(&reader, &draft)
            }
            certificate.tls = try draft.finished()
            if !certificate.hasNames {
                certificate.names = line.surroundings.certificateNames(certificate.pem)
                    .compactMap { HostPattern($0) }
            }
        } catch {
            throw .conflict("crt-list '\(options.file)', line \(options.number): \(error.sentence)")
        }
        for warning in reader.warnings { line.warn(warning) }
    }

    /// A line's parts.
    private struct Entry {
        let file: Word
        var options: Line?
        var names: [Word] = []

        /// Nil for an empty line and for a comment.
        init?(_ text: ArraySlice<UInt8>, _ place: Line) throws(Refusal) {
            let words = Entry.words(text)
            guard let first = words.first, !first.text.hasPrefix("#") else { return nil }
            file = first
            var options: [Word] = []
            var isInside = false
            for word in words.dropFirst() {
                switch (word.text, isInside) {
                case ("[", false) where self.options == nil && names.isEmpty: isInside = true
                case ("]", true):
                    isInside = false
                    self.options = Line(file: place.file, number: place.number, words: options)
                case ("[", _), ("]", _): throw .invalid(word, expected: "options in one pair of brackets")
                case (_, true): options.append(word)
                case (_, false): names.append(word)
                }
            }
            guard !isInside else { throw .missing(expected: "']'") }
        }

        /// The same as it is shown.
        func source(line: Int, of certificate: String) -> FileSources.CertificateList.Entry {
            .init(
                line: line, certificate: certificate, options: options.map { $0.words.map(\.text) },
                names: names.map(\.text))
        }

        /// Brackets are words of their own.
        private static func words(_ text: ArraySlice<UInt8>) -> [Word] {
            var words: [Word] = []
            var current: [UInt8] = []
            func end(at column: Int) {
                guard !current.isEmpty else { return }
                words.append(
                    Word(String(decoding: current, as: UTF8.self), column: column - current.count + 1))
                current = []
            }
            for (column, byte) in text.enumerated() {
                switch byte {
                case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): end(at: column)
                case UInt8(ascii: "["), UInt8(ascii: "]"):
                    end(at: column)
                    words.append(Word(byte == UInt8(ascii: "[") ? "[" : "]", column: column + 1))
                default: current.append(byte)
                }
            }
            end(at: text.count)
            return words
        }
    }
}
