public import Model

/// How requests reach pods from where this process runs.
public enum PodAccess: Sendable, Equatable {
    /// By their addresses.
    case direct
    /// Through the API server.
    case proxied(PodProxy)

    /// What a pipeline waits for where it is not known from the start.
    public static let part = "pod access"
}

/// An API server as the proxy of its pods.
public struct PodProxy: Sendable, Equatable {
    /// A name, or an address without brackets.
    public var host: String
    /// Its port.
    public var port: UInt16
    /// What stands in front of all its paths; empty, or without a slash at the end.
    public var pathPrefix: String
    /// How TLS is spoken with it; nil is not at all.
    public var tls: ServerTLS?
    /// How it knows us.
    public var credentials: RelayCredentials

    /// A proxy from its parts.
    public init(
        host: String, port: UInt16, pathPrefix: String, tls: ServerTLS?, credentials: RelayCredentials
    ) {
        self.host = host
        self.port = port
        self.pathPrefix = pathPrefix
        self.tls = tls
        self.credentials = credentials
    }

    /// The name to resolve; nil for an address.
    public var resolvableName: String? { IPFamily(of: host) == nil ? host : nil }
}
