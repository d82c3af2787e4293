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
    /// Whether that is so; one that is found by its name may be nowhere yet, and takes no requests.
    let hasAddress: Bool
    /// Whether it is wherever clients have connected to: connections to it are nobody else's, and `address` has nothing but a port, or 0
    /// for that of the destination too.
    let followsDestination: Bool
    /// The pod's name, for logs.
    let name: FixedArray<UInt8>
    /// The pod's UID: with the address, what makes the server itself.
    let identity: String
    /// `Server.idlePing`: it may change, and the server stays the same.
    let idlePing = Atomic<Int>(0)
    /// What writes the PROXY header that connections begin with; nil if they begin with none.
    let proxyHeader: ProxyHeaderWriter?
    /// What it says besides.
    let proxyFields: OwnProxyFields?
    /// Where connections to it come from; nil is the system's choice.
    let origin: ServerOrigin?
    /// Each of its connections is one client's: it tells the server whose.
    let keepsToClients: Bool
    /// How TLS is spoken with it; nil is not at all.
    let tls: UpstreamTLS?
    /// How requests are put to who passes them on; nil if nobody does.
    let relay: RelayPassage?
    /// By which version it gets WebSockets, if it speaks HTTP/2.
    let webSockets: WebSocketVersion
    /// Whether its connections may carry HTTP/2, and whether they do nothing else.
    let speaksHTTP2: Bool
    let mustSpeakHTTP2: Bool
    /// Whether its connections carry FastCGI.
    let speaksFastCGI: Bool
    /// Requests in flight from all workers, where someone needs to know.
    let inFlight = Atomic<Int>(0)
    /// Requests of all workers that wait for a place here, because a cookie or a hash names this server.
    let waiting = Atomic<Int>(0)
    /// The most that have waited.
    let mostWaiting = Atomic<Int>(0)
    /// Whether it takes requests. Who changes it publishes a new `ServerSet`, whose tables then know.
    let isUp: Atomic<Bool>
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
    /// As it is configured, and as operators and agents have it; kept for samples.
    let firstWeight = Atomic<Int>(0)
    let userWeight = Atomic<Int>(0)
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
        /// Connections that are being made for one exchange, in no order.
        var dialing: Ref<ServerConnection>?
        /// Connections that carry HTTP/2 and take requests of anyone, newest first.
        var carriers: Ref<Carrier>?
        /// The server is down or no longer configured: connections are closed when their request is done.
        var isRetired = false
        /// What becomes of its requests counts as checks do.
        var isObserved = false
        /// Connections are told a name that their request says: one that was told another is not used.
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
        proxyHeader: ProxyHeaderWriter? = nil, tls: UpstreamTLS? = nil, speaks: ServerProtocol = .negotiated,
        relay: Relay? = nil, hasAddress: Bool = true, followsDestination: Bool = false,
        origin: ServerOrigin? = nil, webSockets: WebSocketVersion = .automatic,
        proxyFields: OwnProxyFields? = nil
    ) {
        self.address = address
        self.hasAddress = hasAddress
        self.followsDestination = followsDestination
        isUp = Atomic(hasAddress)
        self.name = FixedArray(name)
        self.identity = identity
        self.proxyHeader = proxyHeader
        self.proxyFields = proxyFields
        self.origin = origin
        self.webSockets = webSockets
        keepsToClients = proxyHeader != nil || origin?.isClients == true
        self.tls = tls
        self.relay = relay.map { RelayPassage($0) }
        mustSpeakHTTP2 = speaks == .http2
        speaksFastCGI = speaks == .fastCGI
        speaksHTTP2 = !followsDestination && (mustSpeakHTTP2 || tls?.offersHTTP2 == true)
        let isNamed = tls?.dependsOnRequest == true
        // What is never kept is like what is about to go.
        perWorker = FixedArray(count: workers) { _ in Place(isRetired: followsDestination, isNamed: isNamed) }
    }
}

extension ServerState {
    /// Takes over what may change of a server that stays the same.
    func adopt(_ server: Server) {
        if let told = server.relay { relay?.adopt(told) }
        idlePing.store(max(0, server.idlePing), ordering: .relaxed)
    }

    /// What there has been on all workers; any thread.
    var sessions: UInt64 {
        var sum: UInt64 = 0
        for i in 0..<perWorker.count { sum &+= perWorker[i].load.total.value }
        return sum
    }

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
