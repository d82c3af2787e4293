/// What is spoken to a server.
public enum ServerProtocol: Sendable, Hashable {
    /// HTTP/1.1: one request at a time on a connection. The default.
    case http1
    /// HTTP/2 without asking first, HAProxy's `proto h2`: a connection carries many requests side by side. Servers with TLS
    /// are spoken to as with `http1` for now.
    case http2
}
