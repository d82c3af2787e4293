import Synchronization
import Wire

/// What is known of the health of a server that is checked; any thread may read it.
final class ServerHealth: Sendable {
    private let current: Mutex<HealthReport>

    init(_ report: HealthReport) { current = Mutex(report) }

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
    /// Checks that failed while the server could still lose by it.
    public var failures: UInt64 = 0
    /// How often it has gone down.
    public var downs: UInt64 = 0
    /// When it last went up or down: nanoseconds of CLOCK_MONOTONIC.
    public var changedAt: UInt64

    init(_ state: HealthState, changedAt: UInt64) {
        isUp = state.isUp
        self.state = state.description
        self.changedAt = changedAt
    }
}
