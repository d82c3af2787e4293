/// Where connections to a server come from, and how they behave: HAProxy's `source`, `usesrc`, `interface` and `tcp-ut`.
public struct ServerSource: Sendable, Hashable {
    /// Our address, in text form; empty, the default, is the system's choice.
    public var address = ""
    /// Our port; nil, the default, is the system's choice. Of several a free one is taken.
    public var ports: ClosedRange<UInt16>?
    /// Whose address connections have in place of ours; nil, the default, is nobody's. The system has to allow it (CAP_NET_ADMIN) and
    /// to route answers back. Checks come from `address`.
    public var foreign: Foreign?
    /// The network interface they are bound to; empty, the default, is the system's choice.
    public var interface = ""
    /// For so long (ms) may what was sent stay unacknowledged until the connection is given up; 0, the default, is the system's choice.
    public var patience = 0

    /// Who connections seem to come from.
    public enum Foreign: String, Sendable, Hashable, CaseIterable {
        /// The client's address and port.
        case client
        /// The client's address.
        case clientAddress = "clientip"
    }

    /// The system's choice.
    public init() {}
}
