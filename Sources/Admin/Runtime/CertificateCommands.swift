import Engine
import Model
import Wire

/// `show ssl cert`, and changing certificates without reading files: `set`, then `commit` or `abort`.
struct CertificateCommands: Sendable {
    let engine: Engine
    let transactions = CertificateTransactions()

    init(engine: Engine) { self.engine = engine }

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "show ssl cert", "[<certfile>]",
                "display the SSL certificates used in memory, or the details of a file", .operator
            ) { show($0) },
            RuntimeCommand("set ssl cert", "<certfile> <payload>", "replace a certificate file", .admin) {
                set($0)
            },
            RuntimeCommand("commit ssl cert", "<certfile>", "commit a certificate file", .admin) {
                commit($0)
            },
            RuntimeCommand(
                "abort ssl cert", "<certfile>", "abort a transaction for a certificate file", .admin
            ) { abort($0) },
            RuntimeCommand(
                "new ssl cert", "<certfile>",
                "create a new certificate file to be used in a crt-list or a directory", .admin
            ) { new($0) },
            RuntimeCommand("del ssl cert", "<certfile>", "delete an unused certificate file", .admin) {
                delete($0)
            },
        ]
    }

    private func served(_ name: String) -> CertificateFacts? {
        engine.certificate(CertificateName(name))?.facts
    }

    // MARK: Looking

    private func show(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else {
            let ongoing = transactions.ongoing.map { "# transaction\n*\($0.name)\n" } ?? ""
            let names = (engine.certificateNames().map(\.description) + transactions.unused.keys).sorted()
            return ongoing + (names.isEmpty ? "" : "# filename\n") + names.map { $0 + "\n" }.joined()
        }
        if name.hasPrefix("*") {
            guard let ongoing = transactions.ongoing, "*\(ongoing.name)" == name else {
                return CertificateCommands.unknown
            }
            return CertificateCommands.text(name, "Unused", ongoing.draft.facts)
        }
        if let key = engine.certificate(CertificateName(name)) {
            return CertificateCommands.text(name, "Used", key.facts)
        }
        guard let draft = transactions.unused(name) else { return CertificateCommands.unknown }
        return CertificateCommands.text(name, "Unused", draft.facts)
    }

    private static let unknown =
        "Can't display the certificate: Not found or the certificate is a bundle!\n"

    static func text(_ name: String, _ status: String, _ facts: CertificateFacts?) -> String {
        guard let facts else { return "Filename: \(name)\nStatus: Empty\nOCSP Response Key: \n" }
        let chain = facts.chain.map { "Chain Subject: \($0.subject)\nChain Issuer: \($0.issuer)\n" }.joined()
        return
            "Filename: \(name)\nStatus: \(status)\nSerial: \(facts.serial)\nnotBefore: \(facts.notBefore)\n"
            + "notAfter: \(facts.notAfter)\nSubject Alternative Name: "
            + facts.names.map { "DNS:\($0)" }.joined(separator: ", ")
            + "\nAlgorithm: \(facts.algorithm)\nSHA1 FingerPrint: \(facts.fingerprint)\nSubject: \(facts.subject)\n"
            + "Issuer: \(facts.issuer)\n\(chain)OCSP Response Key: \n"
    }

    // MARK: Changing

    private func set(_ call: RuntimeCall) -> String {
        guard let name = call.words.first, let payload = call.payload else {
            return "'set ssl cert expects a filename and a certificate as a payload\n"
        }
        let served = served(name)
        guard served != nil || transactions.unused(name) != nil else {
            return "Can't replace a certificate which is not referenced by the configuration!\n"
                + "Can't update \(name)!\n"
        }
        do throws(CertificateError) {
            let draft = try CertificatePayload(payload)
            let step = transactions.change(name, base: served) { _ in draft }
            guard step != .other else {
                return transactions.other(than: name, "set") + "Can't update \(name)!\n"
            }
            return "Transaction \(step) for certificate \(name)!\n"
        } catch {
            return "unable to load certificate from file '\(name)': \(error).\nCan't load the payload\n"
                + "Can't update \(name)!\n"
        }
    }

    private func commit(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else { return "'commit ssl cert expects a filename\n" }
        let failure = "Can't commit \(name)!\n"
        guard let ongoing = transactions.ongoing else { return "No ongoing transaction! !\n" + failure }
        let incomplete = "The transaction must contain at least a certificate and a private key!\n" + failure
        guard ongoing.name != name || ongoing.draft.isWhole else { return incomplete }
        let key: CertifiedKey
        switch transactions.finish(name, now: served(name)) {
        case .whole(.whole(let found)): key = found
        case .whole: return incomplete
        case .outdated: return transactions.outdated + failure
        case .other: return transactions.other(than: name, "set") + failure
        }
        if engine.replaceCertificate(CertificateName(name), by: key) {
            return "Committing \(name).\nSuccess!\n"
        }
        transactions.keep(name, .whole(key))
        return "Committing \(name)\nSuccess!\n"
    }

    private func abort(_ call: RuntimeCall) -> String { transactions.abort(call, "cert") }

    private func new(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else { return "'new ssl cert' expects a filename\n" }
        guard served(name) == nil, transactions.unused(name) == nil else {
            return "Certificate '\(name)' already exists!\n"
        }
        return transactions.make(name, .empty)
            ? "New empty certificate store '\(name)'!\n"
            : "There are too many certificates that nobody uses.\n"
    }

    private func delete(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else { return "'del ssl cert' expects a certificate name\n" }
        let failure = "Can't remove the certificate: certificate '\(name)' "
        guard served(name) == nil else { return failure + "in use, can't be deleted!\n\n" }
        guard transactions.delete(name) else { return failure + "doesn't exist!\n\n" }
        return "Certificate '\(name)' deleted!\n"
    }
}
