import Basics
public import Model
import Synchronization
import Wire

/// The engine's counters at one moment, summed over the workers.
public struct EngineMetrics: Sendable {
    /// One entry per worker.
    public var workers: [WorkerMetrics] = []
    /// One entry per backend that has had requests.
    public var backends: [BackendMetrics] = []
    /// Refused requests by cause, as `HeadError` names it.
    public var refused: [String: UInt64] = [:]
    /// Connections closed for want of a good PROXY header, by cause.
    public var refusedProxyHeaders: [String: UInt64] = [:]
    /// Faults of HTTP/2 clients by cause, as `HTTP2Fault` names it.
    public var http2Faults: [String: UInt64] = [:]
    /// Faults of servers that speak HTTP/2, by cause.
    public var serverHTTP2Faults: [String: UInt64] = [:]
    /// TLS handshakes with clients that failed, by cause.
    public var handshakeFailures: [String: UInt64] = [:]
    /// TLS handshakes with servers that failed, by cause.
    public var failedServerHandshakes: [String: UInt64] = [:]
    /// Time from an event to its adoption.
    public var propagation: [Change.Kind: HistogramValue] = [:]
    /// When certificates expire, in seconds since 1970.
    public var certificateExpiry: [CertificateName: Int64] = [:]
    /// Lines that targets of frontends did not take at once.
    public var logTargetDropped: UInt64 = 0
    /// How many hosts are routed.
    public var hosts = 0
    /// The caches in use.
    public var caches: [CacheMetrics] = []
    /// The servers that are checked.
    public var checkedServers: [ServerMetrics] = []
    /// One entry per stick table.
    public var tables: [TableMetrics] = []
    /// Who shares tables, by section.
    public var peers: [PeerSectionReport] = []

    /// Nothing counted.
    public init() {}
}

/// One worker's counters.
public struct WorkerMetrics: Sendable {
    /// Connections accepted.
    public var accepted: UInt64 = 0
    /// Client connections open now.
    public var openClients: UInt64 = 0
    /// Connections to servers that are open now, idle ones included.
    public var openServers: UInt64 = 0
    /// Requests under way.
    public var activeExchanges: UInt64 = 0
    /// Requests begun.
    public var requests: UInt64 = 0
    /// TCP sessions begun.
    public var sessions: UInt64 = 0
    /// Rounds of the event loop.
    public var loops: UInt64 = 0
    /// TLS handshakes done.
    public var handshakes: UInt64 = 0
    /// TLS handshakes that resumed a session.
    public var resumedHandshakes: UInt64 = 0
    /// TLS handshakes that failed.
    public var failedHandshakes: UInt64 = 0
    /// TLS handshakes with servers that were done.
    public var serverHandshakes: UInt64 = 0
    /// TLS handshakes with servers that resumed a session.
    public var resumedServerHandshakes: UInt64 = 0
    /// Access log lines that found no room.
    public var logDropped: UInt64 = 0
    /// Clients that were too slow with a request.
    public var requestTimeouts: UInt64 = 0
    /// Requests beyond a route's rate or number.
    public var limitedRequests: UInt64 = 0
    /// Requests that somebody was asked about and that went on.
    public var allowedRequests: UInt64 = 0
    /// Those that were refused.
    public var forbiddenRequests: UInt64 = 0
    /// Those about whom nothing was said that could be understood, or nothing in time.
    public var unansweredRequests: UInt64 = 0
    /// Copies of requests that were sent to who gets them.
    public var sentCopies: UInt64 = 0
    /// Those that were not made, as there was no room for them.
    public var skippedCopies: UInt64 = 0
    /// Those that were sent and that nobody took.
    public var failedCopies: UInt64 = 0
    /// Regular expressions given up because they took too long.
    public var costlyPatterns: UInt64 = 0
    /// PROXY headers of clients that were taken.
    public var proxyHeaders: UInt64 = 0
    /// Client connections open now that speak HTTP/2.
    public var http2Connections: UInt64 = 0
    /// Their streams.
    public var openStreams: UInt64 = 0

    /// Nothing counted.
    public init() {}
}

