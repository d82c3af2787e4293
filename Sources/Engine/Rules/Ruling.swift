import Basics
import Wire

/// What rules have made of one exchange; most have none.
struct Ruling: ~Copyable {
    /// What a tarpitted client is answered in the end.
    var tarpit: ChosenPage?
    /// The request's head, if rules have changed it: what came, and behind it what they made.
    var head = Buffer()
    /// The same of the answer's.
    var answer = Buffer()
    /// The host that the client named, if rules have named another; in the request's head.
    var givenHost = HeadRange()
    /// What is kept of an answer while its rules want its body.
    var held: Ref<HeldAnswer>?
    /// Fields and body of an answer of ours that was written for this exchange.
    var page = Buffer()
    var body = Buffer()
    /// What who was asked about the request wants its client told: field lines.
    var told = Buffer()
    /// The client's address, if they have set another one meanwhile.
    var source: SocketAddress?
    /// Where it goes, if they say so.
    var destination: SocketAddress?
    /// Under what it counts among the requests of its client's address; nil is not at all.
    var countedAddress: UInt64?
    /// How important its line is, if they say so.
    var logLevel: UInt8?
    /// What the exchange tracks of its own.
    var tracked = TrackedEntries()
    /// A copy of the request for somebody else, as far as it has come; of a copy's own exchange, that copy.
    var copy = Buffer()
    /// What holds its bytes back.
    var throttles: [Throttle] = []
    /// Fires when some may pass again; 0 while nothing was held back.
    var wakeTimer: TimerWheel.ID = 0
    /// Where its rules go on when as much of the body is here as one of them wants: those about messages, or those about content in front of
    /// them. Nil while none waits.
    var pause: (rule: Int, least: Int, isContent: Bool)?
    /// What it has asked name servers is called; 0 is nothing.
    var question: UInt64 = 0
    /// Time-outs of the request, if they say so (ms); 0 is the frontend's and the backend's.
    var timeouts = (client: 0, server: 0, tunnel: 0)
    /// The server is left in the middle of its answer.
    var leavesServer = false
    /// No answer, and no missing one, is a reason to send the request again.
    var repeatsNothing = false
    /// Whose turn it is where it waits, and what its connections to servers are marked with.
    var priority = QueuePriority()
    var marks = PacketMarks()
    /// What was kept for the log.
    var captures = VariableStore()
    /// Attempts that came to nothing, where lines tell of them, and whether the last of them was the last of all.
    var attempts: [FailedAttempt] = []
    var isGivenUp = false
    /// Which trace it belongs to.
    var trace = RunningTrace()
}

/// What a rule answers, found out.
struct ChosenPage {
    /// The rule's own; nil is that of the status.
    var own: Ref<ErrorPages.Page>?
    /// One that is written by formats.
    var composed: Ref<CompiledPage>?
    let status: UInt16
}
