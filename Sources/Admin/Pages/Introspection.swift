public import Model

/// What the dashboard and its API look at: closures that take a snapshot, called on the admin thread.
public struct Introspection: Sendable {
    /// What this process is.
    public var info: @Sendable () -> ProcessInfo
    /// What is being served.
    public var configuration: @Sendable () -> Configuration
    /// How each server does; one that is missing has had no traffic.
    public var servers: @Sendable () -> [ServerKey: ServerState]
    /// The certificates being served.
    public var certificates: @Sendable () -> [CertificateState]
    /// What is wrong with the user's input.
    public var diagnostics: @Sendable () -> [Diagnostic]
    /// The threads that carry traffic.
    public var workers: @Sendable () -> [WorkerState]

    /// An introspection from its parts.
    public init(
        info: @escaping @Sendable () -> ProcessInfo, configuration: @escaping @Sendable () -> Configuration,
        servers: @escaping @Sendable () -> [ServerKey: ServerState],
        certificates: @escaping @Sendable () -> [CertificateState],
        diagnostics: @escaping @Sendable () -> [Diagnostic], workers: @escaping @Sendable () -> [WorkerState]
    ) {
        self.info = info
        self.configuration = configuration
        self.servers = servers
        self.certificates = certificates
        self.diagnostics = diagnostics
        self.workers = workers
    }
}

/// What a process is and how it does as a whole.
public struct ProcessInfo: Sendable, Equatable {
    /// Of the product.
    public var version = ""
    /// `controller` or `dev`.
    public var mode = ""
    /// Since the start.
    public var uptimeSeconds: Int64 = 0
    /// Whether `/readyz` says so.
    public var isReady = false
    /// How often the configuration has changed.
    public var generation: UInt64 = 0
    /// Requests answered since the start.
    public var requests: UInt64 = 0
    /// Answers by class, from 1xx to 5xx.
    public var responses: [UInt64] = []
    /// Client connections open now.
    public var connections: Int = 0
    /// Requests in flight now.
    public var exchanges: Int = 0

    /// A process that has done nothing.
    public init() {}
}

/// A server of a backend.
public struct ServerKey: Sendable, Hashable {
    /// The backend.
    public var backend: BackendName
    /// `address:port`.
    public var address: String

    /// A key from its parts.
    public init(backend: BackendName, address: String) {
        self.backend = backend
        self.address = address
    }
}

/// How a server does.
public struct ServerState: Sendable, Equatable {
    /// Requests in flight now.
    public var active: Int
    /// Requests sent to it since it appeared.
    public var requests: UInt64
    /// Those that failed to connect or got no answer.
    public var failures: UInt64

    /// A state from its parts.
    public init(active: Int, requests: UInt64, failures: UInt64) {
        self.active = active
        self.requests = requests
        self.failures = failures
    }
}

/// A certificate being served. Public parts only.
public struct CertificateState: Sendable, Equatable {
    /// `namespace/secret`.
    public var name: String
    /// The names inside.
    public var subjects: [String]
    /// `RSA-2048`, `EC P-256`, …
    public var keyType: String
    /// Seconds since 1970.
    public var notAfter: Int64

    /// A state from its parts.
    public init(name: String, subjects: [String], keyType: String, notAfter: Int64) {
        self.name = name
        self.subjects = subjects
        self.keyType = keyType
        self.notAfter = notAfter
    }
}

/// A thread that carries traffic.
public struct WorkerState: Sendable, Equatable {
    /// Its number, from 0.
    public var index: Int
    /// Client connections open now.
    public var connections: Int
    /// Requests in flight now.
    public var exchanges: Int
    /// Requests answered since the start.
    public var requests: UInt64
    /// Idle connections to servers.
    public var idleServerConnections: Int
    /// The configuration it serves.
    public var generation: UInt64

    /// A state from its parts.
    public init(
        index: Int, connections: Int, exchanges: Int, requests: UInt64, idleServerConnections: Int,
        generation: UInt64
    ) {
        self.index = index
        self.connections = connections
        self.exchanges = exchanges
        self.requests = requests
        self.idleServerConnections = idleServerConnections
        self.generation = generation
    }
}
