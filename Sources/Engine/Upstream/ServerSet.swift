import Basics
import Model
import Synchronization
import Wire

/// The servers of a backend and its settings at one moment: immutable, replaced as a whole.
final class ServerSet: Sendable {
    let settings: Settings
    /// The servers that take requests, in order: those of weight 0 and those that are down are left out, and backup servers
    /// stand here only when there is no other.
    let servers: FixedArray<Unmanaged<ServerState>>
    /// The order servers are walked through in, as indices. Round robin and its relatives: each server as often as its weight
    /// says. Static tables: HAProxy's. `first`: by id.
    let rotation: FixedArray<UInt16>
    /// For consistent hashing; else empty.
    let ring: HashRing
    /// Per server, 1-256.
    let weights: FixedArray<Int>
    /// Per server: the weights of those before it.
    let weightsBefore: FixedArray<Int>
    let bound: LoadBound
    /// Per server; see `limit(of:now:requests:)`.
    let limits: FixedArray<ServerLimit>
    let hasLimits: Bool
    /// What limits that change with the backend's load go by: `fullconn`.
    let fullConnections: Int
    /// Whether anyone needs `BackendState.requests` kept.
    let countsRequests: Bool
    /// All servers of the backend, also those that take no new requests.
    private let known: FixedArray<Known>
    /// Per server, milliseconds.
    private let slowStarts: FixedArray<Int>
    let hasSlowStart: Bool
    /// Whether anyone needs `ServerState.inFlight` kept.
    let countsInFlight: Bool
    /// The parameter or field that is hashed.
    let keyName: FixedArray<UInt8>
    /// The expression that is hashed, or none.
    let keyExpressions: FixedArray<CompiledExpression>
    let serverRules: ServerRules
    /// Which requests are kept on their servers otherwise than others.
    let exceptions: PersistenceExceptions
    /// Whom the backend's persistence cookie may name, if it has one.
    let sticky: StickyServers?
    /// The same as a question that counts no reference.
    let hasCookie: Bool
    /// Whether the log tells of it.
    let logsCookie: Bool
    /// Whom clients of remote desktops may name; nil if they can not.
    let desktops: DesktopServers?
    /// What tables say of where requests go; nil is nothing.
    let stickRules: StickRules?
    /// Whether the cookie or a table may choose the server.
    let keepsClients: Bool
    /// Whether anything is to be done with requests before they get a server.
    let looksAtRequests: Bool
    /// What rules say of messages; nil without rules.
    let rules: Unmanaged<MessageRules>?
    /// What is asked about connections of mode tcp; nil without rules.
    let gates: Unmanaged<BackendGates>?
    /// Which answers are compressed; nil compresses none.
    let compression: Unmanaged<CompressionPolicy>?
    /// Where small answers are kept; nil is nowhere.
    let cache: Unmanaged<CachePolicy>?
    /// When servers that keep failing are left alone; nil is never.
    let circuitPolicy: Circuit.Policy?
    /// The same as a question of one byte.
    let breaksCircuits: Bool
    /// Servers that clients are sent on to.
    let redirections: ServerRedirections
    /// Whether anything is to be learned from answers before they are passed on, or the server that is chosen may not take the request.
    let looksAtAnswers: Bool
    /// What servers that speak FastCGI are told; nil if there are none.
    let fastCGI: FastCGIParameters?
    /// What servers are told in fields of their own; nil is nothing.
    let told: Unmanaged<ToldSettings>?
    /// What is answered in place of a server; nil for our own.
    let errorPages: ErrorPages?
    private let ownedCompression: CompressionPolicy?
    private let ownedCache: CachePolicy?
    private let ownedRules: MessageRules?
    private let ownedGates: BackendGates?
    private let ownedTold: ToldSettings?
    /// Keeps the servers alive.
    private let owned: [ServerState]

    /// A server of the backend, and its place among those that take new requests, if it is one of them.
    private struct Known: ~Copyable {
        let state: Unmanaged<ServerState>
        let limit: ServerLimit
        let slowStart: Int
        let takesNew: Bool
        let id: UInt32
    }

    /// A backend's settings in the units of the engine.
    struct Settings: Sendable {
        var algorithm: Algorithm
        var hashType: HashType
        var timeouts: ServerTimeouts
        var redispatch: Bool
        var retryPolicy: RetryPolicy
        var maxIdlePerServer: Int
        var reuse: ConnectionReuse
        /// Requests wait for their bodies: all, or only those whose length is not known so far.
        var buffersRequests: Bool
        var waitsForAll = true
        /// What is told where no connection comes about.
        var withoutConnection: ConnectFailureAnswer
        var abortsOnClose: Bool
        /// The section's number.
        var id = 0
    }

