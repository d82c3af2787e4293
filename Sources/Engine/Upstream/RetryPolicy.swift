import Model

/// Whether and how a request is tried again: a pure decision, HAProxy's but where differences.md says so.
struct RetryPolicy {
    /// How often a failed attempt is repeated.
    var retries: Int
    /// What may be repeated at all.
    var conditions: RetryConditions
    /// Whether requests that may have an effect are repeated only if nobody has seen them.
    var isCareful = false
    /// Every how many attempts another server may be tried; counted back from the last one if negative, never if 0.
    var redispatchInterval: Int
    /// Servers are chosen in turn, so that a request without a cookie is none's in particular.
    var isInTurn: Bool
    /// The time-out of a connection attempt in milliseconds, 0 for none.
    var connectTimeout: Int
    /// How long after its head came a request may be tried again, in milliseconds; 0 is as long as it takes.
    var timeLimit = 0

    /// What went wrong.
    enum Failure: Equatable {
        /// Whether a server had the request and did not answer it well.
        var isOfAnswer: Bool { self != .noDescriptor && self != .connect }

        /// We had no descriptor left, or there are as many connections over TLS as may be, which is no server's fault.
        case noDescriptor
        /// No connection came about: nothing of the request has been seen by anyone.
        case connect
        /// A connection that had been idle ended before the first byte of an answer: the server had most likely
        /// closed it before the request came.
        case staleConnection
        /// A fresh connection was reset before the first byte of an answer: it most likely stood in the backlog of a
        /// listener that has been closed, and nobody ever read from it.
        case reset
        /// A fresh connection was closed in order before an answer.
        case noAnswer
        /// A server of HTTP/2 said that it has not begun with it (RFC 9113 8.7).
        case refused
        /// The answer was not understood.
        case junk
        /// No answer came in time.
        case silence
        /// The answer had a status that may be repeated.
        case status(UInt16)

        /// Whether a server may have acted upon the request.
        var mayHaveHadEffect: Bool {
            switch self {
            case .noDescriptor, .connect, .refused: false
            case .staleConnection, .reset, .noAnswer, .junk, .silence, .status: true
            }
        }

        /// Whether it counts against the server; a status is counted, or not, when it comes.
        var isServersFault: Bool {
            switch self {
            case .connect, .reset, .noAnswer, .junk, .silence: true
            case .noDescriptor, .staleConnection, .refused, .status: false
            }
        }
    }

    /// What the decision depends on beside the failure.
    struct Circumstances {
        /// Failed attempts, this one included.
        var attempts: Int
        /// Servers that take requests, the one that failed among them.
        var servers: Int
        /// All of the request can be sent again.
        var isWhole: Bool
        /// And doing it twice has no effect of its own (RFC 9110 9.2.2).
        var isHarmless: Bool
        /// A cookie named the server.
        var isDirect = false
        /// The server is known to be down by now, or is none of the backend's any more.
        var isDown = false
        /// Milliseconds since its head came.
        var elapsed = 0
    }

    enum Decision: Equatable {
        /// At once, at another server.
        case another
        /// At once, at any server, on a fresh connection.
        case again
        /// At the same server after so many milliseconds.
        case same(after: Int)
        case giveUp
    }

    /// Whether it depends on an answer's status.
    var looksAtAnswers: Bool { conditions.rawValue >= 256 }

    /// What to do about a failure.
    func decide(_ failure: Failure, _ now: Circumstances) -> Decision {
        // Accepting pauses meanwhile, so some become free; a second is worth waiting whatever the policy.
        if failure == .noDescriptor { return now.attempts <= 10 ? .same(after: 100) : .giveUp }
        guard now.attempts <= retries, mayRepeat(failure, now), timeLimit == 0 || now.elapsed < timeLimit
        else { return .giveUp }
        if failure == .staleConnection || failure == .refused { return .again }
        if now.servers > 1, goesElsewhere(now) { return .another }
        guard failure == .connect else { return .same(after: 0) }
        return .same(after: connectTimeout > 0 ? min(1_000, connectTimeout) : 1_000)
    }

    private func mayRepeat(_ failure: Failure, _ now: Circumstances) -> Bool {
        if isCareful, failure.mayHaveHadEffect, !now.isHarmless { return false }
        return switch failure {
        case .noDescriptor: true
        case .connect: conditions.contains(.connectionFailure)
        case .refused: conditions.contains(.connectionFailure) && now.isWhole
        case .staleConnection, .reset:
            // Most likely nobody has read the request: as good as no connection, if it does no harm.
            conditions.contains(.connectionFailure) && now.isHarmless
                || conditions.contains(.emptyResponse) && now.isWhole
        case .noAnswer: conditions.contains(.emptyResponse) && now.isWhole
        case .junk: conditions.contains(.junkResponse) && now.isWhole
        case .silence: conditions.contains(.responseTimeout) && now.isWhole
        case .status(let status): mayRepeat(status: status) && now.isWhole
        }
    }

    private func mayRepeat(status: UInt16) -> Bool {
        RetryConditions.status(status).map { conditions.contains($0) } ?? false
    }

    private func goesElsewhere(_ now: Circumstances) -> Bool {
        guard redispatchInterval != 0 else { return false }
        if now.isDown || isInTurn && !now.isDirect { return true }
        let interval = redispatchInterval > 0 ? redispatchInterval : retries + 1 + redispatchInterval
        return interval > 0 && now.attempts % interval == 0
    }
}

extension RetryPolicy {
    /// A backend's policy.
    init(_ backend: Backend) {
        self.init(
            retries: max(0, min(1_000_000, backend.retries)), conditions: backend.retryOn,
            isCareful: backend.repeatsHarmlessOnly,
            redispatchInterval: backend.redispatch ? max(-1_000_000, backend.redispatchInterval) : 0,
            isInTurn: Algorithm(backend.balance).isInTurn, connectTimeout: backend.timeouts.connect,
            timeLimit: max(0, backend.retryTimeLimit))
    }
}
