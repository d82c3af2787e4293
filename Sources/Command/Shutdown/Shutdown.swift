/// How a process that carries traffic ends: pure, time is a value passed in.
///
/// ```
///   running ──signal──► leaving ──drain-delay──► draining ──idle or drain-timeout──► finishing ──done, or 12 s──► stopped
///                          └────────── second signal ──────────┴──────────────────────────┴─────────────────────► stopped
/// ```
struct Shutdown {
    /// From the signal until draining begins, in milliseconds.
    let delay: Int
    /// How long draining may take, in milliseconds.
    let timeout: Int
    private var state = State.running

    /// How long what else it has begun may take when no request is left, in milliseconds.
    private static let patience: Int64 = 12_000

    private enum State: Equatable {
        case running
        case leaving(until: Int64)
        case draining(until: Int64)
        case finishing(until: Int64, isClean: Bool)
        case stopped
    }

    /// What is to be done now.
    enum Action: Equatable {
        case none
        /// Say "not ready", keep accepting.
        case becomeUnready
        /// Close idle connections, let requests in flight finish.
        case drain
        /// End. `isClean` is false if requests were cut.
        case stop(isClean: Bool)
    }

    init(delay: Int, timeout: Int) {
        self.delay = delay
        self.timeout = timeout
    }

    /// Whether a signal has arrived.
    var isUnderway: Bool { state != .running }

    /// SIGTERM or SIGINT has arrived; `now` is in milliseconds.
    mutating func receiveSignal(now: Int64) -> Action {
        guard state == .running else {
            return end()
        }
        state = .leaving(until: now + Int64(delay))
        return .becomeUnready
    }

    /// It is to end at once.
    mutating func end() -> Action {
        state = .stopped
        return .stop(isClean: false)
    }

    /// Time has passed. `isIdle` says whether no request is in flight any more, `isDone` whether all else is over that leaving
    /// has begun.
    mutating func tick(now: Int64, isIdle: Bool, isDone: Bool) -> Action {
        switch state {
        case .leaving(let end) where now >= end:
            state = .draining(until: now + Int64(timeout))
            return .drain
        case .draining(let end) where isIdle || now >= end:
            state = .finishing(until: now + Self.patience, isClean: isIdle)
            return tick(now: now, isIdle: isIdle, isDone: isDone)
        case .finishing(let end, let isClean) where isDone || now >= end:
            state = .stopped
            return .stop(isClean: isClean)
        case .running, .leaving, .draining, .finishing, .stopped:
            return .none
        }
    }
}
