/// By which version WebSockets go to a server that speaks HTTP/2: HAProxy's `ws`.
public enum WebSocketVersion: String, Sendable, Hashable, CaseIterable {
    /// By HTTP/2 (RFC 8441) where the server has announced it, else by HTTP/1.1 if a handshake may choose that. The default.
    case automatic = "auto"
    /// By HTTP/1.1, each on a connection of its own, whatever is spoken otherwise.
    case http1 = "h1"
    /// By HTTP/2 alone.
    case http2 = "h2"
}

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
    /// FastCGI, as `Backend.fastCGI` says: one request at a time on a connection, in the role of a responder.
    case fastCGI
}
