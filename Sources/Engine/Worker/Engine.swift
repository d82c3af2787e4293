import Basics
public import Model
import Synchronization
public import Wire

/// The proxy: workers, listeners, and the one way configuration comes in.
///
/// ```
///   publish(change) ─► Publisher compiles ─► mailbox of each worker ─► adopted between two events
/// ```
/// Safe to use from any thread; `publish` is serialised inside.
public final class Engine: Sendable {
    let options: EngineOptions
    let state = Mutex<Running?>(nil)
    let propagation = PropagationLog()

    struct Running {
        var publisher: Publisher
        var workers: [WorkerHandle]
        var threads: [Wire.Thread]
        var log: LogWriter?
        var ticketKeys: TicketKeys?
        let limits: ConnectionLimits
        /// What operators let begin in a second.
        var rates: ProcessLimits
        let compression: CompressionBudget
        var listeners: ListenerPlaces
        let keeper: ListenerKeeper?
        var leftListeners = LeftPlaces()
        var leftFrontends = LeftPlaces()
        var sequence: UInt64 = 0
        var firstPublish: UInt64 = 0
        var isChecking = false
        /// The way to whoever speaks with peers, and whether there is one yet.
        let peers: PeerOrders
        var speaksWithPeers = false
        var isResolving = false
        /// What operators have said of frontends, and what those are without it.
        var frontendSteering: [String: FrontendSteering] = [:]
        var configuredFrontends: [Frontend]
        var backendSteering = BackendSteering()
        /// What is found out about the process by looking at it every second.
        var meters = ProcessMeters()
        /// The way to end that.
        let rateOrders = Mailbox<Void>()
    }

    /// What the engine keeps of a worker.
    struct WorkerHandle {
        let mailbox: Mailbox<WorkerMessage>
        let published: PublishedWorker
    }

    /// An engine that does nothing yet.
    public init(_ options: EngineOptions) { self.options = options }

    /// Opens every listener of every worker and starts the threads. Throws one sentence about what can not be done.
    public func start(_ frontends: [Frontend]) throws(EngineError) {
        let options = options
        try state.withLock { running throws(EngineError) in
            running = try Engine.launch(options, frontends)
            if options.keepsStatistics { startKeepingRates(&running) }
        }
    }

    /// What lists of patterns give up, each worker lets go of.
    private static func trash(of workers: [WorkerHandle]) -> PatternTrash {
        PatternTrash { items in for worker in workers { worker.mailbox.post(.forget(items)) } }
    }

    private static func launch(_ options: EngineOptions, _ frontends: [Frontend]) throws(EngineError)
        -> Running
    {
        let count = max(1, options.workers)
        let needsTLS = frontends.contains { $0.binds.contains { $0.isTLS } }
        let tls = needsTLS ? try TLSSetup() : nil
        guard Set(frontends.map(\.name)).count == frontends.count else {
            throw EngineError(message: "two frontends have the same name")
        }
        let places = ListenerPlaces.places(of: frontends)
        guard places.count <= ListenerPlaces.most else {
            throw EngineError(message: "cannot listen on more than \(ListenerPlaces.most) addresses")
        }
        // Every listener is open before the first thread runs: a failure leaves nothing behind.
        let opened = try Binder.open(places, workers: count, options)
        let faults = FaultStore()
        let handles = (0..<count).map { _ in
            WorkerHandle(
                mailbox: Mailbox(), published: PublishedWorker(listeners: ListenerPlaces.most, faults: faults)
            )
        }
        var running = Running(
            publisher: Publisher(
                workers: count, frontends: frontends, selfSigned: tls?.selfSigned, trash: trash(of: handles),
                authorities: options.authorities),
            workers: handles, threads: [], log: options.accessLog.map { LogWriter(descriptor: $0) },
            ticketKeys: tls?.ticketKeys, limits: ConnectionLimits(frontends, places, options),
            rates: options.limits,
            compression: CompressionBudget(options.compression),
            listeners: ListenerPlaces(open: places), keeper: options.keeper,
            peers: PeerOrders(options.onPeers), configuredFrontends: frontends)
        running.publisher.rates.follow(handles.map(\.published))
        var seeds: [WorkerSeed] = []
        for i in 0..<count {
            seeds.append(
                WorkerSeed(
                    index: i, mailboxes: running.workers.map(\.mailbox), limits: running.limits,
                    compression: running.compression,
                    published: running.workers[i].published, listeners: Array(zip(opened[i], places)),
                    tls: try tls?.context(serving: running.publisher.certificateTable),
                    snapshot: running.publisher.snapshot, log: running.log,
                    resolver: running.publisher.resolving.orders, format: options.accessLogFormat,
                    listens: !options.waitsForConfiguration, keepsStatistics: options.keepsStatistics,
                    onRelayRefusal: options.onRelayRefusal, http2: options.http2, onSpans: options.onSpans))
        }
        for (i, seed) in seeds.enumerated() {
            guard let thread = Thread(name: "worker-\(i)", body: { seed.run() }) else {
                throw EngineError(message: "cannot start worker thread \(i)")
            }
            running.threads.append(thread)
        }
        return running
    }

