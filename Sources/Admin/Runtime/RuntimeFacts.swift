public import Engine
public import Model
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
    /// The files of `crt-list`.
    public var certificateLists: @Sendable () -> [CertificateList] = { [] }
    /// Told what operators have made of them.
    public var keepCertificateLists: @Sendable ([CertificateList]) -> Void = { _ in }
    /// Reads a line that is added to the file of `crt-list` at a path; nil where there are none.
    public var readCertificateLine: CertificateLineReader?

    /// What a line says that is added to a file, or why it can not be.
    public typealias CertificateLineReader =
        @Sendable (_ line: [UInt8], _ list: String) -> CertificateLineReading

    /// What was said when the configuration was read.
    public var startupLogs: @Sendable () -> [String] = { [] }
    /// Reads the words that describe a server of a backend; nil where servers do not come from operators.
    public var readServer: ServerReader?

    /// The server of a name in a backend, from an address and keywords, or why not.
    public typealias ServerReader = @Sendable (_ name: String, _ backend: String, [String]) -> ServerReading

    /// Makes a backend of a name, from a `defaults` section and perhaps a mode; nil as above.
    public var readBackend:
        (@Sendable (_ name: String, _ defaults: String, _ mode: String?) -> BackendReading)?
    /// A backend of a name has come to be, from a `defaults` section.
    public var noteBackend: @Sendable (_ name: String, _ defaults: String) -> Void = { _, _ in }

    /// A backend that was made, or why it can not be.
    public enum BackendReading: Sendable, Equatable {
        case backend(Backend)
        case refused(String)
    }

    /// A server that was read, or why it can not be.
    public enum ServerReading: Sendable, Equatable {
        case server(Server)
        case refused(String)
    }

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
        let certificates = CertificateCommands(engine: engine)
        self.init(
            PatternCommands(lists: { engine.patternLists() }).commands
                + TableCommands(tables: { engine.stickTables() }).commands
                + PeerCommands(
                    sections: { engine.peerSections() }, now: { Clock().realtime },
                    date: { LocalDate.text($0) }
                ).commands
                + ServerCommands(engine: engine).commands + RateCommands(engine: engine).commands
                + ServerChangeCommands(engine: engine, read: facts.readServer).commands
                + BackendChangeCommands(facts: facts).commands
                + ServerStateCommands(statistics: { engine.statistics() }).commands
                + ResolversCommands(resolvers: { engine.resolvers() }).commands
                + CacheCommands(caches: { engine.caches() }).commands
                + FrontendCommands(engine: engine, processLimit: facts.processLimit).commands
                + certificates.commands
                + CertificateListCommands(
                    engine: engine, transactions: certificates.transactions, lists: facts.certificateLists,
                    keep: facts.keepCertificateLists, read: facts.readCertificateLine
                ).commands
                + [AuthorityFile.Kind.authorities, .revocations].flatMap { kind in
                    AuthorityCommands(kind, files: { engine.authorityFiles() }) {
                        file, pem throws(TLSSettingsError) in try engine.replaceAuthorities(file, by: pem)
                    }.commands
                }
                + TicketKeyCommands.commands + StapleCommands(of: engine).commands
                + ActivityCommands(
                    engine: engine, now: { Clock().realtime }, maps: { LoadedObjects.ownMaps() }
                ).commands
                + SessionCommands(engine: engine, date: { LocalDate.text($0, digits: 6) }).commands
                + FaultCommands(engine: engine, now: { Clock().realtime }, date: { LocalDate.text($0) })
                .commands
                + StatisticsCommands(engine: engine, processLimit: facts.processLimit).commands
                + ProcessCommands(facts: facts).commands
                + DebuggingCommands(engine: engine, startupLogs: facts.startupLogs).commands
                + RuntimeAPI.ofSessions + [WaitCommand.entry])
        wait = WaitCommand { server, backend in
            switch engine.removal(of: server, from: backend) {
            case .done: .holds
            case .isBusy: .notYet
            case .noSuchBackend, .noSuchServer, .isReferred, .isInService: .never
            }
        } backend: { backend in
            switch engine.removal(of: backend) {
            case .done: .holds
            case .isBusy: .notYet
            default: .never
            }
        }
    }
}
