import Model
import Wire

/// The contexts of servers by their settings, so that servers that are spoken to alike share one.
struct ServerTLSStore {
    private var contexts: [ServerTLS: Kept] = [:]
    private let authorities: AuthorityStore

    private final class Kept {
        private var context: TLSClientContext

        init(_ context: TLSClientContext) { self.context = context }

        var value: TLSClientContext { context }
        /// Whether no server has it any more.
        var isUnused: Bool { isKnownUniquelyReferenced(&context) }
    }

    /// None yet; `authorities` are whom they are to believe.
    init(_ authorities: AuthorityStore = AuthorityStore()) { self.authorities = authorities }

    /// The context for these settings, made if no server has it yet.
    mutating func context(for named: ServerTLS) throws(TLSSettingsError) -> TLSClientContext {
        for case .fixed(let name) in [named.serverName] where name.utf8.count > 255 || name.contains("\0") {
            throw .name(name)
        }
        // Names are a connection's.
        var settings = named
        (settings.serverName, settings.verifiedName) = (.none, nil)
        if let known = contexts[settings] { return known.value }
        freeUnused()
        let made = try TLSClientContext(TLSClientContext.Settings(settings, authorities))
        contexts[settings] = Kept(made)
        return made
    }

    /// How many there are.
    var count: Int { contexts.count }

    /// Gives up those that no server and no connection has any more.
    mutating func freeUnused() {
        guard contexts.values.contains(where: \.isUnused) else { return }
        contexts = contexts.filter { !$0.value.isUnused }
    }
}

extension TLSClientContext.Settings {
    init(_ settings: ServerTLS, _ store: AuthorityStore) throws(TLSSettingsError) {
        self.init()
        if case .required(let bundle) = settings.verification { authorities = try store.source(for: bundle) }
        verifyDepth = settings.verifyDepth
        if let shown = settings.clientCertificate {
            do {
                certificate = try CertifiedKey(chainPEM: shown.chainPEM, keyPEM: shown.keyPEM)
            } catch {
                throw .certificate(error)
            }
        }
        policy = TLSPolicy(settings.parameters)
        protocols = settings.protocols.compactMap { ApplicationProtocol(rawValue: $0) }
        resumes = settings.reusesSessions
    }
}

extension TLSPolicy {
    /// The configuration's in Wire's terms.
    init(_ parameters: TLSParameters) {
        self.init(
            oldest: TLSVersion(parameters.minimum), newest: TLSVersion(parameters.maximum),
            ciphers: parameters.ciphers, suites: parameters.suites, groups: parameters.curves,
            usesTickets: parameters.usesTickets ?? true,
            followsClients: parameters.followsClients ?? false, signatures: parameters.signatures,
            clientSignatures: parameters.clientSignatures)
    }
}

extension TLSVersion {
    fileprivate init(_ version: TLSParameters.Version) { self = version == .tls12 ? .tls12 : .tls13 }
}
