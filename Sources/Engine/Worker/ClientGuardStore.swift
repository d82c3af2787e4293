import Basics
import Model
import Wire

/// The guards of server names. One whose authorities can not be used keeps those it had; if it had none, its hosts refuse
/// everything.
struct ClientGuardStore {
    private var guards: [HostPattern: ClientGuard] = [:]
    /// The guards by name, for requests; nil if there are none.
    private(set) var table: HostTable?
    /// All fields that tell of certificates.
    private(set) var fields = ClaimedFields([])

    /// Takes a change over, and what it demands of handshakes into the table of certificates.
    mutating func apply(
        _ change: [HostPattern: ClientAuthentication?], to certificates: inout CertificateTable
    ) -> [Diagnostic] {
        var problems: [Diagnostic] = []
        for (host, settings) in change {
            guard let settings else {
                guards[host] = nil
                certificates.setVerification(nil, for: host.tablePattern)
                continue
            }
            // Whoever knows that there is nobody to ask wants nobody in.
            if settings.authorities.certificatesPEM.isEmpty {
                guards[host] = ClientGuard(settings, isBroken: true)
                certificates.setVerification(nil, for: host.tablePattern)
                continue
            }
            if let known = guards[host], known.settings == settings, !known.isBroken { continue }
            do throws(ClientGuardError) {
                let made = try ClientGuard.make(settings)
                guards[host] = made.host
                certificates.setVerification(made.verification, for: host.tablePattern)
            } catch {
                problems.append(
                    ClientGuardStore.problem(error, at: host, isNew: guards[host]?.isBroken ?? true))
                if guards[host] == nil { guards[host] = ClientGuard(settings, isBroken: true) }
            }
        }
        rebuild()
        return problems
    }

    private mutating func rebuild() {
        table =
            guards.isEmpty
            ? nil
            : HostTable(guards.map { CompiledHost($0.key, paths: PathTable([]), clientGuard: $0.value) })
        fields = ClaimedFields(guards.values.flatMap(\.settings.headers.names))
    }

    private static func problem(_ error: ClientGuardError, at host: HostPattern, isNew: Bool) -> Diagnostic {
        let outcome = isNew ? "all its requests are refused" : "the previous ones stay in force"
        return Diagnostic(
            .error, kind: "Host", object: Origin(namespace: "", name: host.description),
            field: "clientAuthentication", reason: "ClientAuthenticationRefused",
            message: "\(error.message); \(outcome)")
    }
}

extension ClientVerification {
    /// A demand that handshakes alone are held to, and that nobody is told of.
    convenience init(
        ofHandshakes settings: ClientAuthentication, _ authorities: AuthorityStore
    ) throws(TLSSettingsError) {
        var silent = settings
        (silent.headers, silent.refusal) = (.none, .handshake)
        let source = try authorities.source(for: silent.authorities)
        self.init(silent, trust: source, tag: ClientGuard(silent))
    }

    /// A demand in Wire's terms.
    convenience init(_ settings: ClientAuthentication, trust: TrustSource, tag: ClientGuard) {
        let bundle = settings.authorities
        let tolerance = Tolerance(
            client: .init(settings.ignoredErrors), authorities: .init(settings.ignoredAuthorityErrors))
        let terms = "\(settings.demand) \(settings.refusal) \(settings.verifyDepth ?? -1) \(tolerance.terms) "
        self.init(
            settings.wireDemand, trust: trust, depth: settings.verifyDepth,
            identity: Array(terms.utf8) + bundle.certificatesPEM + [0] + bundle.revocationsPEM,
            tolerance: tolerance, tag: tag)
    }
}

/// Why a guard can not be made.
struct ClientGuardError: Error {
    let message: String
}

extension ClientGuard {
    /// A guard and what it demands of handshakes.
    static func make(
        _ settings: ClientAuthentication
    ) throws(ClientGuardError) -> (host: ClientGuard, verification: ClientVerification) {
        for name in settings.headers.names where !name.isFieldName {
            throw ClientGuardError(message: "\"\(name)\" is no name of a header field")
        }
        let bundle = settings.authorities
        let store: TrustStore
        do {
            store = try TrustStore(
                certificatesPEM: bundle.certificatesPEM, revocationsPEM: bundle.revocationsPEM)
        } catch {
            throw ClientGuardError(message: "\(error)")
        }
        let subject = settings.subjectPattern.map { RegularExpression($0) }
        if case .some(nil) = subject {
            throw ClientGuardError(message: "the subject's pattern is no expression")
        }
        let host = ClientGuard(settings, subject: subject ?? nil)
        let verification = ClientVerification(settings, trust: TrustSource(store), tag: host)
        return (host, verification)
    }
}

extension ClientVerification.Tolerance {
    /// The same text for the same tolerance.
    fileprivate var terms: String { "\(client.terms)/\(authorities.terms)" }
}

extension ClientVerification.Tolerance.Verdicts {
    fileprivate init(_ errors: ClientAuthentication.IgnoredErrors) {
        self =
            switch errors {
            case .all: .all
            case .only(let codes): .only(Set(codes.map { Int32(clamping: $0) }))
            }
    }

    fileprivate var terms: String {
        switch self {
        case .all: "all"
        case .only(let codes): codes.sorted().map { "\($0)" }.joined(separator: ",")
        }
    }
}

extension ClientAuthentication {
    fileprivate var wireDemand: ClientVerification.Demand {
        switch (refusal, demand) {
        case (.answer, _), (_, .optionalNoCA): .noted
        case (.handshake, .required): .required
        case (.handshake, .optional): .optional
        }
    }
}

extension String {
    /// RFC 9110 5.1: a token.
    fileprivate var isFieldName: Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "A") < 26
                    || byte &- UInt8(ascii: "0") < 10 || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }
}
