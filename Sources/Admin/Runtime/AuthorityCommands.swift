import Engine
import Model
import Wire

/// `show|new|set|add|commit|abort|del ssl ca-file`, and the same of `crl-file`: what is in files of authorities and of revocations, and
/// putting something else in their place without reading them.
struct AuthorityCommands: Sendable {
    let kind: AuthorityFile.Kind
    /// What is in the files that somebody uses, and putting something else in the place of one: false if nobody uses it.
    let files: @Sendable () -> [AuthorityFile: [UInt8]]
    let replace: @Sendable (AuthorityFile, [UInt8]) throws(TLSSettingsError) -> Bool
    /// PEM, empty if there is nothing yet; what the file was when that began.
    private let transactions = Transactions<[UInt8], [UInt8]>()

    /// Commands about an engine's files of a kind.
    init(
        _ kind: AuthorityFile.Kind, files: @escaping @Sendable () -> [AuthorityFile: [UInt8]],
        replace: @escaping @Sendable (AuthorityFile, [UInt8]) throws(TLSSettingsError) -> Bool
    ) {
        (self.kind, self.files, self.replace) = (kind, files, replace)
    }

    private var isOfAuthorities: Bool { kind == .authorities }
    private var title: String { isOfAuthorities ? "CA" : "CRL" }
    private var object: String { isOfAuthorities ? "ca-file" : "crl-file" }
    private var word: String { isOfAuthorities ? "cafile" : "crlfile" }

    var commands: [RuntimeCommand] {
        var commands = [
            RuntimeCommand(
                "show ssl \(object)", isOfAuthorities ? "[<cafile>[:<index>]]" : "[<crlfile[:<index>>]]",
                "display the SSL \(title) files used in memory, or the details of a <\(word)>, or a single "
                    + (isOfAuthorities
                        ? "certificate of index <index> of a CA file <cafile>"
                        : "CRL of index <index> of CRL file <crlfile>"),
                .operator
            ) { show($0) },
            RuntimeCommand(
                "new ssl \(object)", "<\(word)>", "create a new \(title) file to be used in a crt-list",
                .admin
            ) { new($0) },
            RuntimeCommand("set ssl \(object)", "<\(word)> <payload>", "replace a \(title) file", .admin) {
                set($0)
            },
            RuntimeCommand("commit ssl \(object)", "<\(word)>", "commit a \(title) file", .admin) {
                commit($0)
            },
            RuntimeCommand(
                "abort ssl \(object)", "<\(word)>", "abort a transaction for a \(title) file", .admin
            ) { abort($0) },
            RuntimeCommand("del ssl \(object)", "<\(word)>", "delete an unused \(title) file", .admin) {
                delete($0)
            },
        ]
        if isOfAuthorities {
            commands.append(
                RuntimeCommand(
                    "add ssl ca-file", "<cafile> <payload>", "add a certificate into the CA file", .admin
                ) { add($0) })
        }
        return commands
    }

    private func used(_ name: String) -> [UInt8]? { files()[AuthorityFile(kind, name)] }

    // MARK: Looking

    private func show(_ call: RuntimeCall) -> String {
        guard let text = call.words.first else { return list() }
        let missing = "Can't display the \(title) file : Not found!\n"
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let place = parts.count > 1 ? parts.last.flatMap { Int($0) } : nil
        let name = place == nil ? text : parts.dropLast().joined(separator: ":")
        if name.hasPrefix("*") {
            guard let ongoing = transactions.ongoing, "*\(ongoing.name)" == name else { return missing }
            return details(name, "Unused", ongoing.draft, place)
        }
        if let pem = used(name) { return details(name, "Used", pem, place) }
        guard let pem = transactions.unused(name) else { return missing }
        guard !pem.isEmpty else { return "Filename: \(name)\nStatus: Empty\n" }
        return details(name, "Unused", pem, place)
    }

    private func list() -> String {
        var text = ""
        if let ongoing = transactions.ongoing {
            text += "# transaction\n*\(line(ongoing.name, ongoing.draft))\n"
        }
        text += "# filename\n"
        var rows = transactions.unused
        for (file, pem) in files() where file.kind == kind { rows[file.name] = pem }
        for (name, pem) in rows.sorted(by: { $0.key < $1.key }) { text += line(name, pem) + "\n" }
        return text
    }

    private func line(_ name: String, _ pem: [UInt8]) -> String {
        guard isOfAuthorities else { return name }
        return "\(name) - \(CertificateFacts.each(of: pem).count) certificate(s)"
    }

