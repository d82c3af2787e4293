import Admin
import Engine
import Model
import Wire

/// A process that carries traffic: the engine, the control ports, and a source of configuration.
///
/// ```
///   source ──publish──► engine ──► workers
///      └────────────────► ledger ◄── ops and admin ports
/// ```
struct Service {
    let mode: Subcommand
    let settings: Settings
    let log: Logger
    let engine: Engine
    let ledger = Ledger()
    /// What relays have answered themselves.
    let refusals: RelayRefusals
    /// What its supervisor has given it; nil without one.
    let place: EnginePlace?
    let stateKeeper: StateKeeper?
    private let exporter: SpanExporter
    private let startedAt = Clock.now()

    /// Something that publishes until it is stopped.
    struct Source: Sendable {
        /// Ends it; nothing is published afterwards that matters.
        var stop: @Sendable () -> Void
        /// The process is about to end: others may take over what only one does. It still publishes.
        var leave: @Sendable () -> Void = {}
        /// Whether what `leave` has begun is over.
        var hasLeft: @Sendable () -> Bool = { true }
        /// What `/readyz` asks beside the engine.
        var checks: [HealthCheck] = []
        /// What `/metrics` shows beside the engine.
        var metrics: @Sendable () -> [MetricFamily] = { [] }
        /// The namespace this process is in; empty outside of a cluster.
        var namespace = ""
        /// Said when everything runs.
        var greeting = ""
        /// Everything runs.
        var started: @Sendable () -> Void = {}
    }

    /// An engine that has not started. `hasState`: there is something to serve before anybody else is asked. `taken` is what another
    /// process listened on.
    init(
        _ mode: Subcommand, _ settings: Settings, _ place: EnginePlace? = nil, hasState: Bool = false,
        taken: ListenerKeeper? = nil
    ) throws(StartError) {
        (self.mode, self.settings, self.place) = (mode, settings, place)
        let log = Logger(settings.log)
        var options = EngineOptions(
            workers: settings.workers ?? ProcessorCount.allowed(),
            accessLog: try AccessLogFile.open(settings.accessLog),
            accessLogFormat: settings.log.format == .json ? .json : .text)
        options.maxConnections = settings.maxConnections
        options.limits = settings.limits
        options.compression = settings.compression
        options.http2 = settings.http2
        options.sharesAddresses = settings.sharesAddresses
        options.onHealth = { log.tell($0) }
        options.onPeers = { log.tell($0) }
        let refusals = RelayRefusals(log)
        self.refusals = refusals
        options.onRelayRefusal = { refusals.note($0, at: Clock.now()) }
        let exporter = SpanExporter(log: log)
        self.exporter = exporter
        options.onSpans = { exporter.take($0) }
        // A controller has to ask a cluster first, which may take its time; a successor has what to begin with.
        let isSuccessor = hasState || mode == .dev && (place?.restarts ?? 0) > 0
        options.waitsForConfiguration = mode == .proxy || isSuccessor
        options.keeper = place?.keeper ?? taken
        options.keepsStatistics = mode == .proxy
        self.log = log
        let engine = Engine(options)
        self.engine = engine
        stateKeeper = place.map { StateKeeper($0, engine, log, writes: mode == .controller) }
    }

    /// Publishes to the engine; what a source is given.
    var publish: @Sendable (Change) -> [Diagnostic] {
        { [engine, ledger] change in
            let refused = engine.publish(change)
            ledger.enter(change, refused: refused)
            return refused
        }
    }

    /// The same of a configuration whose servers were there before this process, or were spoken of.
    func publish(_ change: Change, restoring records: [ServerReference: ServerStateRecord]) -> [Diagnostic] {
        let refused = engine.publish(change, restoring: records)
        ledger.enter(change, refused: refused)
        return refused
    }

    /// Runs until a signal ends it in order. `frontends` are where it listens, by default what the command line says;
    /// `onHangup` is what SIGHUP does.
    func run(
        _ frontends: [Frontend]? = nil, onHangup: @escaping () -> Void = {},
        _ begin: (Service) throws(StartError) -> Source
    ) throws(StartError) {
        let signals = Signals.block(settings.manners.signals)
        _ = DescriptorLimit.raise()
        LargeMemory.giveBack()
        LargeMemory.share(by: settings.workers ?? ProcessorCount.allowed())
        do {
            try engine.start(frontends ?? settings.listeners.frontends)
        } catch {
            throw StartError(error.message)
        }
        defer { stopEngine() }
        let source = try begin(self)
        defer { source.stop() }
        let ports = try ControlPorts.open(
            settings.listeners, place?.keeper, ops: opsPages(source), admin: adminPages())
        defer { ports.stop() }
        let runtime = try RuntimeSockets.start(at: settings.listeners.adminSocket, self)
        defer { runtime?.stop() }
        log.info("\(mode.rawValue) started: sluice \(Version.number)\(addresses)")
        Output.write(source.greeting, to: 2)
        source.started()
        try stateKeeper?.start()
        defer { stateKeeper?.stop() }
        // Who is told that it is ready finds everything else there.
        try ports.serve()
        wait(for: signals, source, onHangup: onHangup)
    }

