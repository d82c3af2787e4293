public import Engine
public import Model

/// What the dashboard and its API look at: closures that take a snapshot, called on the admin thread.
public struct Introspection: Sendable {
    /// What this process is.
    public var info: @Sendable () -> ProcessInfo
    /// What is being served.
    public var configuration: @Sendable () -> Configuration
    /// What the engine has counted.
    public var metrics: @Sendable () -> EngineMetrics
    /// How each server does; one that is missing has had no traffic.
    public var servers: @Sendable () -> [ServerKey: ServerTraffic]
    /// What is wrong with the user's input.
    public var diagnostics: @Sendable () -> [Diagnostic]
    /// What there is to say of frontends, backends and servers, for the page of statistics.
    public var statistics: @Sendable () -> Statistics = { Statistics() }
    /// The latest changes, the newest first.
    public var changes: @Sendable () -> [RecentChange] = { [] }

    /// An introspection from its parts.
    public init(
        info: @escaping @Sendable () -> ProcessInfo, configuration: @escaping @Sendable () -> Configuration,
        metrics: @escaping @Sendable () -> EngineMetrics,
        servers: @escaping @Sendable () -> [ServerKey: ServerTraffic],
        diagnostics: @escaping @Sendable () -> [Diagnostic]
    ) {
        self.info = info
        self.configuration = configuration
        self.metrics = metrics
        self.servers = servers
        self.diagnostics = diagnostics
    }
}

/// What a process is.
public struct ProcessInfo: Sendable, Equatable {
    /// Of the product.
    public var version: String
    /// `controller` or `dev`.
    public var mode: String
    /// Since the start.
    public var uptimeSeconds: Int64
    /// Whether `/readyz` says so.
    public var isReady: Bool
    /// How often the configuration has changed.
    public var publishes: UInt64

    /// A process from its parts.
    public init(version: String, mode: String, uptimeSeconds: Int64, isReady: Bool, publishes: UInt64) {
        self.version = version
        self.mode = mode
        self.uptimeSeconds = uptimeSeconds
        self.isReady = isReady
        self.publishes = publishes
    }
}

/// A server of a backend.
public struct ServerKey: Sendable, Hashable {
    /// The backend.
    public var backend: BackendName
    /// `address:port`, an IPv6 address in brackets.
    public var address: String
    /// The pod's name: several may have one address.
    public var name: String

    /// A key from its parts.
    public init(backend: BackendName, address: String, name: String) {
        self.backend = backend
        self.address = address
        self.name = name
    }
}

/// What a server has had to do.
public struct ServerTraffic: Sendable, Equatable {
    /// Requests in flight now.
    public var active: UInt64
    /// Requests sent to it since it appeared.
    public var requests: UInt64
    /// Connection attempts that failed.
    public var failures: UInt64
    /// What checks know of it; nil if it is not checked.
    public var health: HealthReport?

    /// Numbers from their parts.
    public init(active: UInt64, requests: UInt64, failures: UInt64, health: HealthReport? = nil) {
        self.active = active
        self.requests = requests
        self.failures = failures
        self.health = health
    }
}
