import Engine
public import Model
import Wire

/// `show|add|del ssl crt-list`: the files that lead to certificates, and lines that are added to them or taken from them.
struct CertificateListCommands: Sendable {
    let engine: Engine?
    let transactions: CertificateTransactions
    let lists: @Sendable () -> [RuntimeFacts.CertificateList]
    /// Told what they are now.
    let keep: @Sendable ([RuntimeFacts.CertificateList]) -> Void
    /// Reads lines that are added.
    let read: RuntimeFacts.CertificateLineReader?

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "show ssl crt-list", "[-n] [<list>]",
                "show the list of crt-lists or the content of a crt-list file <list>", .operator
            ) { show($0) },
            RuntimeCommand(
                "add ssl crt-list", "<list> <cert> [opts]*",
                "add to crt-list file <list> a line <cert> or a payload", .admin
            ) { add($0) },
            RuntimeCommand(
                "del ssl crt-list", "<list> <cert[:line]>",
                "delete a line <cert> from crt-list file <list>", .admin
            ) { remove($0) },
        ]
    }

    private func show(_ call: RuntimeCall) -> String {
        let isNumbered = call.words.first == "-n"
        guard let path = call.words.dropFirst(isNumbered ? 1 : 0).first else {
            return lists().map { $0.path + "\n" }.joined()
        }
        guard let list = lists().first(where: { $0.path == path }) else {
            return "didn't find the specified filename\n"
        }
        return "# \(path)\n" + list.entries.map { $0.text(isNumbered: isNumbered) + "\n" }.joined()
    }

    // MARK: Changing

    private func add(_ call: RuntimeCall) -> String {
        let failure = "Can't edit the crt-list: "
        let payload = (call.payload ?? []).split(separator: UInt8(ascii: "\n")).map(Array.init)
        let line = payload.first ?? Array(call.words.dropFirst().joined(separator: " ").utf8)
        guard let path = call.words.first, !line.isEmpty else {
            return "'add ssl crtlist' expects a filename and a certificate name\n"
        }
        var lists = lists()
        guard let place = lists.firstIndex(where: { $0.path == path }), let read else {
            return failure + "crt-list '\(path)' does not exist!\n"
        }
        guard payload.count < 2 else { return failure + "only one line of payload is supported!\n" }
        let added: RuntimeFacts.CertificateLine
        switch read(line, path) {
        case .refused(let why): return failure + why + "!\n"
        case .line(let line): added = line
        }
        let name = added.certificate
        guard let draft = draft(of: name) else {
            return failure + "certificate '\(name)' does not exist!\n"
        }
        guard case .whole(let key) = draft else { return failure + "certificate '\(name)' is empty!\n" }
        let listing = CertificateListing(
            hosts: added.hosts ?? key.subjectNames.compactMap { HostPattern($0) },
            exceptions: added.exceptions, tls: added.tls)
        if let problem = engine?.list(CertificateName(name), key, listing) {
            return failure + "\(problem)!\n"
        }
        _ = transactions.delete(name)
        let number = (lists[place].entries.map(\.line).max() ?? 0) + 1
        lists[place].entries.append(
            .init(line: number, certificate: name, options: added.options, names: added.names))
        keep(lists)
        return "Inserting certificate '\(name)' in crt-list '\(path)'.\nSuccess!\n"
    }

    /// One that is served, or that was made to be.
    private func draft(of name: String) -> CertificatePayload? {
        engine?.certificate(CertificateName(name)).map { .whole($0) } ?? transactions.unused(name)
    }

    private func remove(_ call: RuntimeCall) -> String {
        let failure = "Can't delete the entry: "
        guard let path = call.words.first, let word = call.words.dropFirst().first else {
            return "'del ssl crtlist' expects a filename and a certificate name\n"
        }
        var lists = lists()
        guard let place = lists.firstIndex(where: { $0.path == path }) else {
            return failure + "crt-list '\(path)' does not exist!\n"
        }
        let parts = word.split(separator: ":", omittingEmptySubsequences: false)
        let line = parts.count > 1 ? parts.last.flatMap { Int($0) } : nil
        let name = line == nil ? word : parts.dropLast().joined(separator: ":")
        let found = lists[place].entries.filter { $0.certificate == name && (line == nil || $0.line == line) }
        guard let entry = found.first else { return failure + "certificate '\(name)' does not exist!\n" }
        guard found.count == 1 else {
            let lines = found.map { "\($0.line)" }.joined(separator: ", ")
            return failure
                + "found the certificate '\(name)' in several entries, please specify a line number "
                + "preceded by colons (\(lines))!\n"
        }
        let key = engine?.certificate(CertificateName(name))
        guard engine?.unlist(CertificateName(name), listing(of: entry, key?.subjectNames)) != false else {
            return failure + "certificate '\(name)' cannot be deleted, it is used as default certificate!\n"
        }
        lists[place].entries.removeAll { $0.certificate == name && $0.line == entry.line }
        if let key {
            // What other lines say of it holds.
            for other in lists.flatMap(\.entries) where other.certificate == name {
                _ = engine?.list(CertificateName(name), key, listing(of: other, key.subjectNames))
            }
            if engine?.certificate(CertificateName(name)) == nil { transactions.keep(name, .whole(key)) }
        }
        keep(lists)
        return "Entry '\(name)' deleted in crtlist '\(path)'!\n"
    }

    /// What a line that holds is about: what its options mean is known already.
    private func listing(
        of entry: RuntimeFacts.CertificateList.Entry, _ subjects: [String]?
    ) -> CertificateListing {
        let names = entry.names.filter { $0 != "*" }.compactMap { HostPattern($0) }
        let exceptions = entry.names.filter { $0.hasPrefix("!") }.compactMap {
            HostPattern(String($0.dropFirst()))
        }
        let isForItsOwn = entry.names.isEmpty || (names.isEmpty && !exceptions.isEmpty)
        return CertificateListing(
            hosts: isForItsOwn ? (subjects ?? []).compactMap { HostPattern($0) } : names,
            exceptions: exceptions)
    }
}

