import Basics
import Model
import Synchronization
import Wire

/// What is known of one server (backend + address + port + pod) as long as it is in use.
///
/// It survives every publish that keeps the server: load, idle connections and counters stay. Configuration is elsewhere
/// (`ServerSet`). Each worker has a place of its own in `perWorker`; only `inFlight` is common, and it is touched only for the
/// balancing algorithms and limits that need it (7-20 ns contended).
final class ServerState: Sendable {
    /// Where it listens.
    let address: SocketAddress
    /// The pod's name, for logs.
    let name: FixedArray<UInt8>
    /// The pod's UID: with the address, what makes the server itself.
    let identity: String
    /// What writes the PROXY header that connections begin with; nil if they begin with none.
    let proxyHeader: ProxyHeaderWriter?
    /// How TLS is spoken with it; nil is not at all.
    let tls: UpstreamTLS?
    /// Whether its connections may carry HTTP/2, and whether they do nothing else.
    let speaksHTTP2: Bool
    let mustSpeakHTTP2: Bool
    /// Requests in flight from all workers, where someone needs to know.
    let inFlight = Atomic<Int>(0)
    /// Requests of all workers that wait for a place here, because a cookie or a hash names this server.
    let waiting = Atomic<Int>(0)
    /// The most that have waited.
    let mostWaiting = Atomic<Int>(0)
    /// Whether it takes requests. Who changes it publishes a new `ServerSet`, whose tables then know.
    let isUp = Atomic<Bool>(true)
    /// Until when it is left alone for its failures (ns): 0 for not at all; see `Worker+Circuit`.
    let ejectedUntil = Atomic<UInt64>(0)
    /// Whether it has failed since its last success.
    let hasErrors = Atomic<Bool>(false)
    let circuit = Mutex(Circuit())
    /// What an operator has said of it.
    let steering = Mutex(ServerSteering())
    /// Since when `isUp` says what it says.
    let availability = Mutex(Availability(since: Clock.now()))
    let meter = TrafficMeter()
    /// When its slow start began, nanoseconds; 0 for none.
    private let slowStart = Atomic<UInt64>(0)
    /// What checks know of it; empty until it is checked.
    let health = AtomicLazyReference<ServerHealth>()
    let perWorker: FixedArray<Place>

    /// What one worker keeps of the server.
    struct Place: ~Copyable {
        /// Idle connections, most recently used first.
        var idle: Ref<ServerConnection>?
        let idleCount = Counter()
        /// Idle connections of single clients, in no order.
        var ownIdle: Ref<ServerConnection>?
        /// Connections that carry HTTP/2 and take requests of anyone, newest first.
        var carriers: Ref<Carrier>?
        /// The server is down or no longer configured: connections are closed when their request is done.
        var isRetired = false
        /// What becomes of its requests counts as checks do.
        var isObserved = false
        /// Connections are told the request's host: one that was told another is not used.
        let isNamed: Bool
        /// It refused a connection: others are preferred until then (ns).
        var suspectUntil: UInt64 = 0
        /// What its newest handshake has chosen, where that decides what is spoken; nil before there was one.
        var agreed: ApplicationProtocol?
        /// Whether its newest connection of HTTP/2 lets streams be tunnels (RFC 8441).
        var takesTunnels = false
        /// What TLS connections resume, from the first one on.
        var sessions: TLSClientSessions?
        let load = Load()
        let connectErrors = Counter()
        /// Allocated by the worker with the first request that ends here, then read by other threads.
        let traffic = AtomicLazyReference<ServerTraffic>()
        /// The same, for the worker itself: without a retain per request.
        var ownTraffic: Unmanaged<ServerTraffic>?
    }

    /// It has come up, or is new among others: its weight grows from now on, where a slow start is configured. Without a
    /// clock, from the first time anyone asks.
    func warmUp(at now: UInt64 = SlowStart.pending) { slowStart.store(now, ordering: .relaxed) }

    /// When its slow start began, 0 for none.
    func startOfSlowStart(now: UInt64) -> UInt64 {
        let start = slowStart.load(ordering: .relaxed)
        guard start == SlowStart.pending else { return start }
        return slowStart.compareExchange(expected: start, desired: max(1, now), ordering: .relaxed).original
            == start
            ? max(1, now) : slowStart.load(ordering: .relaxed)
    }

    init(
        address: SocketAddress, name: String, identity: String, workers: Int,
        proxyHeader: ProxyHeaderWriter? = nil, tls: UpstreamTLS? = nil, speaks: ServerProtocol = .negotiated
    ) {
        self.address = address
        self.name = FixedArray(name)
        self.identity = identity
        self.proxyHeader = proxyHeader
        self.tls = tls
        mustSpeakHTTP2 = speaks == .http2
        speaksHTTP2 = mustSpeakHTTP2 || tls?.offersHTTP2 == true
        let isNamed = tls?.sendsRequestHost == true
        perWorker = FixedArray(count: workers) { _ in Place(isNamed: isNamed) }
    }
}

extension ServerState {
    /// What is under way on all workers; any thread.
    var active: UInt64 {
        var sum: UInt64 = 0
        for i in 0..<perWorker.count { sum &+= perWorker[i].load.active.value }
        return sum
    }
}

extension Ref where Value == ServerState.Place {
    /// The worker's counters of this server.
    var traffic: Unmanaged<ServerTraffic> {
        if let own = self[].ownTraffic { return own }
        let own = Unmanaged.passUnretained(self[].traffic.storeIfNil(ServerTraffic()))
        self[].ownTraffic = own
        return own
    }
}
