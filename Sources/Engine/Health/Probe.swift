import Basics
import Model
import Wire

/// One server's check: between two of them a timer, during one a connection.
struct Probe: ~Copyable {
    let watch: Watch
    var timer: TimerWheel.ID = 0
    var phase = Phase.waiting
    var transport = Transport(descriptor: -1)
    var dialogue: (any CheckDialogue)?
    var input = Buffer()
    var output: [UInt8] = []
    /// When the check began, nanoseconds.
    var startedAt: UInt64 = 0

    init(watch: Watch) { self.watch = watch }

    enum Phase: UInt8 {
        /// For the next check.
        case waiting
        case connecting
        case talking
        /// The server is checked no more.
        case over
    }
}

/// What the checker keeps of a server.
final class Watch {
    let server: WatchedServer
    let schedule: CheckSchedule
    var state: HealthState
    /// What was last told.
    var told: ServerCondition
    /// The last good check was conditional.
    var isDraining = false
    var probe: Ref<Probe>?

    init(_ server: WatchedServer) {
        self.server = server
        schedule = server.plan.schedule
        state = HealthState(
            rise: server.plan.check.rise, fall: server.plan.check.fall, isUp: server.isUp)
        told = ServerCondition(isUp: server.isUp)
    }

    /// What follows from all that is known.
    var condition: ServerCondition {
        ServerCondition(isUp: state.isUp, isDraining: state.isUp && isDraining)
    }

    /// Takes a check's result in; true if it was worth telling.
    func note(_ result: CheckResult) -> Bool {
        switch result.status.outcome {
        case .passed:
            isDraining = false
            return state.succeed()
        case .passedConditionally:
            isDraining = true
            return state.succeed()
        case .failed: return state.fail()
        case .neutral: return false
        }
    }
}
