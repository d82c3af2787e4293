/// Where a TLS connection goes by the first message of its client, before any handshake: it is passed through as it comes,
/// to a server that has the certificate.
///
/// On a frontend of mode http, connections that match no such route are terminated as ever, on the same port. On one of mode
/// tcp they go to its fallback, and so do those that do not speak TLS.
public struct HelloRoute: Sendable, Equatable {
    /// The name the client asks for (SNI). `any` is for every client, also for one that names nothing.
    public var host: HostPattern
    /// A protocol the client has to offer (ALPN), e.g. `h2`; nil asks for none.
    public var offering: String?
    /// Where it goes. Of several routes the one with the best host counts: exact, then wildcard, then any; of one host's the
    /// first whose protocol is offered.
    public var backend: BackendName

    /// A route from its parts.
    public init(host: HostPattern, offering: String? = nil, backend: BackendName) {
        self.host = host
        self.offering = offering
        self.backend = backend
    }
}
