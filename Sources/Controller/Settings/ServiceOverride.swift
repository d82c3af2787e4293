/// Where requests for a Service go instead of to its pods: what the operator says, for instance a process on this machine.
public struct ServiceOverride: Sendable, Equatable {
    /// A name, or an address without brackets.
    public var host: String
    /// Whatever port of the Service was asked for.
    public var port: UInt16

    /// An override from its parts.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// The name to resolve; nil for an address.
    var resolvableName: String? { IPFamily(of: host) == nil ? host : nil }
}

extension ServiceOverride: CustomStringConvertible {
    /// `host:port`.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