    /// Pairs servers of the configuration with their states, in the same order.
    init(
        _ backend: Backend, states: [ServerState], cache store: CacheStore? = nil,
        tables: TableStore = TableStore(), rules: MessageRules? = nil
    ) {
        (settings, owned, fullConnections) = (Settings(backend), states, max(0, backend.fullConnections))
        let used = ServerSet.used(backend, states)
        let models = used.map { backend.servers[$0] }
        let shares = models.map { min(256, $0.weight) }
        servers = FixedArray(count: used.count) { Unmanaged.passUnretained(states[used[$0]]) }
        weights = FixedArray(count: used.count) { shares[$0] }
        let before = shares.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
        weightsBefore = FixedArray(count: used.count) { before[$0] }
        bound = LoadBound(
            factor: settings.usesBound ? max(0, min(1_000_000, backend.hashBalanceFactor)) : 0,
            total: shares.reduce(0, +))
        limits = FixedArray(count: used.count) { ServerLimit(models[$0]) }
        hasLimits = backend.servers.contains { ServerLimit($0).most > 0 }
        countsRequests = backend.servers.contains { ServerLimit($0).isDynamic }
        let isDynamic = settings.algorithm.hasDynamicWeights(settings.hashType)
        slowStarts = FixedArray(count: used.count) { max(0, min(Int(Int32.max), models[$0].slowStart)) }
        known = ServerSet.known(backend, states, taking: Set(used), isDynamic: isDynamic)
        hasSlowStart = isDynamic && models.contains { $0.slowStart > 0 }
        countsInFlight =
            hasLimits || settings.algorithm.needsLoad || bound.factor > 0 || backend.circuitBreaker != nil
        keyName = FixedArray(backend.balance.keyName)
        keyExpressions = ServerSet.expressions(of: backend)
        serverRules = ServerRules(backend, states: states)
        exceptions = PersistenceExceptions(backend.persistence.exceptions)
        sticky = StickyServers(backend, states: states)
        (hasCookie, logsCookie) = (sticky != nil, sticky?.cookie.isLogged == true)
        let ids = HashRing.ids(backend.servers.map(\.id))
        stickRules = StickRules(backend, states: states, ids: ids, tables: tables)
        desktops = DesktopServers(backend, states: states)
        keepsClients = hasCookie || stickRules != nil || desktops != nil
        let seeds = used.map { HashRing.seed(backend.servers[$0].hashKey, id: ids[$0], states[$0].address) }
        ring = settings.usesRing ? HashRing(weights: shares, seeds: seeds) : HashRing()
        let order = settings.order(weights: shares, ids: used.map { ids[$0] })
        rotation = FixedArray(count: order.count) { order[$0] }
        ownedCompression = ServerSet.compression(of: backend)
        compression = ownedCompression.map { Unmanaged.passUnretained($0) }
        ownedCache = backend.cache.flatMap { use in store.map { CachePolicy(use, store: $0) } }
        cache = ownedCache.map { Unmanaged.passUnretained($0) }
        (fastCGI, errorPages) = (FastCGIParameters(backend), ErrorPages(backend.errorPages))
        circuitPolicy = backend.circuitBreaker.map { Circuit.Policy($0) }
        breaksCircuits = circuitPolicy != nil
        redirections = ServerRedirections(backend, states)
        let mayKnow = cache != nil || stickRules != nil || !redirections.isEmpty
        looksAtAnswers = mayKnow || breaksCircuits || settings.retryPolicy.looksAtAnswers
        (ownedRules, ownedGates) = (rules, BackendGates(backend.sessionRules))
        self.rules = rules.map { Unmanaged.passUnretained($0) }
        ownedTold = ToldSettings(backend.told)
        (gates, told) = (ownedGates.map(Unmanaged.passUnretained), ownedTold.map(Unmanaged.passUnretained))
        let asksOthers = rules != nil || told != nil || !backend.persistence.exceptions.isEmpty
        looksAtRequests = compression != nil || countsRequests || looksAtAnswers || asksOthers
    }

    private static func compression(of backend: Backend) -> CompressionPolicy? {
        backend.compression.flatMap { $0.algorithms.isEmpty ? nil : CompressionPolicy($0) }
    }

    private static func expressions(of backend: Backend) -> FixedArray<CompiledExpression> {
        let models = [backend.balance.keyExpression].compactMap { $0 }
        return FixedArray(count: models.count) { CompiledExpression(models[$0]) }
    }

    private static func known(
        _ backend: Backend, _ states: [ServerState], taking: Set<Int>, isDynamic: Bool
    ) -> FixedArray<Known> {
        let ids = HashRing.ids(backend.servers.map(\.id))
        return FixedArray(count: states.count) { i in
            let server = backend.servers[i]
            return Known(
                state: Unmanaged.passUnretained(states[i]), limit: ServerLimit(server),
                slowStart: isDynamic ? max(0, min(Int(Int32.max), server.slowStart)) : 0,
                takesNew: taking.contains(i), id: ids[i])
        }
    }

