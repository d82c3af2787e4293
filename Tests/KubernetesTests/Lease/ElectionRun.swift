@testable import Kubernetes

/// One candidate with a clock that only moves when told to.
struct ElectionRun {
    var election = LeaseElection(identity: "me")
    var now: UInt64 = 1_000 * ElectionRun.second
    var dice = 0.0

    static let second: UInt64 = 1_000_000_000

    @discardableResult
    mutating func take(_ event: LeaseElection.Event, after seconds: Double = 0) -> [LeaseElection.Action] {
        now += UInt64(seconds * 1e9)
        return election.handle(event, at: now, dice: dice)
    }

    @discardableResult
    mutating func answer(_ answer: LeaseElection.Answer, after seconds: Double = 0)
        -> [LeaseElection.Action]
    {
        take(.answered(answer), after: seconds)
    }

    /// Moves the clock to the deadline and ticks; how many seconds that took, and what it led to.
    @discardableResult
    mutating func takeDeadline() -> (seconds: Double, actions: [LeaseElection.Action]) {
        guard election.deadline != .max else { return (.infinity, []) }
        let waited = election.deadline - min(now, election.deadline)
        now = max(now, election.deadline)
        return (Double(waited) / 1e9, take(.tick))
    }

    /// Has made the Lease and leads since this moment.
    static func leading() -> ElectionRun {
        var run = ElectionRun()
        run.take(.start)
        run.answer(.missing)
        run.answer(.lease(.held(by: "me", renewed: "0", version: "1")))
        return run
    }

    /// Has seen this moment that another one holds the Lease.
    static func following(_ lease: Lease = .held(by: "other", renewed: "0", version: "1")) -> ElectionRun {
        var run = ElectionRun()
        run.take(.start)
        run.answer(.lease(lease))
        return run
    }
}

extension Lease {
    static func held(
        by holder: String, renewed: String, version: String, seconds: Int = 15, transitions: Int = 0
    ) -> Lease {
        var lease = Lease()
        lease.meta.name = "sluice-leader"
        lease.meta.resourceVersion = version
        lease.holder = holder
        lease.durationSeconds = seconds
        lease.renewTime = renewed
        lease.transitions = transitions
        return lease
    }
}

extension [LeaseElection.Action] {
    /// The only write among the actions.
    var write: LeaseWrite? {
        let writes = compactMap { action -> LeaseWrite? in
            if case .write(let write) = action { return write }
            return nil
        }
        return writes.count == 1 ? writes.first : nil
    }
}
