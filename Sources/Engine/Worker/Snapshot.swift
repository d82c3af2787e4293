import Basics
import Model
import Wire

/// Everything a worker reads of the configuration: immutable, numbered, shared by all workers.
final class Snapshot: Sendable {
    /// Counts up with every publish of routes, certificates or frontends.
    let generation: UInt64
    let hosts: HostTable
    let frontends: [FrontendSettings]
    /// Hosts that demand certificates of their clients; nil if there are none.
    let guards: HostTable?
    /// The fields that servers are told of certificates in: ours alone.
    let guardedFields: ClaimedFields

    /// The process's variables, and how much all may take.
    let variables: ProcessVariables
    let variableRoom: VariableRoom
    let users: UserLists
    /// Who answers what rules send to a service.
    let services: ServiceDesk
    let rates: FrontendRates
    /// Those whose state samples ask for.
    let backends: BackendDirectory
    /// Whether any frontend says itself what is logged, and who takes the lines.
    let hasLogging: Bool
    let logWriter: LogWriter?

    init(
        generation: UInt64, hosts: HostTable, frontends: [FrontendSettings],
        guards: ClientGuardStore = ClientGuardStore(), logPlans: LogPlans = LogPlans(),
        variables: ProcessVariables = ProcessVariables(),
        variableLimits: VariableSettings = VariableSettings(), users: UserLists = UserLists(),
        services: ServiceDesk = ServiceDesk(), backends: BackendDirectory = BackendDirectory(),
        rates: FrontendRates = FrontendRates()
    ) {
        self.rates = rates
        self.backends = backends
        self.users = users
        self.services = services
        self.variables = variables
        variableRoom = VariableRoom(variableLimits)
        hasLogging = frontends.contains { $0.logging != nil }
        logWriter = logPlans.writer
        self.generation = generation
        self.hosts = hosts
        self.frontends = frontends
        self.guards = guards.table
        guardedFields = guards.fields
    }
}

/// What is posted to a worker.
enum WorkerMessage: Sendable {
    /// A new snapshot and changed server sets, adopted together between two events.
    case adopt(Adoption)
    /// Another worker has freed a place at a server that a request of this one was waiting for.
    case placeGranted(PlaceGrant)
    /// There is room for a connection at one of its listeners, counted in already.
    case mayAccept(ConnectionLimits.Turn)
    /// How many connections there may be has changed: whoever waits may have room now.
    case limitsChanged
    /// What lists of patterns have given up; each worker lets go of it here.
    case forget([PatternTrash.Item])
    /// Forget the most there was of anything, or all that was counted for statistics.
    case clearCounters(CountedThings)
    /// What a request has asked for, or nil if nobody knows.
    case resolved(UInt64, SocketAddress?)
    /// Somebody asks about requests and sessions under way, or ends one.
    case sessions(SessionQuestion)
    /// Answers close their connections, idle connections are closed.
    case drain
    /// End the loop.
    case stop
}

/// One publish, as a worker adopts it.
struct Adoption: Sendable {
    /// Counts publishes; what a worker has adopted is compared with it.
    var sequence: UInt64
    /// nil when only pools changed.
    var snapshot: Snapshot?
    /// nil when the certificates stayed.
    var certificates: CertificateTable?
    /// Listeners that come, go or mean something else.
    var listeners: [ListenerChange] = []
    /// The stick tables; nil when they stayed.
    var tables: TableDirectory?
    /// The lists of patterns; nil when they stayed, whatever is in them.
    var patterns: PatternDirectory?
    /// Backends whose servers changed.
    var pools: [(backend: BackendState, servers: ServerSet)] = []
    /// Servers that are no longer configured.
    var retired: [ServerState] = []
    /// What checks have found since.
    var health: [HealthEffect] = []
    /// Backends that are no longer configured: kept until no request uses them.
    var removed: [BackendState] = []
    /// Called by each worker once it has adopted.
    var onAdopted: @Sendable () -> Void
}
