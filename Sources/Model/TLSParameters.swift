/// What of TLS is spoken. What is nil stays at the engine's defaults.
public struct TLSParameters: Sendable, Hashable {
    /// A version of the protocol, under HAProxy's name.
    public enum Version: String, Sendable, CaseIterable, Comparable {
        case tls12 = "TLSv1.2"
        case tls13 = "TLSv1.3"

        /// The older one is less.
        public static func < (left: Version, right: Version) -> Bool { left == .tls12 && right == .tls13 }
    }

    /// The oldest version (`ssl-min-ver`). Default TLS 1.2.
    public var minimum: Version
    /// The newest version (`ssl-max-ver`). Default TLS 1.3.
    public var maximum: Version
    /// Ciphers of TLS 1.2 as OpenSSL lists them.
    public var ciphers: String?
    /// Cipher suites of TLS 1.3, separated by colons.
    public var suites: String?
    /// Whether sessions are resumed by tickets (`no-tls-tickets`). Default true.
    public var usesTickets: Bool?
    /// Whether ciphers are chosen in the client's order, not ours. Default no.
    public var followsClients: Bool?
    /// Groups for the key exchange, separated by colons, best first.
    public var curves: String?
    /// Algorithms of signatures, separated by colons, best first (`sigalgs`).
    public var signatures: String?
    /// The same of clients' certificates (`client-sigalgs`).
    public var clientSignatures: String?

    /// The defaults.
    public init() {
        (minimum, maximum) = (.tls12, .tls13)
        (ciphers, suites, curves) = (nil, nil, nil)
        (signatures, clientSignatures) = (nil, nil)
        (usesTickets, followsClients) = (nil, nil)
    }

    /// Takes over what is not said here: lists that are nil, and versions that are not narrowed.
    public mutating func fill(from defaults: TLSParameters) {
        ciphers = ciphers ?? defaults.ciphers
        suites = suites ?? defaults.suites
        curves = curves ?? defaults.curves
        signatures = signatures ?? defaults.signatures
        clientSignatures = clientSignatures ?? defaults.clientSignatures
        usesTickets = usesTickets ?? defaults.usesTickets
        followsClients = followsClients ?? defaults.followsClients
        if (minimum, maximum) == (.tls12, .tls13) {
            (minimum, maximum) = (defaults.minimum, defaults.maximum)
        }
    }
}
