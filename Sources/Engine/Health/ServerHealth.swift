import Synchronization
import Wire

/// What is known of the health of a server that is checked; any thread may read it.
final class ServerHealth: Sendable {
    private let current: Mutex<HealthReport>
    private let traffic = Mutex(ObservedTraffic())
    private let checker: Mailbox<CheckOrder>

    /// What is counted of a server's traffic.
    private struct ObservedTraffic {
        var judge: TrafficJudge?
        var failures = 0
    }

    init(_ report: HealthReport, checker: Mailbox<CheckOrder>) {
        current = Mutex(report)
        self.checker = checker
    }

    /// Which traffic counts from now on.
    func observe(_ judge: TrafficJudge?) {
        traffic.withLock { traffic in
            guard traffic.judge != judge else { return }
            traffic = ObservedTraffic(judge: judge)
        }
    }

    /// Something has happened to a request; workers of servers that are observed say so. The checker hears of it only when the
    /// limit is reached.
    func note(_ event: TrafficEvent, of server: ServerState) {
        let limit = traffic.withLock { traffic -> Int? in
            guard let judge = traffic.judge else { return nil }
            let (failures, isReached) = judge.judge(event, count: traffic.failures)
            traffic.failures = failures
            return isReached ? judge.limit : nil
        }
        guard let limit else { return }
        checker.post(.observed(server, failures: limit, last: event))
    }

    /// A good check makes up for failures of traffic.
    func forgetFailures() { traffic.withLock { $0.failures = 0 } }

    var report: HealthReport { current.withLock { $0 } }

    func update(_ change: (inout HealthReport) -> Void) { current.withLock { change(&$0) } }
}

/// A checked server's health at one moment.
public struct HealthReport: Sendable, Equatable {
    /// Whether it takes requests, as far as checks say.
    public var isUp: Bool
    /// As HAProxy's statistics show it: `UP`, `UP 1/3`, `DOWN`, `DOWN 1/2`, …
    public var state: String
    /// The last check's outcome.
    public var status = CheckStatus.initializing
    /// The status of the check's protocol, 0 for none.
    public var code = 0
    /// What more there is to say of the last check.
    public var info = ""
    /// How long it took, in milliseconds.
    public var milliseconds = 0
    /// HAProxy's counter of its health: up from `rise` on.
    public var level: Int
    /// What its agent said last.
    public var agent = ""
    /// How asking it ended.
    public var agentStatus = CheckStatus.initializing
    /// How long that took, in milliseconds.
    public var agentMilliseconds = 0
    /// Whether its agent lets it be up.
    public var isAgentUp = true
    /// Checks that failed while the server could still lose by it.
    public var failures: UInt64 = 0
    /// How often it has gone down.
    public var downs: UInt64 = 0
    /// When it last went up or down: nanoseconds of CLOCK_MONOTONIC.
    public var changedAt: UInt64

    init(_ state: HealthState, changedAt: UInt64) {
        isUp = state.isUp
        self.state = state.description
        level = state.health
        self.changedAt = changedAt
    }

    mutating func take(_ result: CheckResult) {
        status = result.status
        code = result.code
        info = result.info
    }
}
