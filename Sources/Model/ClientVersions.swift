/// Which versions of HTTP clients may speak at an address. Over TLS, HTTP/2 is offered where it may be spoken.
public enum ClientVersions: Sendable, Equatable {
    /// What a client agrees on by ALPN, or, without TLS, begins to speak. The default.
    case all
    /// HTTP/1 alone, HAProxy's `proto h1`.
    case http1
    /// HTTP/2 alone, HAProxy's `proto h2`: connections that begin with anything else are ended.
    case http2
}