/// How full one stick table is.
public struct TableMetrics: Sendable, Equatable {
    /// The table's name.
    public let name: TableName
    /// Its entries.
    public let used: Int
    /// The most it takes.
    public let size: Int
}

/// One backend's counters.
public struct BackendMetrics: Sendable {
    /// The backend's name.
    public var name = ""
    /// The Service it was made from.
    public var origin = Origin(namespace: "", name: "")
    /// Finished requests by the first digit of their status; index 0 is for none.
    public var statusClasses: [UInt64] = Array(repeating: 0, count: 6)
    /// Bytes of requests.
    public var bytesIn: UInt64 = 0
    /// Bytes of answers.
    public var bytesOut: UInt64 = 0
    /// Failed connection attempts.
    public var connectErrors: UInt64 = 0
    /// Attempts repeated.
    public var retries: UInt64 = 0
    /// Attempts repeated at another server.
    public var redispatches: UInt64 = 0
    /// Times that servers were left alone for their failures.
    public var ejections: UInt64 = 0
    /// Requests that wait for a place at a server.
    public var queued: UInt64 = 0
    /// Requests that were looked for in a cache.
    public var cacheLookups: UInt64 = 0
    /// Requests that were answered from a cache.
    public var cacheHits: UInt64 = 0
    /// Answers cut or not understood.
    public var responseErrors: UInt64 = 0
    /// Connections opened.
    public var connects: UInt64 = 0
    /// Requests sent on an idle connection.
    public var reuses: UInt64 = 0
    /// Whole requests, first byte to last.
    public var durations = HistogramValue(bounds: Histogram.bounds)

    /// Nothing counted.
    public init() {}
}

/// What one cache holds.
public struct CacheMetrics: Sendable, Equatable {
    /// The cache's name.
    public var name: String
    /// Bytes, those included that are arriving or are being sent after they were thrown out.
    public var bytes: Int
    /// Whole answers that can be found.
    public var answers: Int

    /// What a cache of this name holds.
    public init(name: String, bytes: Int, answers: Int) {
        (self.name, self.bytes, self.answers) = (name, bytes, answers)
    }
}

/// One server's counters, summed over the workers.
public struct ServerMetrics: Sendable {
    /// The backend it belongs to.
    public var backend: String
    /// `address:port`.
    public var address: String
    /// The pod's name.
    public var name: String
    /// Requests given to it.
    public var requests: UInt64 = 0
    /// Requests under way.
    public var active: UInt64 = 0
    /// Failed connection attempts.
    public var connectErrors: UInt64 = 0
    /// It is left alone for its failures.
    public var isEjected = false
    /// What checks know of it; nil if it is not checked.
    public var health: HealthReport?
}

/// A histogram as Prometheus shows it.
public struct HistogramValue: Sendable {
    /// Upper bounds in seconds.
    public let bounds: [Double]
    /// Counts per bucket, not cumulative; one more than bounds.
    public var buckets: [UInt64]
    /// The sum in seconds.
    public var sum: Double = 0

    /// An empty histogram.
    public init(bounds: [Double]) {
        self.bounds = bounds
        buckets = Array(repeating: 0, count: bounds.count + 1)
    }
}

extension EngineMetrics {
    static func sum(of workers: [PublishedWorker], backends: [BackendState]) -> EngineMetrics {
        var metrics = EngineMetrics()
        metrics.workers = workers.map { WorkerMetrics(reading: $0) }
        for (i, error) in HeadError.allCases.enumerated() {
            let count = workers.reduce(0) { $0 + $1.counters[0].refused[i].value }
            if count > 0 { metrics.refused[error.rawValue] = count }
        }
        for (i, refusal) in ProxyRefusal.allCases.enumerated() {
            let count = workers.reduce(0) { $0 + $1.counters[0].refusedProxyHeaders[i].value }
            if count > 0 { metrics.refusedProxyHeaders[refusal.rawValue] = count }
        }
        for fault in HTTP2Fault.allCases {
            let count = workers.reduce(0) { $0 + $1.counters[0].http2Faults[Int(fault.rawValue)].value }
            if count > 0 { metrics.http2Faults["\(fault)"] = count }
            let ofServers = workers.reduce(0) {
                $0 + $1.counters[0].serverHTTP2Faults[Int(fault.rawValue)].value
            }
            if ofServers > 0 { metrics.serverHTTP2Faults["\(fault)"] = ofServers }
        }
        for (i, failure) in HandshakeFailure.allCases.enumerated() {
            let clients = workers.reduce(0) { $0 + $1.counters[0].handshakeFailures[i].value }
            if clients > 0 { metrics.handshakeFailures[failure.rawValue] = clients }
            let servers = workers.reduce(0) { $0 + $1.counters[0].failedServerHandshakes[i].value }
            if servers > 0 { metrics.failedServerHandshakes[failure.rawValue] = servers }
        }
        metrics.backends = backends.compactMap { BackendMetrics(reading: $0) }
        return metrics
    }
}

