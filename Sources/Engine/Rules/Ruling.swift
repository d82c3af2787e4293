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
    /// Fields and body of an answer of ours that was written for this exchange.
    var page = Buffer()
    var body = Buffer()
    /// What who was asked about the request wants its client told: field lines.
    var told = Buffer()
    /// The client's address, if they have set another one meanwhile.
    var source: SocketAddress?
    /// Under what it counts among the requests of its client's address; nil is not at all.
    var countedAddress: UInt64?
    /// How important its line is, if they say so.
    var logLevel: UInt8?
    /// What they remember of the request, the answer and both.
    var variables = VariableStore()
    /// What the exchange tracks of its own.
    var tracked = TrackedEntries()
    /// A copy of the request for somebody else, as far as it has come; of a copy's own exchange, that copy.
    var copy = Buffer()
    /// What holds its bytes back.
    var throttles: [Throttle] = []
    /// Fires when some may pass again; 0 while nothing was held back.
    var wakeTimer: TimerWheel.ID = 0
    /// What was kept for the log.
    var captures = VariableStore()
}

/// What a rule answers, found out.
struct ChosenPage {
    /// The rule's own; nil is that of the status.
    var own: Ref<ErrorPages.Page>?
    /// One that is written by formats.
    var composed: Ref<CompiledPage>?
    let status: UInt16
}
