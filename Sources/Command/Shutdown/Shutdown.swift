/// How a process that carries traffic ends: pure, time is a value passed in.
///
/// ```
///   running ──signal──► leaving ──drain-delay──► draining ──idle or drain-timeout──► stopped
///                          └────────── second signal ──────────┴──────────────────────► stopped
/// ```
struct Shutdown {
    /// From the signal until draining begins, in milliseconds.
    let delay: Int
    /// How long draining may take, in milliseconds.
    let timeout: Int
    private var state = State.running

    private enum State: Equatable {
        case running
        case leaving(until: Int64)
        case draining(until: Int64)
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

    /// Time has passed. `isIdle` says whether any request is still in flight.
    mutating func tick(now: Int64, isIdle: Bool) -> Action {
        switch state {
        case .leaving(let end) where now >= end:
            state = .draining(until: now + Int64(timeout))
            return .drain
        case .draining(let end) where isIdle || now >= end:
            state = .stopped
            return .stop(isClean: isIdle)
        case .running, .leaving, .draining, .stopped:
            return .none
        }
    }
}