    /// Publishes a change: returns when it is posted to every worker, with what of it was refused. An empty change is
    /// nothing. The first one makes the engine ready once every worker has adopted it. `records` say how servers were before this
    /// process: they begin so.
    @discardableResult
    public func publish(_ change: Change, restoring records: [ServerReference: ServerStateRecord] = [:])
        -> [Diagnostic]
    {
        state.withLock { running in
            guard running != nil else { return [] }
            var diagnostics = running?.publish(change, restoring: records, propagation) ?? []
            if running?.needsChecker == true { startChecker(&running) }
            if running?.sharePeers(change, &diagnostics) == true { startPeers(&running) }
            if running?.needsResolver == true { startResolver(&running) }
            return diagnostics
        }
    }

    /// Which addresses of `frontends` can not be listened on, in place of what runs; nothing is changed. For who would rather stay
    /// with what runs than publish a part.
    public func refusals(of frontends: [Frontend]) -> [Diagnostic] {
        state.withLock { $0?.refusals(of: frontends) ?? [] }
    }

    /// The first server that is to be checked starts the thread that does it.
    func startChecker(_ running: inout Running?) {
        guard let publisher = running?.publisher else { return }
        let thread = HealthChecker.start(publisher.checkOrders.mailbox, variables: publisher.variables) {
            self.adopt($0)
        }
        guard let thread else { return options.onHealth(HealthNotice.noThread) }
        running?.threads.append(thread)
        running?.isChecking = true
    }

    /// What checks have found reaches the workers as a publish does.
    private func adopt(_ verdicts: [HealthVerdict]) {
        let notices = state.withLock { $0?.adopt(verdicts) ?? [] }
        for notice in notices { options.onHealth(notice) }
    }

    /// Whether the first publish has been adopted by every worker.
    public var isReady: Bool { hasAdopted { $0.firstPublish } }

    /// Whether every publish so far has been adopted by every worker.
    public var isSettled: Bool { hasAdopted { $0.firstPublish > 0 ? $0.sequence : 0 } }

    private func hasAdopted(_ sequence: (borrowing Running) -> UInt64) -> Bool {
        state.withLock { running in
            guard let running, case let sequence = sequence(running), sequence > 0 else { return false }
            return running.workers.allSatisfy { $0.published.adopted.load(ordering: .acquiring) >= sequence }
        }
    }

    /// Closes idle connections and lets every answer close its own. New connections are still served.
    public func drain() {
        post(.drain)
        leavePeers()
    }

    /// Closes every address it listens on: another process has them now. Who is connected stays.
    public func stopListening() {
        state.withLock { running in
            guard let frontends = running?.publisher.frontends else { return }
            var change = Change()
            change.frontends = frontends.map { frontend in
                var frontend = frontend
                frontend.binds = []
                return frontend
            }
            _ = running?.publish(change, propagation)
        }
        leavePeers()
    }

    /// Client connections that are open.
    public var openConnections: Int { sum { $0.openClients.value } }

    /// Requests under way.
    public var activeExchanges: Int { sum { $0.activeExchanges.value } }

    /// What time brings: new ticket keys, and an end of what servers that are gone had of TLS. To be called now and then.
    public func maintain() {
        let keys = state.withLock { running in
            running?.publisher.serverTLS.freeUnused()
            running?.publisher.patterns.trash.empty()
            return running?.ticketKeys
        }
        _ = keys?.rotate(now: Clock.now() / 1_000_000_000)
    }

    /// How many ways there are in which servers are spoken to with TLS.
    var serverContexts: Int { state.withLock { $0?.publisher.serverTLS.count ?? 0 } }

