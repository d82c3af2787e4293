/// What is asked of a backend, or of one of its servers, as it is at that moment: HAProxy's `nbsrv` and its like.
public struct BackendRead: Sendable, Equatable, Hashable {
    /// What is asked.
    public var fact: BackendFact
    /// Of whom.
    public var backend: BackendName
    /// Of which of its servers; nil where it is about all.
    public var server: String?

    /// A question from its parts.
    public init(_ fact: BackendFact, of backend: BackendName, server: String? = nil) {
        (self.fact, self.backend, self.server) = (fact, backend, server)
    }
}

/// What can be asked of backends and servers, under HAProxy's names.
public enum BackendFact: String, Sendable, CaseIterable {
    /// How many servers take requests; of backup servers those that would.
    case usableServers = "nbsrv"
    /// Requests and sessions under way.
    case connections = "be_conn"
    /// How many more the servers that take requests take at once; -1 if one of them has no limit.
    case freePlaces = "be_conn_free"
    /// The same with what may wait for each server; -1 if one of them has no limit of either.
    case slots = "connslots"
    /// Those that wait, also for one server alone.
    case queue
    /// The same for each server that takes requests.
    case averageQueue = "avg_queue"
    /// Requests and sessions in a second.
    case sessionRate = "be_sess_rate"
    /// Of a server: whether it is up or not checked, what is under way, how much more it takes (-1 without a limit) and what waits for it.
    case serverIsUp = "srv_is_up"
    case serverConnections = "srv_conn"
    case serverFreePlaces = "srv_conn_free"
    case serverQueue = "srv_queue"
    case serverSessionRate = "srv_sess_rate"
    /// Of a server: its weight at that moment, what operators and agents have made of it, and as it is configured.
    case serverWeight = "srv_weight"
    case serverUserWeight = "srv_uweight"
    case serverFirstWeight = "srv_iweight"

    /// Whether it is about one server.
    public var isOfServer: Bool {
        switch self {
        case .serverIsUp, .serverConnections, .serverFreePlaces, .serverQueue, .serverSessionRate,
            .serverWeight,
            .serverUserWeight, .serverFirstWeight:
            true
        default: false
        }
    }
}
