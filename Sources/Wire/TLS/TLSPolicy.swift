import COpenSSL
import CSystem

/// Versions, ciphers, suites and groups; what is nil stays as it is.
public struct TLSPolicy: Sendable, Hashable {
    /// The oldest version.
    public var oldest: TLSVersion
    /// The newest version.
    public var newest: TLSVersion
    /// Ciphers of TLS 1.2 in OpenSSL's language.
    public var ciphers: String?
    /// Cipher suites of TLS 1.3.
    public var suites: String?
    /// Groups for the key exchange, best first.
    public var groups: String?
    /// Algorithms of signatures, best first, and those of clients' certificates.
    public var (signatures, clientSignatures): (String?, String?)
    /// Whether sessions may be resumed by tickets.
    public var usesTickets: Bool
    /// Whether a server chooses ciphers in its client's order.
    public var followsClients: Bool

    /// A policy from its parts.
    public init(
        oldest: TLSVersion = .tls12, newest: TLSVersion = .tls13, ciphers: String? = nil,
        suites: String? = nil, groups: String? = nil, usesTickets: Bool = true, followsClients: Bool = false,
        signatures: String? = nil, clientSignatures: String? = nil
    ) {
        (self.signatures, self.clientSignatures) = (signatures, clientSignatures)
        (self.usesTickets, self.followsClients) = (usesTickets, followsClients)
        self.oldest = oldest
        self.newest = newest
        self.ciphers = ciphers
        self.suites = suites
        self.groups = groups
    }

    /// Refuses what OpenSSL does not know.
    func validate() throws(TLSSettingsError) {
        csystem_ssl_start()
        defer { ERR_clear_error() }
        guard let trial = Owned(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) else { throw .outOfMemory }
        try apply(toContext: trial.pointer)
    }

    /// Makes it that of a session whose version is still open; false without memory.
    func apply(toSession ssl: OpaquePointer) -> Bool {
        guard csystem_ssl_set_versions(ssl, oldest.number, newest.number) else { return false }
        if let ciphers, SSL_set_cipher_list(ssl, ciphers) != 1 { return false }
        if let suites, SSL_set_ciphersuites(ssl, suites) != 1 { return false }
        if let groups, !csystem_ssl_set_groups(ssl, groups) { return false }
        if let signatures, !csystem_ssl_set_sigalgs(ssl, signatures) { return false }
        if let clientSignatures, !csystem_ssl_set_client_sigalgs(ssl, clientSignatures) { return false }
        if !usesTickets { csystem_ssl_forbid_tickets(ssl) }
        csystem_ssl_follow_client(ssl, followsClients)
        return true
    }

    /// Makes it a context's.
    func apply(toContext context: OpaquePointer) throws(TLSSettingsError) {
        guard oldest == .tls12 || newest == .tls13,
            csystem_ssl_ctx_set_versions(context, oldest.number, newest.number)
        else { throw .versions }
        if let ciphers, SSL_CTX_set_cipher_list(context, ciphers) != 1 { throw .ciphers(ciphers) }
        if let suites, SSL_CTX_set_ciphersuites(context, suites) != 1 { throw .suites(suites) }
        if let groups, !csystem_ssl_ctx_set_groups(context, groups) { throw .groups(groups) }
        if let signatures, !csystem_ssl_ctx_set_sigalgs(context, signatures) { throw .signatures(signatures) }
        if let clientSignatures, !csystem_ssl_ctx_set_client_sigalgs(context, clientSignatures) {
            throw .signatures(clientSignatures)
        }
        if !usesTickets { csystem_ssl_ctx_forbid_tickets(context) }
        if followsClients { csystem_ssl_ctx_follow_client(context, true) }
    }
}

/// Why settings of TLS can not be used. Holds nothing of a key.
public enum TLSSettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No version is left between the oldest and the newest.
    case versions
    /// OpenSSL knows none of these ciphers.
    case ciphers(String)
    case suites(String)
    case groups(String)
    case signatures(String)
    /// A name that ALPN has no room for.
    case applicationProtocol(String)
    case authorities(TrustError)
    case certificate(CertificateError)
    /// A name that no certificate could be for.
    case name(String)
    case outOfMemory

    /// One phrase for a diagnostic.
    public var description: String {
        switch self {
        case .versions: "no version of TLS lies between the oldest and the newest allowed"
        case .ciphers(let list): "OpenSSL knows no cipher of \"\(list)\""
        case .suites(let list): "OpenSSL does not know the cipher suites \"\(list)\""
        case .groups(let list): "OpenSSL does not know the curves \"\(list)\""
        case .signatures(let list): "OpenSSL does not know the algorithms of signatures \"\(list)\""
        case .applicationProtocol(let name): "\"\(name)\" can be no protocol of ALPN: 1 to 255 bytes"
        case .authorities(let error): "\(error)"
        case .certificate(let error): "the client certificate: \(error)"
        case .name(let name): "\"\(name)\" is no name of a server"
        case .outOfMemory: "out of memory"
        }
    }
}

extension TLSVersion {
    /// Its number in the protocol.
    var number: Int32 { self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION }
}