extension WorkerMetrics {
    init(reading worker: PublishedWorker) {
        let counters = worker.counters.reference(0)
        accepted = counters[].accepted.value
        openClients = counters[].openClients.value
        openServers = counters[].openServers.value
        activeExchanges = counters[].activeExchanges.value
        requests = worker.requests
        sessions = counters[].sessions.value
        loops = counters[].loops.value
        handshakes = counters[].handshakes.value
        resumedHandshakes = counters[].resumedHandshakes.value
        failedHandshakes = counters[].failedHandshakes.value
        serverHandshakes = counters[].serverHandshakes.value
        resumedServerHandshakes = counters[].resumedServerHandshakes.value
        logDropped = counters[].logDropped.value
        requestTimeouts = counters[].requestTimeouts.value
        limitedRequests = counters[].limitedRequests.value
        allowedRequests = counters[].allowedRequests.value
        forbiddenRequests = counters[].forbiddenRequests.value
        unansweredRequests = counters[].unansweredRequests.value
        (sentCopies, skippedCopies) = (counters[].sentCopies.value, counters[].skippedCopies.value)
        failedCopies = counters[].failedCopies.value
        costlyPatterns = counters[].costlyPatterns.value
        proxyHeaders = counters[].proxyHeaders.value
        http2Connections = counters[].http2Connections.value
        openStreams = counters[].openStreams.value
    }
}

extension BackendMetrics {
    /// nil when no worker has sent anything there.
    init?(reading backend: BackendState) {
        name = backend.name.view.string
        origin = backend.origin
        var isUsed = false
        for i in 0..<backend.perWorker.count {
            guard let box = backend.perWorker[i].traffic.load() else { continue }
            isUsed = true
            add(box.counters)
        }
        guard isUsed else { return nil }
        queued = UInt64(max(0, backend.waiting.load(ordering: .relaxed)))
    }

    private mutating func add(_ traffic: borrowing Traffic) {
        for i in 0..<6 { statusClasses[i] += traffic.statusClasses[i].value }
        bytesIn += traffic.bytesIn.value
        bytesOut += traffic.bytesOut.value
        connectErrors += traffic.connectErrors.value
        retries += traffic.retries.value
        redispatches += traffic.redispatches.value
        ejections += traffic.ejections.value
        cacheLookups += traffic.cacheLookups.value
        cacheHits += traffic.cacheHits.value
        responseErrors += traffic.responseErrors.value
        connects += traffic.connects.value
        reuses += traffic.reuses.value
        for i in durations.buckets.indices { durations.buckets[i] += traffic.durations.count(i) }
        durations.sum += Double(traffic.durations.sum.value) / 1e9
    }
}

extension ServerMetrics {
    init(reading server: ServerState, of backend: BackendName, isChecked: Bool) {
        self.backend = backend.description
        health = isChecked ? server.health.load()?.report : nil
        address = server.address.description(withPort: true)
        name = server.name.view.string
        isEjected = server.ejectedUntil.load(ordering: .relaxed) > 0
        for i in 0..<server.perWorker.count {
            requests += server.perWorker[i].load.total.value
            active += server.perWorker[i].load.active.value
            connectErrors += server.perWorker[i].connectErrors.value
        }
    }
}