    private func details(_ name: String, _ status: String, _ pem: [UInt8], _ place: Int?) -> String {
        let blocks =
            isOfAuthorities
            ? CertificateFacts.each(of: pem).map { AuthorityCommands.text($0) }
            : RevocationFacts.read(pem).map { AuthorityCommands.text($0) }
        let headline = isOfAuthorities ? "Certificate" : "Certificate Revocation List"
        let shown = blocks.enumerated().filter { place == nil || place == $0.offset + 1 }
        return "Filename: \(name)\nStatus: \(status)\n"
            + shown.map { " \n\(headline) #\($0.offset + 1):\n\($0.element)" }.joined()
    }

    private static func text(_ facts: CertificateFacts) -> String {
        "Serial: \(facts.serial)\nnotBefore: \(facts.notBefore)\nnotAfter: \(facts.notAfter)\nSubject Alternative Name: "
            + facts.names.map { "DNS:\($0)" }.joined(separator: ", ")
            + "\nAlgorithm: \(facts.algorithm)\nSHA1 FingerPrint: \(facts.fingerprint)\nSubject: \(facts.subject)\n"
            + "Issuer: \(facts.issuer)\n"
    }

    private static func text(_ facts: RevocationFacts) -> String {
        "Version \(facts.version)\nSignature Algorithm: \(facts.algorithm)\nIssuer: \(facts.issuer)\n"
            + "Last Update: \(facts.lastUpdate)\nNext Update: \(facts.nextUpdate)\n"
            + (facts.revoked.isEmpty ? "No Revoked Certificates.\n" : "Revoked Certificates:\n")
            + facts.revoked.map { "    Serial Number: \($0.serial)\n        Revocation Date: \($0.date)\n" }
            .joined()
    }

    // MARK: Changing

    private func new(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else { return "'new ssl \(object)' expects a filename\n" }
        guard used(name) == nil, transactions.unused(name) == nil else {
            return "\(title) file '\(name)' already exists!\n"
        }
        return transactions.make(name, [])
            ? "New \(title) file created '\(name)'!\n" : "There are too many files that nobody uses.\n"
    }

    private func set(_ call: RuntimeCall) -> String { change(call, "set", onTop: false) }
    private func add(_ call: RuntimeCall) -> String { change(call, "add", onTop: true) }

    /// Begins a transaction with what is sent, or with that behind what there is.
    private func change(_ call: RuntimeCall, _ verb: String, onTop: Bool) -> String {
        guard let name = call.words.first, let payload = call.payload else {
            return "'\(verb) ssl \(object) expects a filename and \(title)s as a payload\n"
        }
        let failure = "Can't update \(name)!\n"
        let used = used(name)
        guard let before = used ?? transactions.unused(name) else {
            return "Can't replace a \(title) file which is not referenced by the configuration!\n" + failure
        }
        guard isUsable(payload) else { return "Invalid payload\n" + failure }
        let step = transactions.change(name, base: used) { ongoing in
            guard onTop else { return payload }
            let pem = (ongoing ?? before) + [UInt8(ascii: "\n")] + payload
            return isUsable(pem) ? pem : nil
        }
        switch step {
        case .other: return transactions.other(than: name, "set") + failure
        case .refused: return "Invalid payload\n" + failure
        case .created, .updated: return "transaction \(step) for \(title) \(name)!\n"
        }
    }

    /// Whether handshakes could ask it.
    private func isUsable(_ pem: [UInt8]) -> Bool {
        guard isOfAuthorities else { return !RevocationFacts.read(pem).isEmpty }
        return (try? TrustStore(certificatesPEM: pem)) != nil
    }

    private func commit(_ call: RuntimeCall) -> String {
        // HAProxy's words, of both.
        guard let name = call.words.first else { return "'commit ssl ca-file expects a filename\n" }
        let failure = "Can't commit \(name)!\n"
        guard transactions.ongoing != nil else { return "No ongoing transaction! !\n" + failure }
        let pem: [UInt8]
        switch transactions.finish(name, now: used(name)) {
        case .whole(let found): pem = found
        case .outdated: return transactions.outdated + failure
        case .other: return transactions.other(than: name, "set") + failure
        }
        do throws(TLSSettingsError) {
            if try replace(AuthorityFile(kind, name), pem) { return "Committing \(name).\nSuccess!\n" }
        } catch {
            return "\(error)\n" + failure
        }
        transactions.keep(name, pem)
        return "Committing \(name)\nSuccess!\n"
    }

    private func abort(_ call: RuntimeCall) -> String { transactions.abort(call, object) }

    private func delete(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else { return "'del ssl \(object)' expects a \(title) file name\n" }
        let failure = "Can't remove the \(title) file: \(title) file '\(name)' "
        guard used(name) == nil else { return failure + "in use, can't be deleted!\n\n" }
        guard transactions.delete(name) else { return failure + "doesn't exist!\n\n" }
        return "\(title) file '\(name)' deleted!\n"
    }
}
