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
    private let startedAt = Clock.now()

    /// Something that publishes until it is stopped.
    struct Source: Sendable {
        /// Ends it; nothing is published afterwards that matters.
        var stop: @Sendable () -> Void
        /// The process is about to end: others may take over what only one does. It still publishes.
        var leave: @Sendable () -> Void = {}
        /// What `/readyz` asks beside the engine.
        var checks: [HealthCheck] = []
        /// What `/metrics` shows beside the engine.
        var metrics: @Sendable () -> [MetricFamily] = { [] }
        /// Said when everything runs.
        var greeting = ""
        /// Everything runs.
        var started: @Sendable () -> Void = {}
    }

    /// An engine that has not started.
    init(_ mode: Subcommand, _ settings: Settings) throws(StartError) {
        self.mode = mode
        self.settings = settings
        let log = Logger(settings.log)
        var options = EngineOptions(
            workers: settings.workers ?? ProcessorCount.allowed(),
            accessLog: try AccessLogFile.open(settings.accessLog),
            accessLogFormat: settings.log.format == .json ? .json : .text)
        options.maxConnections = settings.maxConnections
        options.compression = settings.compression
        options.http2 = settings.http2
        options.sharesAddresses = settings.sharesAddresses
        options.onHealth = { log.tell($0) }
        // A controller has to ask a cluster first, which may take its time.
        options.waitsForConfiguration = mode == .proxy
        options.keepsStatistics = mode == .proxy
        self.log = log
        engine = Engine(options)
    }

    /// Publishes to the engine; what a source is given.
    var publish: @Sendable (Change) -> [Diagnostic] {
        { [engine, ledger] change in
            let refused = engine.publish(change)
            ledger.enter(change, refused: refused)
            return refused
        }
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
        do {
            try engine.start(frontends ?? settings.listeners.frontends)
        } catch {
            throw StartError(error.message)
        }
        defer { stopEngine() }
        let source = try begin(self)
        defer { source.stop() }
        let ports = try ControlPorts.start(settings.listeners, ops: opsPages(source), admin: adminPages())
        defer { ports.stop() }
        log.info("\(mode.rawValue) started: sluice \(Version.number)\(addresses)")
        Output.write(source.greeting, to: 2)
        source.started()
        wait(for: signals, onLeave: source.leave, onHangup: onHangup)
    }

    private func stopEngine() {
        let dropped = engine.stop()
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

    private func wait(
        for signals: Signals, onLeave: @escaping () -> Void, onHangup: @escaping () -> Void
    ) {
        let shutdown = Shutdown(delay: settings.drainDelay, timeout: settings.drainTimeout)
        _ = Lifetime(signals: signals, shutdown: shutdown, manners: settings.manners, log: log).run(
            Lifetime.Actions(
                becomeUnready: {
                    ledger.leave()
                    onLeave()
                },
                drain: {
                    if settings.manners == .haproxy { engine.stopListening() }
                    engine.drain()
                },
                remaining: { engine.openConnections }, upkeep: { engine.maintain() },
                hangup: onHangup))
    }

    private func opsPages(_ source: Source) -> OpsPages {
        let (engine, ledger, startedAt) = (engine, ledger, startedAt)
        let adopted = HealthCheck("configuration") {
            engine.isReady ? .passing : .failing("the first configuration is not in place yet")
        }
        let staying = HealthCheck("shutdown") { ledger.isLeaving ? .failing("stopping") : .passing }
        return OpsPages(
            alive: [HealthCheck("process") { .passing }], ready: source.checks + [adopted, staying],
            metrics: {
                ProcessFamilies.of(ledger, isReady: engine.isReady, startedAt: startedAt)
                    + engine.metrics().families() + source.metrics() + ProcessMetrics.families()
            })
    }

    private func adminPages() -> AdminPages {
        let (engine, ledger, mode, startedAt) = (engine, ledger, mode.rawValue, startedAt)
        return AdminPages(
            Introspection(
                info: {
                    ProcessInfo(
                        version: Version.number, mode: mode,
                        uptimeSeconds: Int64(clamping: (Clock.now() &- startedAt) / 1_000_000_000),
                        isReady: engine.isReady && !ledger.isLeaving, publishes: ledger.publishes)
                },
                configuration: { ledger.configuration }, metrics: { engine.metrics() },
                servers: { Service.traffic(of: engine.servers()) },
                diagnostics: { ledger.diagnostics }))
    }

    private static func traffic(of servers: [ServerMetrics]) -> [ServerKey: ServerTraffic] {
        let entries = servers.map { server in
            (
                ServerKey(backend: BackendName(server.backend), address: server.address),
                ServerTraffic(
                    active: server.active, requests: server.requests, failures: server.connectErrors,
                    health: server.health)
            )
        }
        return Dictionary(entries) { first, _ in first }
    }
}
