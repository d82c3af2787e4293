import Glibc

/// Whether an engine that has ended is started again, and when: pure, times are milliseconds of a clock that only goes forward.
///
/// ```
///   told to stop            ──► the supervisor ends too, as it did
///   ended in order          ──► somebody else told it to: the same
///   refused to start        ──► its reason is said, its code passed on
///   died                    ──► started again: three times at once, then after 100 ms, 200 ms … 5 s until one serves for a minute
///   died five times, and none ever served ──► given up
/// ```
struct RestartPolicy {
    /// How a process has ended.
    enum End: Equatable {
        case exited(Int32)
        case killed(Int32)

        /// What the system says of it.
        init(status: Int32) {
            let signal = status & 0x7F
            self = signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal)
        }
    }

    /// What is to be done.
    enum Step: Equatable {
        /// Start an engine after a pause (ms); `restoring`: it is given the state of the one before.
        case start(after: Int, restoring: Bool)
        /// End with a code.
        case end(Int32)
        case giveUp
    }

    /// How often an engine was started again.
    private(set) var restarts = 0
    private var isStopping = false
    /// Any engine so far.
    private var hasServed = false
    /// The engine that runs; nil: it does not yet.
    private var servesSince: Int64?
    /// Deaths in a row, none after a minute of serving.
    private var deaths = 0
    /// Deaths in a row before the engine served.
    private var stillbirths = 0

    /// Deaths before anything was served, after which it is given up.
    static let mostDeaths = 5
    /// Deaths before serving after which the state of the one before is left out: it may be what kills.
    private static let mostRestores = 3
    /// Deaths that are answered without a pause.
    private static let mostAtOnce = 3
    /// From then on a death is a new one (ms).
    private static let steady: Int64 = 60_000
    private static let longestPause = 5_000

    /// The engine serves.
    mutating func serves(now: Int64) {
        hasServed = true
        servesSince = now
    }

    /// It was told to stop.
    mutating func stop() { isStopping = true }

    /// The engine has ended.
    mutating func ended(_ end: End, now: Int64) -> Step {
        if isStopping { return .end(RestartPolicy.code(ofStopped: end)) }
        if case .exited(let code) = end, code == 0 || !hasServed { return .end(code) }
        count(now)
        guard hasServed || deaths < Self.mostDeaths else { return .giveUp }
        restarts += 1
        let pauses = deaths - Self.mostAtOnce
        let pause = pauses <= 0 ? 0 : min(Self.longestPause, 100 << min(pauses - 1, 10))
        return .start(after: pause, restoring: stillbirths < Self.mostRestores)
    }

    private mutating func count(_ now: Int64) {
        if let since = servesSince {
            stillbirths = 0
            if now - since >= Self.steady { deaths = 0 }
        } else {
            stillbirths += 1
        }
        servesSince = nil
        deaths += 1
    }

    /// What we sent may have come before it could listen to it.
    private static func code(ofStopped end: End) -> Int32 {
        switch end {
        case .exited(let code): code
        case .killed(SIGTERM), .killed(SIGINT): Program.Exit.stopped
        case .killed: Program.Exit.refused
        }
    }
}

extension RestartPolicy.End: CustomStringConvertible {
    var description: String {
        switch self {
        case .exited(let code): "has ended with code \(code)"
        case .killed(let signal): "was killed by signal \(signal) (\(String(cString: strsignal(signal))))"
        }
    }
}
