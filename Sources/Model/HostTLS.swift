/// How TLS is spoken under one server name where it differs from the listener: HAProxy's options in a `crt-list`.
///
/// Like certificates it holds for a name, whatever the listener.
public struct HostTLS: Sendable, Hashable {
    /// Versions, ciphers and curves; nil, the default, are the listener's.
    public var parameters: TLSParameters?
    /// Whether HTTP/2 may be spoken; false leaves it out of ALPN. Default yes, if the frontend speaks it.
    public var speaksHTTP2: Bool
    /// What handshakes under this name demand of clients' certificates. Default what the listener does.
    public var demand: Demand

    /// What is demanded, in the handshake alone: `Configuration.clientAuthentication` is for demands that requests are held to
    /// as well, and goes before it.
    public enum Demand: Sendable, Hashable {
        /// What the bind demands.
        case listener
        /// Nothing, whatever the bind demands.
        case nothing
        /// This; its `headers` are told to nobody.
        case own(ClientAuthentication)
    }

    /// As the listener has it.
    public init() {
        parameters = nil
        speaksHTTP2 = true
        demand = .listener
    }
}
