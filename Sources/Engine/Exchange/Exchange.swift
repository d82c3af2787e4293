import Basics
import Model
import Wire

/// One request and its answer, from the first byte of the request to the log line.
///
/// ```
///   head ─► (buffering) ─► queued ─► connecting ─► waiting ─► (holding) ─► streaming ─► done
///     │          │          │           │ ▲          │           │
///     └──────────┴──────────┴───► answered by us ◄───┴───────────┘          tunnel (after 101)
/// ```
/// What it points to (route, backend, servers) is kept alive by the worker as long as the exchange counts among the
/// live ones of its epoch; a long-lived exchange takes references of its own instead (`ownsReferences`).
struct Exchange: ~Copyable {
    let client: Ref<ClientConnection>
    var serverConnection: Ref<ServerConnection>?
    var phase = Phase.head
    var request = RequestHead()
    var response = ResponseHead()
    /// The coding the client likes best of those that its answer may have.
    var coding: ContentCoding?
    /// What compresses the answer while its body passes.
    var compression: Ref<RunningCompression>?
    /// What keeps a copy of the answer while its body passes.
    var storing: Ref<RunningStore>?
    /// The kept answer that it is given.
    var delivery: Ref<CachedDelivery>?
    var requestBody = BodyDecoder(.none)
    var responseBody = BodyDecoder(.none)
    /// Trailers of the body that is passing, in either direction.
    var trailers = Buffer()
    /// The path after `.` and `..` segments were resolved, if there were any.
    var resolvedPath = Buffer()

    /// Where the head begins in the client's input buffer; below 0 it is the ruling's.
    var headStart: Int = 0
    /// Decoded body bytes that came with the head; they stay in the client's input until the request can not be
    /// repeated any more.
    var initialBody = 0
    /// All that was sent of the request could be sent again.
    var isReplayable = true
    /// It is a TCP session: bytes both ways without a head.
    var isSession = false
    /// The whole request has been given to the server.
    var isRequestSent = false
    /// The answer's head has been given to the client.
    var hasAnswered = false
    /// The client's connection stays open after this exchange.
    var keepsClient = true
    /// The answer is passed on in chunks of ours.
    var chunksAnswer = false
    var ownsReferences = false
    var countsInFlight = false
    /// A condition keeps it, and its answer, from the cache.
    var sparesCache = false
    /// It counts among `BackendState.requests`, among its route's requests, and whether among either.
    var countsInBackend = false
    var countsInRoute = false
    var countsSomewhere = false
    /// The answer's body is compressed, kept, or a kept one, or rules have something beside the exchange.
    var worksOnBody = false
    /// The answer's body passes through within the kernel.
    var isPiped = false
    /// Something is to be learned from the answer before it is passed on.
    var looksAtAnswer = false
    /// Its bytes may be held back: rules have set a limit, or those about its answer may.
    var isThrottled = false
    /// What came of the body with its head waits behind it.
    var holdsBody = false
    /// What passes of its body is copied.
    var isCopied = false
    /// Rules are asked about the answer, or tables count it.
    var asksAnswerRules = false
    /// Rules are asked about an answer of ours.
    var asksAfterwards = false
    /// What it is on its way to a server for.
    var errand = Errand.none
    /// The status that somebody else writes the answer to.
    var replacedStatus: UInt16 = 0
    /// It is the one that finds out whether its server works again.
    var isProbe = false
    /// It was sent elsewhere once because its server is left alone.
    var wasTurnedAway = false
    /// It waited for its server alone, not for any.
    var waitedForServer = false
    var isRedispatched = false
    /// What heads that are written for it need besides what all do.
    var headNeeds = HeadNeeds()
    /// The server is not told the client's address.
    var hidesSource = false
    /// The server has ended its side of a tunnel.
    var serverHasEnded = false
    /// It is not logged.
    var isQuiet = false

    var route: Unmanaged<CompiledRoute>?
    var backend: Unmanaged<BackendState>?
    var place: Ref<BackendState.Place>?
    var servers: Unmanaged<ServerSet>?
    var server: Unmanaged<ServerState>?
    var serverPlace: Ref<ServerState.Place>?