    /// Places of the servers that take requests: usable ones that are no backup, else the first usable backup or all of them.
    private static func used(_ backend: Backend, _ states: [ServerState]) -> [Int] {
        let usable = backend.servers.indices.filter {
            backend.servers[$0].weight > 0 && states[$0].isUp.load(ordering: .relaxed)
        }
        let active = usable.filter { !backend.servers[$0].isBackup }
        guard active.isEmpty else { return active }
        return backend.usesAllBackups ? usable : Array(usable.prefix(1))
    }

    /// How many of the servers that take requests are left alone at this moment.
    var ejectedServers: Int {
        (0..<servers.count).count { i in
            servers[i]._withUnsafeGuaranteedRef { $0.ejectedUntil.load(ordering: .relaxed) > 0 }
        }
    }

    /// A server's weight at this moment, in sixteenths: the one value that says how much it gets.
    func weight(of index: Int, now: UInt64) -> Int { weights[index] * steps(of: index, now: now) }

    /// How many sixteenths of its weight a server has at this moment.
    func steps(of index: Int, now: UInt64) -> Int {
        guard hasSlowStart else { return SlowStart.full }
        let started = servers[index]._withUnsafeGuaranteedRef { $0.startOfSlowStart(now: now) }
        return SlowStart.steps(startedAt: started, now: now, duration: slowStarts[index])
    }

    /// The most requests in flight at this moment, 0 for no limit. `requests` is how many the backend has, waiting or not.
    func limit(of index: Int, now: UInt64, requests: Int) -> Int {
        let places = limits[index].places(requests: requests, full: fullConnections)
        guard hasSlowStart else { return places }
        return slowed(places, servers[index], slowStarts[index], now)
    }

    /// The same for any server of the backend; nil for one that is gone.
    func limit(at server: Unmanaged<ServerState>, now: UInt64, requests: Int) -> LimitNow? {
        for i in 0..<known.count where known[i].state.toOpaque() == server.toOpaque() {
            let places = known[i].limit.places(requests: requests, full: fullConnections)
            return LimitNow(
                places: slowed(places, server, known[i].slowStart, now), line: known[i].limit.queue,
                takesNew: known[i].takesNew)
        }
        return nil
    }

    /// The server of a name, also one that takes no new requests; nil if there is none.
    func server(named name: ByteView) -> Unmanaged<ServerState>? {
        for i in 0..<known.count
        where known[i].state._withUnsafeGuaranteedRef({ $0.name.view.equals(name) }) {
            return known[i].state
        }
        return nil
    }

    /// A server's number; nil if it is none of these.
    func id(of server: Unmanaged<ServerState>) -> UInt32? {
        for i in 0..<known.count where known[i].state.toOpaque() == server.toOpaque() { return known[i].id }
        return nil
    }

    /// A server's limit at a moment.
    struct LimitNow {
        /// The most requests in flight, 0 for no limit.
        let places: Int
        /// The most requests that wait for this server, 0 for no bound.
        let line: Int
        /// Whether it takes requests that name no server.
        let takesNew: Bool
    }

    private func slowed(_ places: Int, _ server: Unmanaged<ServerState>, _ duration: Int, _ now: UInt64)
        -> Int
    {
        guard duration > 0 else { return places }
        let started = server._withUnsafeGuaranteedRef { $0.startOfSlowStart(now: now) }
        return SlowStart.limit(places, startedAt: started, now: now, duration: duration)
    }
}

extension ServerSet.Settings {
    init(_ backend: Backend) {
        self.init(
            algorithm: Algorithm(backend.balance), hashType: backend.hashType, timeouts: backend.timeouts,
            redispatch: backend.redispatch, retryPolicy: RetryPolicy(backend),
            maxIdlePerServer: max(0, backend.maxIdlePerServer), reuse: backend.reuse,
            buffersRequests: backend.buffersRequests || backend.speaksFastCGI,
            waitsForAll: backend.buffersRequests || !backend.speaksFastCGI,
            withoutConnection: backend.withoutConnection, abortsOnClose: backend.abortsOnClose)
        id = backend.place.id
    }

    fileprivate var usesRing: Bool {
        guard case .hash = algorithm else { return false }
        return hashType.isConsistent
    }

    /// HAProxy's `random` draws from the ring, which is where the bound is.
    fileprivate var usesBound: Bool {
        if case .random = algorithm { return true }
        return usesRing
    }

    fileprivate func order(weights: [Int], ids: [UInt32]) -> [UInt16] {
        switch algorithm {
        case .roundRobin, .leastConnections, .random: RoundRobin.rotation(weights: weights)
        case .staticRoundRobin: ServerMap.places(weights: weights)
        case .first:
            ids.indices.prefix(65_535).sorted { (ids[$0], $0) < (ids[$1], $1) }.map { UInt16($0) }
        case .hash: usesRing ? [] : ServerMap.places(weights: weights)
        }
    }
}
