import Engine
import Model
import Wire

/// `show ssl cert`, and changing certificates without reading files: `set`, then `commit` or `abort`.
struct CertificateCommands: Sendable {
    let engine: Engine
    private let transactions = CertificateTransactions()

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

    private func isServed(_ name: String) -> Bool { engine.certificate(CertificateName(name)) != nil }

    // MARK: Looking

    private func show(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else {
            let ongoing = transactions.ongoing.map { "# transaction\n*\($0)\n" } ?? ""
            let names = (engine.certificateNames().map(\.description) + transactions.unusedNames).sorted()
            return ongoing + (names.isEmpty ? "" : "# filename\n") + names.map { $0 + "\n" }.joined()
        }
        if name.hasPrefix("*") {
            guard let draft = transactions.ongoingDraft(String(name.dropFirst())) else {
                return CertificateCommands.unknown
            }
            return CertificateCommands.text(name, "Unused", draft.facts)
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
        guard isServed(name) || transactions.unused(name) != nil else {
            return "Can't replace a certificate which is not referenced by the configuration!\n"
                + "Can't update \(name)!\n"
        }
        do throws(CertificateError) {
            guard let isOngoing = transactions.set(name, try CertificateTransactions.Draft(payload)) else {
                return other(than: name, "set") + "Can't update \(name)!\n"
            }
            return "Transaction \(isOngoing ? "updated" : "created") for certificate \(name)!\n"
        } catch {
            return "unable to load certificate from file '\(name)': \(error).\nCan't load the payload\n"
                + "Can't update \(name)!\n"
        }
    }

    private func other(than name: String, _ verb: String) -> String {
        "The ongoing transaction is about '\(transactions.ongoing ?? "")' but you are trying to \(verb) '\(name)'\n"
    }

    private func commit(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else { return "'commit ssl cert expects a filename\n" }
        let failure = "Can't commit \(name)!\n"
        guard transactions.ongoing != nil else { return "No ongoing transaction! !\n" + failure }
        guard let draft = transactions.ongoingDraft(name) else { return other(than: name, "set") + failure }
        guard case .whole(let key) = draft else {
            return "The transaction must contain at least a certificate and a private key!\n" + failure
        }
        _ = transactions.take(name)
        if engine.replaceCertificate(CertificateName(name), by: key) {
            return "Committing \(name).\nSuccess!\n"
        }
        transactions.keep(name, key)
        return "Committing \(name)\nSuccess!\n"
    }

    private func abort(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else { return "'abort ssl cert' expects a filename\n" }
        guard transactions.ongoing != nil else { return "No ongoing transaction!\n" }
        guard transactions.take(name) != nil else { return other(than: name, "abort a transaction for") }
        return "Transaction aborted for certificate '\(name)'!\n"
    }

    private func new(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else { return "'new ssl cert' expects a filename\n" }
        guard !isServed(name), transactions.unused(name) == nil else {
            return "Certificate '\(name)' already exists!\n"
        }
        return transactions.make(name)
            ? "New empty certificate store '\(name)'!\n"
            : "There are too many certificates that nobody uses.\n"
    }

    private func delete(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else { return "'del ssl cert' expects a certificate name\n" }
        let failure = "Can't remove the certificate: certificate '\(name)' "
        guard !isServed(name) else { return failure + "in use, can't be deleted!\n\n" }
        guard transactions.delete(name) else { return failure + "doesn't exist!\n\n" }
        return "Certificate '\(name)' deleted!\n"
    }
}