    /// Ends all connections and threads. Returns how many bytes of the access log nobody took in time.
    @discardableResult
    public func stop() -> Int {
        post(.stop)
        let running = state.withLock { $0.take() }
        running?.publisher.checkOrders.mailbox.post(.stop)
        running?.publisher.resolving.orders.mailbox.post(.stop)
        running?.rateOrders.post(())
        running?.peers.mailbox.post(.stop)
        running?.threads.forEach { $0.join() }
        let unsent = running?.publisher.logPlans.close() ?? 0
        return (running?.log?.close() ?? 0) + unsent
    }

    /// The latest changes that all workers have adopted, the newest first.
    public var recentChanges: [RecentChange] { propagation.recent }

    /// All counters, summed over the workers.
    public func metrics() -> EngineMetrics {
        let (handles, states, expiry, hosts, checked, tables) = state.withLock { running in
            (
                running?.workers.map(\.published) ?? [], running?.publisher.backendStates ?? [],
                running?.publisher.certificateExpiry ?? [:], running?.publisher.hostCount ?? 0,
                running?.publisher.checkedServers ?? [], running?.publisher.tables.all ?? []
            )
        }
        var metrics = EngineMetrics.sum(of: handles, backends: states)
        metrics.certificateExpiry = expiry
        metrics.hosts = hosts
        metrics.caches = state.withLock { $0?.publisher.cacheStores ?? [] }.map {
            CacheMetrics(name: $0.name, bytes: $0.store.budget.bytes, answers: $0.store.count)
        }
        metrics.checkedServers = checked.map {
            ServerMetrics(reading: $0.server, of: $0.backend, isChecked: true)
        }
        metrics.propagation = propagation.read()
        metrics.logTargetDropped =
            state.withLock { $0?.publisher.logPlans.dropped.load(ordering: .relaxed) } ?? 0
        metrics.peers = peerSections()
        metrics.tables = tables.map { name, model, table in
            // Nobody else has time for what has expired and is not asked for.
            table.purge(now: Clock.now() / 1_000_000, most: 1_000)
            return TableMetrics(name: name, used: table.count, size: model.size)
        }
        return metrics
    }

    /// When certificates end, in seconds since 1970, as far as they are served.
    public func ends(of names: [CertificateName]) -> [CertificateName: Int64] {
        state.withLock { running in
            var ends: [CertificateName: Int64] = [:]
            for name in names { ends[name] = running?.publisher.end(of: name) }
            return ends
        }
    }

    /// How each server does. For those who look, not for scraping: with many servers it is long.
    public func servers() -> [ServerMetrics] {
        let states = state.withLock { $0?.publisher.serverStates ?? [] }
        return states.map {
            ServerMetrics(reading: $0.server, of: $0.backend, isChecked: $0.isChecked)
        }
    }

    /// The lists of patterns, by number.
    public func patternLists() -> [PatternAccess] {
        state.withLock { $0?.publisher.patterns.all ?? [] }.map { PatternAccess($0) }
    }

    /// The stick tables, by name.
    public func stickTables() -> [TableAccess] {
        state.withLock { $0?.publisher.tables.all ?? [] }
            .map { TableAccess($0.name, $0.model, $0.table) }
            .sorted { $0.name.description < $1.name.description }
    }

    /// Backends by name, in order.
    public func backendNames() -> [String] {
        let states = state.withLock { $0?.publisher.backendStates ?? [] }
        return states.map { $0.name.view.string }.sorted()
    }

    private func post(_ message: WorkerMessage) {
        state.withLock { running in running?.workers.forEach { $0.mailbox.post(message) } }
    }

    private func sum(_ read: (borrowing WorkerCounters) -> UInt64) -> Int {
        let handles = state.withLock { $0?.workers.map(\.published) ?? [] }
        return handles.reduce(0) { $0 + Int(truncatingIfNeeded: read($1.counters[0])) }
    }
}

extension ConnectionLimits {
    /// Those of the start.
    fileprivate convenience init(
        _ frontends: [Frontend], _ places: [ListenerPlaces.Place], _ options: EngineOptions
    ) {
        self.init(
            frontends, listeners: places.map(\.maxConnections), process: options.maxConnections,
            rates: options.limits)
    }
}

