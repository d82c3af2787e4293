/// How TLS is spoken to a server: HAProxy's `ssl` and what stands around it on a `server` line.
public struct ServerTLS: Sendable, Hashable {
    /// Whether the server has to prove who it is.
    public var verification: Verification
    /// The name the server is told (SNI), and with it the name its certificate must be for.
    public var serverName: ServerName
    /// HAProxy's `verifyhost`: the name its certificate must be for where none is told. nil asks for no name then, or, where
    /// the request's host is told and the request has none, for the server's address.
    public var verifiedName: String?
    /// The longest chain: how many authorities may stand between the server's certificate and a trusted one; nil is
    /// OpenSSL's limit of 100.
    public var verifyDepth: Int?
    /// The certificate we show to a server that asks for one.
    public var clientCertificate: Certificate?
    /// Versions, ciphers and curves.
    public var parameters: TLSParameters
    /// Protocols offered by ALPN, best first, as `h2` and `http/1.1`; what the engine does not speak is left out, and what
    /// `Server.speaks` does not want. Default none.
    public var protocols: [String]
    /// Whether sessions are resumed. Default on.
    public var reusesSessions: Bool

    /// Whether and by whom certificates must be signed.
    public enum Verification: Sendable, Hashable {
        /// Any certificate will do.
        case none
        /// One that these authorities have signed, in time, for the name, and not revoked.
        case required(AuthorityBundle)
    }

    /// What is sent as server name.
    public enum ServerName: Sendable, Hashable {
        case none
        /// Always this one.
        case fixed(String)
        /// The request's host without its port. Connections are then only shared by requests for one host.
        case requestHost
        /// What a sample of the request or its connection gives, read as a host; connections are shared as with `requestHost`.
        case sample(Expression)

        /// Whether it is another one for each request, so that nobody can tell it who has none.
        public var dependsOnRequest: Bool {
            switch self {
            case .none, .fixed: false
            case .requestHost, .sample: true
            }
        }
    }

    /// TLS with these authorities or, with nil, with whoever answers; no name is sent.
    public init(trusting authorities: AuthorityBundle? = nil) {
        verification = authorities.map { .required($0) } ?? .none
        serverName = .none
        verifiedName = nil
        verifyDepth = nil
        clientCertificate = nil
        parameters = TLSParameters()
        protocols = []
        reusesSessions = true
    }
}
