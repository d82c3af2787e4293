public import Model

/// What there is to say of every frontend, backend and server at one moment.
public struct Statistics: Sendable {
    /// The sections in the order of the configuration.
    public var proxies: [ProxyStatistics] = []
    /// What is said of none of them.
    public var process = ProcessStatistics()
    /// When it was asked, in nanoseconds of CLOCK_MONOTONIC.
    public var moment: UInt64 = 0
    /// Whether requests are counted at frontends and servers too, and rates kept; at backends they always are.
    public var countsRequests = true

    /// Nothing.
    public init() {}
}

/// One section: a frontend, a backend, or both.
public struct ProxyStatistics: Sendable {
    /// Its name.
    public var name: String
    /// Where it stands.
    public var place: ProxyPlace
    /// Its side towards clients, if it has one.
    public var frontend: FrontendStatistics?
    /// Its side towards servers, if it has one.
    public var backend: BackendStatistics?

    /// A section from its parts.
    public init(
        name: String, place: ProxyPlace, frontend: FrontendStatistics? = nil,
        backend: BackendStatistics? = nil
    ) {
        (self.name, self.place, self.frontend, self.backend) = (name, place, frontend, backend)
    }
}

/// What there is to say of a frontend.
public struct FrontendStatistics: Sendable {
    /// What is counted.
    public var traffic = TrafficCounts()
    /// Connections taken.
    public var connections: UInt64 = 0
    /// Those of them that spoke HTTP/2.
    public var http2Connections: UInt64 = 0
    /// Connections that are open.
    public var open = 0
    /// The most there were.
    public var mostOpen: UInt64 = 0
    /// The most there may be; 0 is no limit.
    public var limit = 0
    /// The most that may come in a second; 0 is no limit.
    public var rateLimit = 0
    /// What operators want of it.
    public var state = FrontendState.listening
    /// Requests understood.
    public var requests: UInt64 = 0
    /// Those of them that came over HTTP/2.
    public var http2Requests: UInt64 = 0
    /// Requests that were not understood, or not completed.
    public var requestErrors: UInt64 = 0
    /// Requests that were answered without a backend.
    public var intercepted: UInt64 = 0
    /// Connections that rules refused at once.
    public var deniedConnections: UInt64 = 0
    /// Connections that rules refused when it was known whose they are.
    public var deniedSessions: UInt64 = 0
    /// Connections in a second.
    public var connectionRate = MeasuredRate()
    /// Requests in a second.
    public var requestRate = MeasuredRate()
    /// Its listeners, if they are counted for themselves, in order.
    public var listeners: [ListenerStatistics] = []

    /// Nothing counted.
    public init() {}
}

/// What there is to say of one address that a frontend listens on.
public struct ListenerStatistics: Sendable {
    /// Its name, and its number in its frontend.
    public var name = ""
    /// The same.
    public var id = 0
    /// Where it is.
    public var address = ""
    /// What is counted.
    public var traffic = TrafficCounts()
    /// Connections taken.
    public var connections: UInt64 = 0
    /// Connections that are open, and the most there were whenever somebody looked.
    public var (open, mostOpen): (UInt64, UInt64) = (0, 0)
    /// The most there may be; 0 is no limit.
    public var limit = 0
    /// Requests that were not understood, or not completed.
    public var requestErrors: UInt64 = 0
    /// Connections that rules refused: at once, and when it was known whose they are.
    public var (deniedConnections, deniedSessions): (UInt64, UInt64) = (0, 0)
    /// Whether it is listened to: not while connections wait there for a limit of others.
    public var isOpen = true
    /// Whether there are as many as there may be.
    public var isFull: Bool { limit > 0 && open >= UInt64(limit) }

    /// Nothing counted.
    public init() {}
}

