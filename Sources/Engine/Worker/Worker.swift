import Basics
import Model
import Synchronization
import Wire

/// One thread of the engine: its own loop, listeners, connections, pools, timers and counters.
///
/// Nothing in here is shared. Other threads reach it through `mailbox`, and read `counters` and `adopted`. Its behaviour is in
/// extensions, one file per step of a request's way: `Worker+Loop`, `Worker+Accept`, `Worker+Client`, `Worker+Dispatch`, …
final class Worker {
    let index: Int
    let mailbox: Mailbox<WorkerMessage>
    /// What other threads may read of this worker.
    let published: PublishedWorker
    let log: AccessLog
    /// The other workers' mailboxes.
    let others: [Mailbox<WorkerMessage>]
    /// How many connections there may be; common to all workers.
    let limits: ConnectionLimits

    var loop = EventLoop()
    var clock = Clock()
    /// Measured where somebody asks: `measuresSleep`.
    var idle: IdleShare
    let measuresSleep: Bool
    var timers: TimerWheel
    var random: RandomNumbers
    /// By place; most are not open.
    let listeners: FixedArray<BoundListener>
    var tls: TLSContext?

    let clients = Slab<ClientConnection>()
    let servers = Slab<ServerConnection>()
    let exchanges = Slab<Exchange>()
    let details = Slab<ClientDetails>()
    let compressions = Slab<RunningCompression>()
    let carriers = Slab<Carrier>()
    let fastCGIAnswers = Slab<FastCGIAnswer>()
    let stores = Slab<RunningStore>()
    let deliveries = Slab<CachedDelivery>()
    let stickings = Slab<Sticking>()
    let rulings = Slab<Ruling>()
    let heldAnswers = Slab<HeldAnswer>()
    let waitingRequests = Slab<WaitingRequest>()
    let headBuffers = BufferPool(size: Sizes.head, keep: 256)
    let bodyBuffers = BufferPool(size: Sizes.body, keep: 64)
    let variableBuffers = BufferPool(size: Sizes.variables, keep: 64)
    let variableStores: VariablePool
    /// Copies of requests for somebody else; those with bodies are larger and come from the system.
    let copyBuffers = BufferPool(size: Sizes.copy, keep: 16)
    let trailerBuffers = BufferPool(size: Sizes.trailers, keep: 16)
    let tables = HeaderTablePool(keep: 512)
    /// What HTTP/2 clients share; nil without memory for it.
    let http2: HTTP2Context?
    /// What connections that carry HTTP/2 to servers share.
    let http2ToServers: HTTP2Context?
    /// Where their frames are read; without memory until there are any.
    var frames = Buffer()
    /// How many faults of clients and of servers the counters hold.
    var publishedFaults: (ofClients: UInt64, ofServers: UInt64) = (0, 0)
    /// Where bodies pass through on their way.
    var scratch = Buffer(capacity: Sizes.scratch)
    /// Where bodies pass through that nobody looks at.
    let pipe = BytePipe(size: Sizes.piped)
    /// What compression may cost; common to all workers.
    let compressionBudget: CompressionBudget
    let compressors: CompressorPool
    /// Where compressed bytes gather; without memory until there are any.
    var compressed = Buffer()
    /// Where heads are written.
    var headScratch = Buffer(capacity: Sizes.headScratch)
    /// Where a cookie line is written anew; lent memory while it is.
    var cookieLine = Buffer()
    /// What rules write by formats; without memory until there are any.
    var composed = Buffer()
    /// What users have proved.
    var rightPasswords = RightPasswords()
    /// Of traced requests that have ended.
    var spans = SpanBuffer()
    /// What was said about requests.
    var verdicts = VerdictStore()
    /// How much of what FastCGI servers say beside their answers is still logged.
    var serverMessages = MessageBudget()
    /// What expressions write.
    var samples = SampleWorkspace()
    /// The request whose rules are asked, alone.
    let seen = FixedArray(count: 1) { _ in PlainRequest() }
    /// Where the size of a chunk of ours is written.
    var chunkSize = Buffer(capacity: 32)

