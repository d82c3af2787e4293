import Testing

@testable import Kubernetes

/// A reflector's state with a clock that only moves when told to.
struct ReflectorRun {
    var state = ReflectorState()
    var now: UInt64 = 1_000 * ReflectorRun.second
    var dice = 0.0

    static let second: UInt64 = 1_000_000_000

    @discardableResult
    mutating func take(_ event: ReflectorState.Event, after seconds: Double = 0) -> [ReflectorState.Action] {
        now += UInt64(seconds * 1e9)
        return state.handle(event, at: now, dice: dice)
    }

    /// Moves the clock to the deadline and ticks; how many seconds that took, and what it led to.
    mutating func takeDeadline() -> (seconds: Double, actions: [ReflectorState.Action]) {
        guard state.deadline != .max else { return (.infinity, []) }
        let waited = state.deadline - min(now, state.deadline)
        now = max(now, state.deadline)
        return (Double(waited) / 1e9, take(.tick))
    }

    /// Streams the initial events up to their end: a live watch at version 100.
    static func live(after seconds: Double = 5) -> ReflectorRun {
        var run = ReflectorRun()
        run.take(.start)
        run.take(.accepted)
        run.take(.object(version: "90"))
        run.take(.bookmark(version: "100", endsInitialEvents: true))
        run.now += UInt64(seconds * 1e9)
        return run
    }

    /// Asked for the first plain list, because the server has no streamed ones.
    static func listing() -> ReflectorRun {
        var run = ReflectorRun()
        run.take(.start)
        run.take(.accepted)
        run.take(.errorEvent(.internalError))
        return run
    }
}

extension APIStatus {
    static func code(_ code: Int, retryAfter: Int? = nil) -> APIStatus {
        var status = APIStatus(decoding: [], httpStatus: code)
        status.retryAfterSeconds = retryAfter
        return status
    }

    static let internalError = code(500)
    static let expired = code(410)

    static let versionTooLarge: APIStatus = {
        var status = code(504)
        status.causes = ["ResourceVersionTooLarge"]
        return status
    }()
}

extension [ReflectorState.Action] {
    /// The request that is opened, if there is exactly one.
    var opened: ListWatchRequest? {
        let requests = compactMap { action -> ListWatchRequest? in
            if case .open(let request) = action { return request }
            return nil
        }
        return requests.count == 1 ? requests.first : nil
    }

    var reported: InformerCondition? {
        for case .report(let condition) in self { return condition }
        return nil
    }

    var counted: WatchRestart? {
        for case .count(let restart) in self { return restart }
        return nil
    }
}
