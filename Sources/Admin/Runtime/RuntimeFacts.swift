public import Engine
import Wire

/// What the runtime API tells and changes.
public struct RuntimeFacts: Sendable {
    /// The engine.
    public var engine: Engine
    /// The program's version.
    public var version: String
    /// The machine's name.
    public var node: String
    /// When the process started, in seconds of CLOCK_MONOTONIC.
    public var startedAt: UInt64
    /// The most connections (`maxconn`); 0 is no limit.
    public var maxConnections: Int
    /// The environment's variables.
    public var environment: [String: String]
    /// The sockets with their levels, as `show cli sockets` names them.
    public var sockets: [(name: String, level: RuntimeLevel)]

    /// Facts from their parts.
    public init(
        engine: Engine, version: String, node: String, startedAt: UInt64, maxConnections: Int,
        environment: [String: String], sockets: [(name: String, level: RuntimeLevel)]
    ) {
        self.engine = engine
        self.version = version
        self.node = node
        self.startedAt = startedAt
        self.maxConnections = maxConnections
        self.environment = environment
        self.sockets = sockets
    }
}

extension RuntimeFacts {
    /// The most connections there may be: what is configured, else as many as there are descriptors for.
    var processLimit: Int {
        maxConnections > 0 ? maxConnections : Int(ProcessMetrics.descriptorLimit() ?? 0)
    }
}

extension RuntimeAPI {
    /// All commands, about one process.
    public init(_ facts: RuntimeFacts) {
        let engine = facts.engine
        self.init(
            PatternCommands(lists: { engine.patternLists() }).commands
                + TableCommands(tables: { engine.stickTables() }).commands
                + ServerCommands(engine: engine).commands
                + ServerStateCommands(statistics: { engine.statistics() }).commands
                + FrontendCommands(engine: engine, processLimit: facts.processLimit).commands
                + CertificateCommands(engine: engine).commands
                + ActivityCommands(
                    engine: engine, now: { Clock().realtime }, maps: { LoadedObjects.ownMaps() }
                ).commands
                + SessionCommands(engine: engine, date: { LocalDate.text($0, digits: 6) }).commands
                + FaultCommands(engine: engine, now: { Clock().realtime }, date: { LocalDate.text($0) })
                .commands
                + StatisticsCommands(engine: engine, processLimit: facts.processLimit).commands
                + ProcessCommands(facts: facts).commands)
    }
}