    var snapshot: Snapshot
    var router: Router
    var frontends: FixedArray<Unmanaged<FrontendSettings>>
    /// What is counted of them.
    var frontendTraffic: FixedArray<Unmanaged<FrontendTraffic>>
    /// Whether what ends is counted at its frontend and its server too.
    var keepsStatistics = false
    /// See `EngineOptions`.
    var onRelayRefusal: @Sendable (RelayRefusal) -> Void = { _ in }
    /// The stick tables by name.
    var tableDirectory = TableDirectory([])
    /// The lists of patterns by name.
    var patterns = PatternDirectory([])
    /// Whether any host demands certificates of its clients.
    var hasGuards = false
    /// Counts adoptions; exchanges remember the one they began in.
    var epoch: UInt64 = 0
    var garbage = Garbage()
    var oldestExchange: Ref<Exchange>?
    var newestExchange: Ref<Exchange>?
    var firstClient: Ref<ClientConnection>?
    /// Connections whose exchange has had its turn and could go on at once.
    var yielded: [Ref<ServerConnection>] = []
    /// Clients that have had their turn and could go on at once.
    var yieldedClients: [Ref<ClientConnection>] = []
    /// Bytes of bodies and frames that were read in this part of the round.
    var moved = 0
    var reserve = DescriptorReserve()
    /// When listeners that had to pause are asked again (ns); 0 while they are not paused.
    var acceptsAgainAt: UInt64 = 0
    /// Runs while somebody waits for a rate to fall; 0 before anybody has.
    var limitTimer: TimerWheel.ID = 0
    /// Listeners are asked at all; not before the first configuration where that is waited for.
    var isListening = true
    var isDraining = false
    var isStopping = false
    /// Who waits for addresses.
    var names = NameDesk()
    /// Copies of requests that are being made, or are under way.
    var copies = 0
    /// Places that were freed here for requests of this worker.
    var ownGrants: [PlaceGrant] = []

    init(
        index: Int, mailbox: Mailbox<WorkerMessage>, others: [Mailbox<WorkerMessage>],
        limits: ConnectionLimits, compression: CompressionBudget, published: PublishedWorker, log: AccessLog,
        listeners: [(OpenedListener, ListenerPlaces.Place)], tls: TLSContext?, snapshot: Snapshot,
        http2 choices: HTTP2Choices = HTTP2Choices()
    ) {
        self.index = index
        self.mailbox = mailbox
        self.others = others
        self.limits = limits
        compressionBudget = compression
        compressors = CompressorPool(limit: compression.limits.maxStreams, keep: 4)
        measuresSleep = compression.limitsTime
        self.published = published
        self.log = log
        self.listeners = FixedArray(count: ListenerPlaces.most) { _ in BoundListener() }
        self.tls = tls
        self.snapshot = snapshot
        router = Router(hosts: snapshot.hosts)
        frontends = Worker.frontends(of: snapshot)
        frontendTraffic = Worker.traffic(of: snapshot, in: published)
        variableStores = VariablePool(variableBuffers, keep: 64)
        timers = TimerWheel(now: clock.monotonic)
        idle = IdleShare(now: clock.monotonic)
        random = RandomNumbers(seed: clock.monotonic &* UInt64(index + 1))
        http2 = HTTP2Context(
            isServer: true, limits: HTTP2Limits(window: choices.clientWindow),
            seed: clock.monotonic &* UInt64(index + 1))
        http2ToServers = HTTP2Context(
            isServer: false,
            limits: HTTP2Limits(window: choices.serverWindow, streams: choices.serverStreams))
        for (place, (opened, settings)) in listeners.enumerated() {
            if let listener = opened.take() {
                self.listeners[place].open(listener, settings, opened.handshake)
            }
        }
    }

    static func frontends(of snapshot: Snapshot) -> FixedArray<Unmanaged<FrontendSettings>> {
        FixedArray(count: snapshot.frontends.count) { Unmanaged.passUnretained(snapshot.frontends[$0]) }
    }

    var counters: Ref<WorkerCounters> { published.counters.reference(0) }
}

/// Objects that live exchanges may still point to, each with the epoch in which it went out of use.
struct Garbage {
    private var objects: [(epoch: UInt64, object: AnyObject)] = []

    var isEmpty: Bool { objects.isEmpty }

    mutating func add(_ object: AnyObject, epoch: UInt64) { objects.append((epoch, object)) }

    /// Releases what went out of use before `epoch`.
    mutating func release(before epoch: UInt64) {
        guard let first = objects.first, first.epoch < epoch else { return }
        objects.removeAll { $0.epoch < epoch }
    }
}