    /// Its persistence cookie, if the backend has one.
    var cookie = CookieState()
    var hasCookie = false
    /// What rules have made of it, if they have.
    var ruling: Ref<Ruling>?
    /// What stick tables have to do with it, if the backend has rules for them.
    var sticking: Ref<Sticking>?

    /// Attempts that failed.
    var attempts = 0
    /// Attempts made after a failed one.
    var retries = 0
    var status: UInt16 = 0
    var termination = Termination.normal
    /// How much of a body is read at once: doubled while its taker keeps up, reset when it does not.
    var readSize = Sizes.read
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0
    /// How many of these are the answer's head.
    var headOut: UInt64 = 0
    /// As which it came out of the lines it waited in: how many were granted a place before it, and itself.
    var queuePosition = 0

    /// Its own number, once somebody has asked for it.
    var drawnID = RequestID()

    /// Points in time, nanoseconds; 0 is not reached.
    var startedAt: UInt64
    var headAt: UInt64 = 0
    var assignedAt: UInt64 = 0
    var connectedAt: UInt64 = 0
    var answeredAt: UInt64 = 0

    /// Method, target and host for the log, once the client's buffer has been given up.
    var savedLine: Unmanaged<SavedLine>?

    /// Neighbours among the worker's live exchanges, oldest first.
    var epoch: UInt64
    var previous: Ref<Exchange>?
    var next: Ref<Exchange>?
    /// Its place in a line, while it waits for one at a server.
    var waiting: Ref<WaitingRequest>?
    /// What rules remember of the request, the answer and both, if anything.
    var variables: Ref<VariableStore>?

    enum Phase: UInt8 {
        /// The head is arriving.
        case head
        /// It waits for its body.
        case buffering
        /// It waits for the address of a name.
        case resolving
        /// A rule lets it wait before it is refused.
        case tarpitted
        /// It waits for a free place at a server.
        case queued
        /// It waits before the next attempt at the same server.
        case pausing
        case connecting
        /// The request is on its way; nothing of the answer has come.
        case waiting
        /// The answer's head has come; rules wait for more of its body.
        case holding
        /// The answer's body is passing.
        case streaming
        /// The answer is complete; the client has not taken all of it.
        case done
        case tunnel
    }

    enum Errand: UInt8 {
        /// The request itself.
        case none
        /// Somebody is being asked whether it may go on.
        case authorization
        /// Somebody writes the answer to an error.
        case error
        /// It is a copy of another exchange's request, and has no client.
        case copy
    }

    init(client: Ref<ClientConnection>, startedAt: UInt64, epoch: UInt64) {
        self.client = client
        self.startedAt = startedAt
        self.epoch = epoch
    }
}

extension Exchange {
    var isAuthorizing: Bool { errand == .authorization }

    /// The servers of who writes answers to errors, and of who gets copies, are held with the others of their backend.
    var holdsServers: Bool { errand == .error || errand == .copy }

    /// Whether its cookie or a table chose the server.
    var isDirect: Bool { hasCookie && cookie.isDirect || sticking?[].isDirect == true }

    /// How the exchange has ended if its client is gone now.
    var terminationIfClientLeaves: Termination {
        switch phase {
        case .head, .resolving: .clientGoneInRequest
        case .buffering: .clientGoneInData
        case .tarpitted: .tarpitted
        case .queued: .clientGoneInQueue
        case .pausing, .connecting: .clientGoneInConnect
        case .waiting, .holding: isRequestSent ? .clientGoneInHead : .clientGoneInData
        case .streaming, .done, .tunnel: .clientGoneInData
        }
    }

    /// How it has ended if it is ended from outside now. As in HAProxy's logs, TCP sessions have no phase then.
    func termination(for reason: Termination.Reason) -> Termination {
        .ended(for: reason, instead: isSession ? .normal : terminationIfClientLeaves)
    }
}

/// What the log line needs of a head whose bytes are gone.
final class SavedLine {
    let method: [UInt8]
    let target: [UInt8]
    let host: [UInt8]

    init(method: ByteView, target: ByteView, host: ByteView) {
        self.method = method.bytes
        self.target = target.bytes
        self.host = host.bytes
    }
}
