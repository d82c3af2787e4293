import Basics
public import Model
import Synchronization
import Wire

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
        let compression: CompressionBudget
        var listeners: ListenerPlaces
        var leftListeners = LeftPlaces()
        var leftFrontends = LeftPlaces()
        var sequence: UInt64 = 0
        var firstPublish: UInt64 = 0
        var isChecking = false
        /// What operators have said of frontends, and what those are without it.
        var frontendSteering: [String: FrontendSteering] = [:]
        var configuredFrontends: [Frontend]
        /// What is found out about frontends by looking at them every second, and the way to end that.
        var frontendMeters: [String: TrafficMeter] = [:]
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
        let opened = try Binder.open(places, workers: count, isAlone: !options.sharesAddresses)
        let faults = FaultStore()
        let handles = (0..<count).map { _ in
            WorkerHandle(
                mailbox: Mailbox(), published: PublishedWorker(listeners: ListenerPlaces.most, faults: faults)
            )
        }
        let trash = PatternTrash { items in
            for handle in handles { handle.mailbox.post(.forget(items)) }
        }
        var running = Running(
            publisher: Publisher(
                workers: count, frontends: frontends, selfSigned: tls?.selfSigned, trash: trash),
            workers: handles,
            threads: [], log: options.accessLog.map { LogWriter(descriptor: $0) },
            ticketKeys: tls?.ticketKeys,
            limits: ConnectionLimits(frontends, process: options.maxConnections),
            compression: CompressionBudget(options.compression),
            listeners: ListenerPlaces(open: places), configuredFrontends: frontends)
        var seeds: [WorkerSeed] = []
        for i in 0..<count {
            seeds.append(
                WorkerSeed(
                    index: i, mailboxes: running.workers.map(\.mailbox), limits: running.limits,
                    compression: running.compression,
                    published: running.workers[i].published,
                    listeners: Array(zip(opened[i], places)),
                    tls: try tls?.context(serving: running.publisher.certificateTable),
                    snapshot: running.publisher.snapshot, log: running.log, format: options.accessLogFormat,
                    listens: !options.waitsForConfiguration, keepsStatistics: options.keepsStatistics,
                    http2: options.http2))
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
    /// nothing. The first one makes the engine ready once every worker has adopted it.
    @discardableResult
    public func publish(_ change: Change) -> [Diagnostic] {
        state.withLock { running in
            guard running != nil else { return [] }
            let diagnostics = running?.publish(change, propagation) ?? []
            if running?.needsChecker == true { startChecker(&running) }
            return diagnostics
        }
    }

    /// Which addresses of `frontends` can not be listened on, in place of what runs; nothing is changed. For who would rather stay
    /// with what runs than publish a part.
    public func refusals(of frontends: [Frontend]) -> [Diagnostic] {
        state.withLock { $0?.refusals(of: frontends) ?? [] }
    }

    /// The first server that is to be checked starts the thread that does it.
    private func startChecker(_ running: inout Running?) {
        guard let mailbox = running?.publisher.checkOrders.mailbox else { return }
        let thread = HealthChecker.start(mailbox) { verdicts in self.adopt(verdicts) }
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
    public func drain() { post(.drain) }

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
        running?.rateOrders.post(())
        running?.threads.forEach { $0.join() }
        let unsent = running?.publisher.logPlans.close() ?? 0
        return (running?.log?.close() ?? 0) + unsent
    }

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

    /// A server as operators know it; nil if there is none.
    public func server(_ name: String, of backend: String) -> ServerReport? {
        state.withLock { $0?.publisher.report(of: name, in: BackendName(backend)) }
    }

    /// Says something of a server, for all workers; false if there is none.
    public func steer(_ name: String, of backend: String, _ order: ServerOrder) -> Bool {
        state.withLock { $0?.steer(name, of: BackendName(backend), order) ?? false }
    }

    private func post(_ message: WorkerMessage) {
        state.withLock { running in running?.workers.forEach { $0.mailbox.post(message) } }
    }

    private func sum(_ read: (borrowing WorkerCounters) -> UInt64) -> Int {
        let handles = state.withLock { $0?.workers.map(\.published) ?? [] }
        return handles.reduce(0) { $0 + Int(truncatingIfNeeded: read($1.counters[0])) }
    }
}