extension Engine.Running {
    mutating func publish(
        _ change: Change, restoring records: [ServerReference: ServerStateRecord] = [:],
        _ propagation: PropagationLog
    ) -> [Diagnostic] {
        var change = change
        if let frontends = change.frontends { change.frontends = steered(frontends) }
        let tracker = AdoptionTracker(workers: workers.count, of: change, log: propagation)
        var adoption = Adoption(sequence: sequence + 1, onAdopted: { tracker.adopted() })
        let freeFrontends = change.frontends == nil ? [] : freeFrontends
        let isAdopted = !change.isEmpty || firstPublish == 0
        let known = records.isEmpty ? [] : publisher.knownServers
        var diagnostics = publisher.compile(change, into: &adoption, freeFrontends: freeFrontends)
        if isAdopted, !records.isEmpty { publisher.restore(records, besides: known, into: &adoption) }
        if change.frontends != nil {
            diagnostics += changeListeners(&adoption)
            leftFrontends.note(unused: publisher.places.absent, at: adoption.sequence)
            leftListeners.note(unused: listeners.closed, at: adoption.sequence)
        }
        guard isAdopted else { return diagnostics }
        sequence += 1
        if firstPublish == 0 { firstPublish = sequence }
        // Whoever asks for a name by the new rules finds its section.
        publisher.sendResolverOrders()
        // Before workers adopt: who is accepted in between counts by the new limits, and those there already are counted in then.
        if change.frontends != nil { limits.adopt(publisher.frontends, listeners: listeners.limits, rates) }
        for worker in workers { worker.mailbox.post(.adopt(adoption)) }
        if change.frontends != nil { workers.first?.mailbox.post(.limitsChanged) }
        publisher.checkOrders.send()
        return diagnostics
    }

    mutating func post(_ adoption: Adoption) {
        sequence += 1
        for worker in workers { worker.mailbox.post(.adopt(adoption)) }
    }

    var needsChecker: Bool { !isChecking && publisher.hasChecks }

    mutating func adopt(_ verdicts: [HealthVerdict]) -> [HealthNotice] {
        var adoption = Adoption(sequence: sequence + 1, onAdopted: {})
        let notices = publisher.adopt(verdicts, into: &adoption, now: Clock.now())
        if !adoption.pools.isEmpty { post(adoption) }
        return notices
    }
}

/// How an engine is set up; fixed for its life.
public struct EngineOptions: Sendable {
    /// How many worker threads.
    public var workers: Int
    /// The most client connections at a time, over all frontends and workers: HAProxy's global `maxconn`. 0, the default, is
    /// as many as there are descriptors for.
    public var maxConnections = 0
    /// What may begin in a second, and how much TLS there may be. What is said of TLS stays so.
    public var limits = ProcessLimits()
    /// What compression may cost, over all workers.
    public var compression = CompressionLimits()
    /// What connections of HTTP/2 let their peers do at once.
    public var http2 = HTTP2Choices()
    var authorities = AuthorityStore()
    /// Whether another process of the same user may listen on the same addresses, as one that this one takes over from does.
    public var sharesAddresses = false
    /// Who holds copies of the listening sockets, so that connections wait there if this process dies; nil is nobody.
    public var keeper: ListenerKeeper?
    /// Whether connections wait in the kernel until the first publish is adopted, instead of being answered that nothing is there.
    public var waitsForConfiguration = false
    /// Whether frontends and servers are counted as backends are, and looked at every second: what `statistics()` tells.
    public var keepsStatistics = false
    /// Where access log lines go; nil writes none.
    public var accessLog: Int32?
    /// How they look.
    public var accessLogFormat: AccessLogFormat
    /// Takes spans of traced requests, on workers' threads: it must not wait. nil, the default, records none.
    public var onSpans: (@Sendable (SpanBatch) -> Void)?
    /// Told when a check changes a server's state, on the checker's thread; it must not call the engine.
    public var onHealth: @Sendable (HealthNotice) -> Void = { _ in }

    /// Told when peers come, go or make no sense, on their thread; it must not call the engine.
    public var onPeers: @Sendable (PeerNotice) -> Void = { _ in }

    /// Told when a relay answers in place of a server, on a worker's thread: it must not block, nor call the engine.
    public var onRelayRefusal: @Sendable (RelayRefusal) -> Void = { _ in }

    /// Options from their parts.
    public init(workers: Int, accessLog: Int32? = nil, accessLogFormat: AccessLogFormat = .text) {
        self.workers = workers
        self.accessLog = accessLog
        self.accessLogFormat = accessLogFormat
    }
}

/// Why the engine can not run, as one sentence for the user.
public struct EngineError: Error, Equatable, CustomStringConvertible {
    /// The sentence.
    public let message: String
    /// The sentence.
    public var description: String { message }
}
