/// What is spoken to a server.
public enum ServerProtocol: Sendable, Hashable {
    /// What a TLS handshake chooses of `ServerTLS.protocols` (ALPN); HTTP/1.1 where it chooses nothing and where there is no
    /// TLS. The default.
    case negotiated
    /// HTTP/1.1, HAProxy's `proto h1`: one request at a time on a connection. HTTP/2 is not offered.
    case http1
    /// HTTP/2 without asking first, HAProxy's `proto h2`: a connection carries many requests side by side. Over TLS it is all
    /// that is offered, and a server that does not choose it is not spoken to.
    case http2
}