    private func stopEngine() {
        let dropped = engine.stop()
        exporter.stop()
        if dropped > 0 { log.warning("access log: \(dropped) bytes dropped, nobody reads it") }
    }

    private var addresses: String {
        let listeners = settings.listeners
        let ports = [
            ("http", listeners.httpPort), ("https", listeners.httpsPort), ("ops", listeners.opsPort),
        ]
        return ports.filter { $0.1 != 0 }.map { ", \($0.0) \($0.1)" }.joined()
            + (listeners.admin.port != 0 ? ", admin \(listeners.admin)" : "")
    }

    private func wait(for signals: Signals, _ source: Source, onHangup: @escaping () -> Void) {
        let shutdown = Shutdown(delay: settings.drainDelay, timeout: settings.drainTimeout)
        _ = Lifetime(signals: signals, shutdown: shutdown, manners: settings.manners, log: log).run(
            Lifetime.Actions(
                becomeUnready: {
                    ledger.leave()
                    source.leave()
                },
                drain: {
                    if settings.manners == .haproxy { engine.stopListening() }
                    engine.drain()
                },
                remaining: { engine.openConnections }, isDone: source.hasLeft,
                upkeep: { engine.maintain() }, hangup: onHangup))
    }

    private func opsPages(_ source: Source) -> OpsPages {
        let (engine, ledger, startedAt, restarts) = (engine, ledger, startedAt, place?.restarts ?? 0)
        let exporter = exporter
        let nginx = settings.showsNginxNames ? nginxFamilies(source.namespace) : nil
        let adopted = HealthCheck("configuration") {
            // What is shown of it is entered behind what is served.
            engine.isReady && ledger.publishes > 0
                ? .passing : .failing("the first configuration is not in place yet")
        }
        let staying = HealthCheck("shutdown") { ledger.isLeaving ? .failing("stopping") : .passing }
        return OpsPages(
            alive: [HealthCheck("process") { .passing }], ready: source.checks + [adopted, staying],
            metrics: {
                let metrics = engine.metrics()
                let families =
                    ProcessFamilies.of(ledger, isReady: engine.isReady, startedAt: startedAt, restarts)
                    + metrics.families() + [metrics.backendInfo(ledger.configuration)] + source.metrics()
                    + exporter.counts.families()
                    + ProcessMetrics.families()
                guard let nginx else { return families }
                return families
                    + nginx.families(
                        metrics, ledger.configuration, beside: families, isTakenWhole: ledger.isTakenWhole)
            })
    }

    private func nginxFamilies(_ namespace: String) -> NginxFamilies {
        let clock = Clock()
        return NginxFamilies(
            controller: settings.translation.controllerName, namespace: namespace, pod: Machine.hostName,
            version: Version.number, commit: Version.commit, election: settings.writing.electionID,
            startedAt: Int64(clamping: (clock.realtime &- (clock.monotonic &- startedAt)) / 1_000_000_000))
    }

    private func adminPages() -> AdminPages {
        let (engine, ledger, mode, startedAt) = (engine, ledger, mode.rawValue, startedAt)
        var introspection = Introspection(
            info: {
                ProcessInfo(
                    version: Version.number, mode: mode,
                    uptimeSeconds: Int64(clamping: (Clock.now() &- startedAt) / 1_000_000_000),
                    isReady: engine.isReady && !ledger.isLeaving, publishes: ledger.publishes)
            },
            configuration: { ledger.configuration }, metrics: { engine.metrics() },
            servers: { Service.traffic(of: engine.servers()) },
            diagnostics: { ledger.diagnostics })
        introspection.statistics = { engine.statistics() }
        introspection.changes = { engine.recentChanges }
        return AdminPages(introspection)
    }

    private static func traffic(of servers: [ServerMetrics]) -> [ServerKey: ServerTraffic] {
        let entries = servers.map { server in
            (
                ServerKey(
                    backend: BackendName(server.backend), address: server.address, name: server.name),
                ServerTraffic(
                    active: server.active, requests: server.requests, failures: server.connectErrors,
                    health: server.health)
            )
        }
        return Dictionary(entries) { first, _ in first }
    }
}
