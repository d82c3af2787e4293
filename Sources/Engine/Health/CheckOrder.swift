import Model

/// What the checker is told.
enum CheckOrder: Sendable {
    /// Servers to check from now on, published together; one that is checked already is checked anew.
    case watch([WatchedServer])
    /// Servers to check no more.
    case forget([ServerState])
    /// End the thread.
    case stop
}

/// A server, what it is asked, and which of its checks this is.
struct WatchedServer: Sendable {
    let state: ServerState
    let backend: BackendName
    /// Its settings' key in the backend.
    let identity: Server
    let plan: CheckPlan
    /// Verdicts of a check that was replaced in the meantime are told by it.
    let serial: UInt64
    /// Whether it takes requests now.
    let isUp: Bool
}

/// The checker has found a server to be up or down, or to get nobody new.
struct HealthVerdict: Sendable {
    let server: WatchedServer
    let condition: ServerCondition
    /// Why, for the log.
    let reason: String
}

/// What checks say about a server, beside its configuration.
struct ServerCondition: Sendable, Equatable {
    var isUp = true
    /// It keeps whom it has and gets nobody new.
    var isDraining = false
}
