/// What may begin in the process in a second, and how much TLS there may be: HAProxy's `maxconnrate`, `maxsessrate`, `maxsslrate` and
/// `maxsslconn`. 0, the default, is no limit.
public struct ProcessLimits: Sendable, Equatable {
    /// Client connections that are accepted in a second; more wait in the kernel.
    public var connectionRate = 0
    /// The same of those that no rule refuses at once.
    public var sessionRate = 0
    /// The same of those among them that begin with TLS.
    public var handshakeRate = 0
    /// The most connections over TLS at a time, with clients and with servers: others fail.
    public var tlsConnections = 0

    /// Nothing is limited.
    public init() {}
}
