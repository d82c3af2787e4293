/// Whether a check speaks TLS, and how: HAProxy's `check-ssl` and the words around it.
public struct CheckTLS: Sendable, Hashable {
    /// Whether it does. Default as requests do.
    public var use: Use
    /// HAProxy's `check-sni`: the name that is told, and that the certificate must be for; empty, the default, is the one that
    /// every request tells, if there is one.
    public var serverName: String
    /// HAProxy's `check-alpn`: protocols offered, best first; none, the default, are those of requests. HTTP/2 is offered,
    /// alone, where a check speaks it: to gRPC servers and those of `ServerCheck.speaks`.
    public var protocols: [String]

    /// When TLS is spoken.
    public enum Use: Sendable, Hashable {
        /// As requests do, if the server is asked at its own address and port.
        case likeRequests
        /// HAProxy's `no-check-ssl`.
        case never
        /// HAProxy's `check-ssl`: wherever it is asked.
        case always(ServerTLS)
    }

    /// HAProxy's defaults.
    public init() {
        use = .likeRequests
        serverName = ""
        protocols = []
    }
}