extension Engine.Running {
    mutating func publish(_ change: Change, _ propagation: PropagationLog) -> [Diagnostic] {
        var change = change
        if let frontends = change.frontends { change.frontends = steered(frontends) }
        let tracker = AdoptionTracker(
            workers: workers.count, kind: change.kind, receivedAt: change.receivedAt, log: propagation)
        var adoption = Adoption(sequence: sequence + 1, onAdopted: { tracker.adopted() })
        let freeFrontends = change.frontends == nil ? [] : freeFrontends
        var diagnostics = publisher.compile(change, into: &adoption, freeFrontends: freeFrontends)
        if change.frontends != nil {
            diagnostics += changeListeners(&adoption)
            leftFrontends.note(unused: publisher.places.absent, at: adoption.sequence)
            leftListeners.note(unused: listeners.closed, at: adoption.sequence)
        }
        guard !change.isEmpty || firstPublish == 0 else { return diagnostics }
        sequence += 1
        if firstPublish == 0 { firstPublish = sequence }
        for worker in workers { worker.mailbox.post(.adopt(adoption)) }
        for turn in change.frontends == nil ? [] : limits.adopt(publisher.frontends) {
            workers[turn.worker].mailbox.post(.mayAccept(frontend: turn.frontend))
        }
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

extension Engine.Running {
    /// What every worker has adopted.
    private var adopted: UInt64 {
        workers.map { $0.published.adopted.load(ordering: .acquiring) }.min() ?? 0
    }

    /// Places of frontends that are gone, which nobody refers to.
    fileprivate var freeFrontends: Set<Int> {
        leftFrontends.free(adopted: adopted) { limits.isUnused($0) }
    }

    /// The same of addresses.
    private var freeListeners: Set<Int> {
        leftListeners.free(adopted: adopted) { place in
            workers.allSatisfy { $0.published.clients[place].value == 0 }
        }
    }

    fileprivate func refusals(of frontends: [Frontend]) -> [Diagnostic] {
        var places = publisher.places
        var listeners = listeners
        var diagnostics = places.adopt(frontends, free: freeFrontends).map {
            $0.refused("there is no place for another frontend")
        }
        let wanted = ListenerPlaces.places(of: places.models)
        let (steps, refused) = listeners.steps(to: wanted, free: freeListeners)
        diagnostics += refused.map { place, refusal in
            places.models[Int(place.frontend)].refused(
                "cannot listen on port \(place.port): \(refusal.sentence)")
        }
        for case .open(let index) in steps {
            let place = listeners.places[index]
            do throws(EngineError) {
                _ = try open(place)
            } catch {
                diagnostics.append(places.models[Int(place.frontend)].refused(error.message))
            }
        }
        return diagnostics
    }

    /// Opens what is new to be listened on; the workers adopt it with everything else, and close what nobody wants.
    fileprivate mutating func changeListeners(_ adoption: inout Adoption) -> [Diagnostic] {
        let frontends = publisher.frontends
        let (steps, refused) = listeners.steps(
            to: ListenerPlaces.places(of: frontends), free: freeListeners)
        var diagnostics = refused.map { place, refusal in
            frontends[Int(place.frontend)].refused("cannot listen on port \(place.port): \(refusal.sentence)")
        }
        for step in steps {
            switch step {
            case .close(let index):
                adoption.listeners.append(ListenerChange(place: index, settings: nil, opened: []))
            case .change(let index):
                let place = listeners.places[index]
                do throws(EngineError) {
                    let handshake = try Binder.handshake(of: place)
                    adoption.listeners.append(
                        ListenerChange(place: index, settings: place, handshake: handshake, opened: []))
                } catch {
                    diagnostics.append(frontends[Int(place.frontend)].refused(error.message))
                }
            case .open(let index):
                let place = listeners.places[index]
                do throws(EngineError) {
                    let opened = try open(place)
                    adoption.listeners.append(
                        ListenerChange(place: index, settings: place, opened: opened))
                } catch {
                    listeners.failed(index)
                    diagnostics.append(frontends[Int(place.frontend)].refused(error.message))
                }
            }
        }
        return diagnostics
    }

    private func open(_ place: ListenerPlaces.Place) throws(EngineError) -> [OpenedListener] {
        guard !place.isTLS || ticketKeys != nil else {
            throw EngineError(
                message:
                    "cannot listen on port \(place.port): the process began without TLS, a restart is needed")
        }
        return try Binder.open(place, workers: workers.count)
    }
}

extension ListenerPlaces.Refusal {
    fileprivate var sentence: String {
        switch self {
        case .taken: "another bind has the same address"
        case .noPlace:
            "there are \(ListenerPlaces.most) addresses already, with those whose connections have not ended"
        }
    }
}

/// How an engine is set up; fixed for its life.
public struct EngineOptions: Sendable {
    /// How many worker threads.
    public var workers: Int
    /// The most client connections at a time, over all frontends and workers: HAProxy's global `maxconn`. 0, the default, is
    /// as many as there are descriptors for.
    public var maxConnections = 0
    /// What compression may cost, over all workers.
    public var compression = CompressionLimits()
    /// What connections of HTTP/2 let their peers do at once.
    public var http2 = HTTP2Choices()
    /// Whether another process of the same user may listen on the same addresses, as one that this one takes over from does.
    public var sharesAddresses = false
    /// Whether connections wait in the kernel until the first publish is adopted, instead of being answered that nothing is there.
    public var waitsForConfiguration = false
    /// Whether frontends and servers are counted as backends are, and looked at every second: what `statistics()` tells.
    public var keepsStatistics = false
    /// Where access log lines go; nil writes none.
    public var accessLog: Int32?
    /// How they look.
    public var accessLogFormat: AccessLogFormat
    /// Told when a check changes a server's state, on the checker's thread; it must not call the engine.
    public var onHealth: @Sendable (HealthNotice) -> Void = { _ in }

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
