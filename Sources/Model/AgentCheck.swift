/// HAProxy's `agent-check`: a program beside the server says in a line of text how it is.
///
/// Its words: `up`, `down`, `fail`, `stopped`; `ready`, `drain`, `maint`; `75%` of the configured weight; `maxconn:30`.
public struct AgentCheck: Sendable, Hashable {
    /// `agent-addr`; empty, the default, is the server's own address.
    public var address: String
    /// `agent-port`.
    public var port: UInt16
    /// `agent-inter`, milliseconds. Default 2 s.
    public var interval: Int
    /// `agent-send`: said to it first; nothing by default.
    public var greeting: String

    /// An agent with HAProxy's defaults.
    public init(port: UInt16) {
        address = ""
        self.port = port
        interval = 2_000
        greeting = ""
    }
}

/// HAProxy's `observe`: real traffic counts as checks do.
public struct ServerObservation: Sendable, Hashable {
    /// What is looked at.
    public var layer: Layer
    /// `error-limit`: so many failures in a row have a consequence. Default 10.
    public var errorLimit: Int
    /// `on-error`: which one. Default a failed check.
    public var consequence: Consequence

    /// What of the traffic is looked at.
    public enum Layer: Sendable, Hashable {
        /// Whether connections come about.
        case connections
        /// Whether answers are good ones: below 500, whole heads, in time. A refused connection counts, too.
        case answers
    }

    /// What failures in a row lead to. In all cases the next check comes within `fastInterval`.
    public enum Consequence: Sendable, Hashable {
        /// Nothing more.
        case fastInterval
        /// A check counts as failed.
        case failedCheck
        /// As if it had failed so often that the next failure takes it down.
        case suddenDeath
        /// It is down.
        case down
    }

    /// An observation with HAProxy's defaults.
    public init(_ layer: Layer) {
        self.layer = layer
        errorLimit = 10
        consequence = .failedCheck
    }
}
