/// Whether and how a request is tried again: a pure decision.
struct RetryPolicy {
    /// How often a failed attempt is repeated.
    var retries: Int
    /// Whether another server may be tried.
    var redispatches: Bool
    /// The time-out of a connection attempt in milliseconds, 0 for none.
    var connectTimeout: Int

    /// What went wrong.
    enum Failure {
        /// We had no descriptor left, which is no server's fault.
        case noDescriptor
        /// No connection came about: nothing of the request has been seen by anyone.
        case connect
        /// A connection that had been idle ended before the first byte of an answer: the server had most likely
        /// closed it before the request came.
        case staleConnection
        /// A fresh connection was reset before the first byte of an answer: it most likely stood in the backlog of a
        /// listener that has been closed, and nobody ever read from it.
        case reset
        /// A fresh connection was closed in order before the first byte of an answer.
        case noAnswer
    }

    enum Decision: Equatable {
        /// At once, at another server.
        case another
        /// At once, at any server, on a fresh connection.
        case again
        /// At the same server after so many milliseconds.
        case pause(Int)
        case giveUp
    }

    /// `attempts` counts the failed ones, this one included. `isHarmless`: all of the request can be sent again, and
    /// doing it twice has no effect of its own (RFC 9110 9.2.2).
    func decide(_ failure: Failure, attempts: Int, servers: Int, isHarmless: Bool) -> Decision {
        // Accepting pauses meanwhile, so some become free; a second is worth waiting whatever the policy.
        if failure == .noDescriptor { return attempts <= 10 ? .pause(100) : .giveUp }
        guard attempts <= retries, isHarmless || failure == .connect else { return .giveUp }
        switch failure {
        case .staleConnection: return .again
        case .noAnswer, .noDescriptor: return .giveUp
        case .reset: return redispatches && servers > 1 ? .another : .again
        case .connect:
            if redispatches, servers > 1 { return .another }
            return .pause(connectTimeout > 0 ? min(1_000, connectTimeout) : 1_000)
        }
    }
}
