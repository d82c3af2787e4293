/// How fast one writer may write: a bucket of tokens, a few requests at a time, and the pauses that the server asks for.
///
/// Times are nanoseconds of CLOCK_MONOTONIC; `dice` is uniform in 0..<1.
struct WritePace: Sendable, Equatable {
    enum Decision: Sendable, Equatable {
        case go
        /// Not before this time.
        case wait(until: UInt64)
        /// Not before a request has ended.
        case full
    }

    private let rate: WriteRate
    private var tokens: Double
    private var filledAt: UInt64?
    private var inFlight = 0
    private var heldUntil: UInt64 = 0
    private var backoff = Backoff()

    private static let second: UInt64 = 1_000_000_000
    /// What is not permitted is asked for again after this: the permission may come.
    private static let forbiddenPause = 60 * second
    private static let longestPause: UInt64 = 600

    init(_ rate: WriteRate) {
        self.rate = rate
        tokens = Double(rate.burst)
    }

    /// Whether a write may begin now.
    mutating func decide(at now: UInt64) -> Decision {
        fill(now)
        guard inFlight < rate.inFlight else { return .full }
        guard now >= heldUntil else { return .wait(until: heldUntil) }
        guard tokens >= 1 else {
            let missing = (1 - tokens) / rate.perSecond * Double(Self.second)
            return .wait(until: now &+ UInt64(missing) &+ 1)
        }
        return .go
    }

    /// A write has begun.
    mutating func began() {
        tokens -= 1
        inFlight += 1
    }

    /// A write has ended.
    mutating func ended(_ outcome: WriteOutcome, at now: UInt64, dice: Double) {
        inFlight = max(0, inFlight - 1)
        switch outcome {
        case .later(_, let retryAfter):
            let asked = min(retryAfter ?? 0, Self.longestPause) * Self.second
            hold(now &+ max(backoff.next(at: now, dice: dice), asked))
        case .forbidden: hold(now &+ Self.forbiddenPause)
        case .done, .conflict, .missing, .rejected: break
        }
    }

    private mutating func hold(_ time: UInt64) { heldUntil = max(heldUntil, time) }

    private mutating func fill(_ now: UInt64) {
        defer { filledAt = max(now, filledAt ?? 0) }
        guard let filledAt, now > filledAt else { return }
        let gained = Double(now - filledAt) / Double(Self.second) * rate.perSecond
        tokens = min(Double(rate.burst), tokens + gained)
    }
}

/// The limits of one writer.
public struct WriteRate: Sendable, Equatable {
    /// In the long run.
    public var perSecond: Double
    /// At once after a quiet time.
    public var burst: Int
    /// Requests under way at one time.
    public var inFlight: Int

    /// Limits from their parts.
    public init(perSecond: Double, burst: Int, inFlight: Int) {
        self.perSecond = perSecond
        self.burst = burst
        self.inFlight = inFlight
    }
}