extension RuntimeFacts {
    /// A line of a file of `crt-list` that was read.
    public struct CertificateLine: Sendable {
        let certificate: String
        let options: [String]?
        let names: [String]
        let hosts: [HostPattern]?
        let exceptions: [HostPattern]
        let tls: HostTLS?

        /// A line from its parts: the certificate's name, what stands in brackets, names as they are written, and what they mean;
        /// no hosts are the certificate's own names.
        public init(
            certificate: String, options: [String]?, names: [String], hosts: [HostPattern]?,
            exceptions: [HostPattern], tls: HostTLS?
        ) {
            (self.certificate, self.options, self.names) = (certificate, options, names)
            (self.hosts, self.exceptions, self.tls) = (hosts, exceptions, tls)
        }
    }

    /// What has become of a line.
    public enum CertificateLineReading: Sendable {
        case line(CertificateLine)
        case refused(String)
    }
}

extension RuntimeFacts {
    /// A file of `crt-list`.
    public struct CertificateList: Sendable {
        /// The file.
        public let path: String
        /// Its lines but for empty ones and comments.
        public internal(set) var entries: [Entry]

        /// A list from its parts.
        public init(path: String, entries: [Entry]) { (self.path, self.entries) = (path, entries) }

        /// A line of it.
        public struct Entry: Sendable {
            /// Its number, from 1.
            public let line: Int
            /// The certificate's file.
            public let certificate: String
            /// What stands in brackets; nil is no brackets.
            public let options: [String]?
            /// Server names, as they are written.
            public let names: [String]

            /// A line from its parts.
            public init(line: Int, certificate: String, options: [String]?, names: [String]) {
                (self.line, self.certificate) = (line, certificate)
                (self.options, self.names) = (options, names)
            }

            func text(isNumbered: Bool) -> String {
                var words = [isNumbered ? "\(certificate):\(line)" : certificate]
                if let options { words.append("[\(options.joined(separator: " "))]") }
                return (words + names).joined(separator: " ")
            }
        }
    }
}