/// What there is to say of a backend.
public struct BackendStatistics: Sendable {
    /// What is counted.
    public var traffic = TrafficCounts()
    /// Requests and sessions given to it.
    public var sessions: UInt64 = 0
    /// Those that are under way.
    public var active: UInt64 = 0
    /// The most that were under way.
    public var mostActive: UInt64 = 0
    /// Those that wait for a place at a server.
    public var waiting = 0
    /// The most that waited.
    public var mostWaiting = 0
    /// `fullconn`, given or computed; 0 is none.
    public var fullConnections = 0
    /// Whether requests are answered if any come.
    public var isUp = true
    /// The weight of the servers that take requests, at this moment.
    public var weight = 0
    /// The weight as it was given.
    public var userWeight = 0
    /// How many servers take requests that are no backups.
    public var activeServers = 0
    /// How many backup servers take requests.
    public var backupServers = 0
    /// How often it has gone down.
    public var downs: UInt64 = 0
    /// Since when it is up or down: nanoseconds.
    public var changedAt: UInt64 = 0
    /// For how long it was down in all: nanoseconds.
    public var downtime: UInt64 = 0
    /// When it was last given something; nil is never.
    public var lastSession: UInt64?
    /// Requests in a second.
    public var rate = MeasuredRate()
    /// How long they took.
    public var times = Durations()
    /// Its persistence cookie, if it has one.
    public var cookie: String?
    /// How servers are chosen.
    public var balance = Balance.roundRobin
    /// How long connections are kept that nobody uses, in milliseconds.
    public var idleTimeout = 0
    /// Its servers, in order.
    public var servers: [ServerStatistics] = []

    /// Nothing counted.
    public init() {}
}

/// What there is to say of a server.
public struct ServerStatistics: Sendable {
    /// Its name.
    public var name = ""
    /// Its address with its port.
    public var address = ""
    /// Its number in its backend.
    public var id = 0
    /// Its value in the backend's cookie.
    public var cookie = ""
    /// What is counted.
    public var traffic = TrafficCounts()
    /// Requests and sessions given to it.
    public var sessions: UInt64 = 0
    /// Those that are under way.
    public var active: UInt64 = 0
    /// The most that were under way.
    public var mostActive: UInt64 = 0
    /// The most there may be; 0 is no limit.
    public var limit = 0
    /// Those that wait for it.
    public var waiting = 0
    /// The most that waited.
    public var mostWaiting = 0
    /// The most that may wait; 0 is no limit.
    public var queueLimit = 0
    /// Its weight at this moment.
    public var weight = 0
    /// The weight as it was given.
    public var userWeight = 0
    /// How far its slow start has come, in percent; nil if there is none.
    public var slowStart: Int?
    /// Whether it is used only when no other is.
    public var isBackup = false
    /// Whether it is up, as far as checks and operators say.
    public var isUp = true
    /// Whether it gets requests of anyone.
    public var takesRequests = true
    /// Whether it gets nobody new because its check passed on a condition.
    public var isDrainedByCheck = false
    /// What operators want of it.
    public var state = ServerAdminState.ready
    /// How it is checked; nil if it is not.
    public var check: ServerCheck?
    /// What checks have found; nil if it is not checked. One that follows another has that one's.
    public var health: HealthReport?
    /// When it last went up or down: nanoseconds.
    public var changedAt: UInt64 = 0
    /// For how long it was down in all: nanoseconds.
    public var downtime: UInt64 = 0
    /// When it was last given something; nil is never.
    public var lastSession: UInt64?
    /// Requests in a second.
    public var rate = MeasuredRate()
    /// How long they took.
    public var times = Durations()
    /// Idle connections that are kept.
    public var idle = 0
    /// Those of each worker.
    public var idlePerWorker: [Int] = []
    /// The most idle connections one worker keeps.
    public var idleLimit = 0
    /// The host that a service's record names for it; empty if it is found otherwise, or nowhere.
    public var host = ""
    /// Whether it is found by another name than its line says.
    public var isRenamed = false
    /// Its configuration, with what operators have changed of it; nil before anybody has said it.
    public var settings: Server?
    /// Its weight as configured.
    public var configuredWeight = 0
    /// Whether its number was given to it.
    public var hasGivenID = false
    /// Whether it gets nobody new because its agent says so, or because that is so of whom it follows.
    public var isDrainedByOthers: Bool { condition.isDrained }
    /// Whether it is out of service for the same reason.
    public var isInMaintenanceByOthers: Bool { condition.isInMaintenance }
    /// How an operator has said it to be; nil if nobody has, and of one that is checked.
    public var saidHealth: ServerHealthWord?
    /// Whether its check does not take place because an operator wants so.
    public var isCheckPaused = false
    /// The same of its agent.
    public var isAgentPaused = false
    var condition = ServerCondition()

