import Model

/// What the checker is told.
enum CheckOrder: Sendable {
    /// Servers to check from now on, published together; one that is checked already is checked anew.
    case watch([WatchedServer])
    /// Servers to check no more.
    case forget([ServerState])
    /// So much of a server's traffic failed in a row.
    case observed(ServerState, failures: Int, last: TrafficEvent)
    /// An operator says how a server is, whatever was found.
    case force(ServerState, ForcedHealth)
    /// End the thread.
    case stop
}

/// What operators say of the health of a server that is checked.
enum ForcedHealth: Equatable {
    case server(ServerHealthWord)
    case agent(isUp: Bool)
    /// It was out of service and is back: up, and one failure from down.
    case afterMaintenance
}

/// A server, what it is asked, and which of its checks this is.
struct WatchedServer: Sendable {
    let state: ServerState
    let backend: BackendName
    /// Its settings' key in the backend.
    let identity: Server
    let plan: CheckPlan
    /// nil if its plan has no TLS, and if that can not be used: then its checks fail.
    let tls: UpstreamTLS?
    /// Verdicts of a check that was replaced in the meantime are told by it.
    let serial: UInt64
    /// Whether it takes requests now.
    let isUp: Bool
    /// What was known of it before this process; nil is nothing.
    var restored: RestoredHealth?
}

/// The checker has found a server to be up or down, or to get nobody new.
struct HealthVerdict: Sendable {
    let server: WatchedServer
    let condition: ServerCondition
    /// Why, for the log.
    let reason: Reason

    /// Why a server is what it is.
    enum Reason: Equatable {
        case check(String)
        /// Because another one is.
        case follows(String)
        case `operator`

        /// Whom it follows, for lines that say nothing of checks.
        var source: String {
            if case .follows = self { return text }
            return ""
        }

        /// Its agent's orders are forced on it, not on those who follow it.
        var force: String {
            if case .follows = self { return "" }
            return "forced "
        }

        /// As HAProxy's log lines have it behind the state.
        var text: String {
            switch self {
            case .check(let reason): reason.isEmpty ? "" : ", reason: \(reason)"
            case .follows(let server): " via \(server)"
            case .operator: ", changed from CLI"
            }
        }
    }
}

/// What checks say about a server, beside its configuration.
struct ServerCondition: Sendable, Equatable {
    var isUp = true
    /// It keeps whom it has and gets nobody new: its check says so, or its agent.
    var isDraining = false
    var isDrained = false
    /// Its agent has taken it out of service.
    var isInMaintenance = false
    /// What its agent makes of its weight and its limit.
    var weight: AgentWeight?
    var maxConnections: Int?

    /// Whether its configuration is not all there is to say.
    var adjusts: Bool { isDraining || isDrained || weight != nil || maxConnections != nil }

    /// Whether it is worth a line in the log that this has become of `before`.
    func isNews(after before: ServerCondition) -> Bool {
        isUp != before.isUp || isDraining != before.isDraining || isDrained != before.isDrained
            || isInMaintenance != before.isInMaintenance
    }

    /// The server's configuration as this lets it be.
    func adjust(_ server: inout Server) {
        if let weight { server.weight = weight.weight(of: server.weight) }
        if let maxConnections { server.maxConnections = maxConnections }
        if isDraining || isDrained { server.weight = 0 }
    }
}