    /// Nothing counted.
    public init() {}
}

/// How often something happens in a second, and the most it did.
public struct MeasuredRate: Sendable, Equatable {
    /// How often at this moment.
    public var now: UInt64 = 0
    /// The most there was in one.
    public var most: UInt64 = 0

    /// Never.
    public init() {}
}

/// How long requests took, in nanoseconds: the averages of late, and the longest.
public struct Durations: Sendable, Equatable {
    /// Waiting for a place.
    public var queue: UInt64 = 0
    /// Waiting for a connection.
    public var connect: UInt64 = 0
    /// Waiting for the answer.
    public var response: UInt64 = 0
    /// All of it.
    public var total: UInt64 = 0
    /// The longest wait for a place.
    public var longestQueue: UInt64 = 0
    /// The longest wait for a connection.
    public var longestConnect: UInt64 = 0
    /// The longest wait for an answer.
    public var longestResponse: UInt64 = 0
    /// The longest of all.
    public var longestTotal: UInt64 = 0

    /// None.
    public init() {}
}

/// `Traffic`, summed over the workers.
public struct TrafficCounts: Sendable, Equatable {
    /// Finished exchanges by the first digit of their status; index 0 is for none.
    public var statusClasses: [UInt64] = Array(repeating: 0, count: 6)
    /// Bytes of requests.
    public var bytesIn: UInt64 = 0
    /// Bytes of answers.
    public var bytesOut: UInt64 = 0
    /// Requests that were given up because no connection came about.
    public var failedConnections: UInt64 = 0
    /// Attempts repeated.
    public var retries: UInt64 = 0
    /// Attempts repeated at another server.
    public var redispatches: UInt64 = 0
    /// Requests that were looked for in a cache.
    public var cacheLookups: UInt64 = 0
    /// Requests that were answered from a cache.
    public var cacheHits: UInt64 = 0
    /// Requests whose server failed before it had answered, or answered what can not be understood.
    public var failedAnswers: UInt64 = 0
    /// Connections opened.
    public var connects: UInt64 = 0
    /// Requests sent on an idle connection.
    public var reuses: UInt64 = 0
    /// Requests whose server was not chosen by balancing.
    public var pinned: UInt64 = 0
    /// Requests that rules refused.
    public var deniedRequests: UInt64 = 0
    /// Answers that rules refused.
    public var deniedAnswers: UInt64 = 0
    /// Exchanges that their client ended.
    public var clientAborts: UInt64 = 0
    /// Exchanges that their server ended.
    public var serverAborts: UInt64 = 0

    /// Nothing counted.
    public init() {}

    /// Everything that ended with a status or without one.
    public var finished: UInt64 { statusClasses.reduce(0, &+) }

    mutating func add(_ traffic: borrowing Traffic) {
        for i in 0..<6 { statusClasses[i] &+= traffic.statusClasses[i].value }
        bytesIn &+= traffic.bytesIn.value
        bytesOut &+= traffic.bytesOut.value
        failedConnections &+= traffic.failedConnections.value
        retries &+= traffic.retries.value
        redispatches &+= traffic.redispatches.value
        cacheLookups &+= traffic.cacheLookups.value
        cacheHits &+= traffic.cacheHits.value
        failedAnswers &+= traffic.failedAnswers.value
        connects &+= traffic.connects.value
        reuses &+= traffic.reuses.value
        pinned &+= traffic.pinned.value
        deniedRequests &+= traffic.deniedRequests.value
        deniedAnswers &+= traffic.deniedAnswers.value
        clientAborts &+= traffic.clientAborts.value
        serverAborts &+= traffic.serverAborts.value
    }
}
