import Basics
import Synchronization

/// When what was granted of limits is paid for, by key: whoever asks gets the next piece of time, in the order of asking, whichever worker
/// it is of. Nobody is served twice while others wait.
///
/// ```
///   granted   A        B        C        A
///   time      ├───────►├───────►├───────►├───────►
///             A passes B passes …                 due
/// ```
final class SharedPaces: Sendable {
    private let state = Mutex(State())

    private struct State {
        var paces: [UInt64: Pace] = [:]
        /// With so many, those that nobody needs are thrown away.
        var sweepAt = 1_024
    }

    private struct Pace {
        var due: UInt64 = 0
        var users = 0
    }

    /// How many keys there are.
    var count: Int { state.withLock { $0.paces.count } }

    /// Somebody shares a key from now on.
    func join(_ key: UInt64, now: UInt64) {
        state.withLock { state in
            if state.paces.count >= state.sweepAt {
                state.paces = state.paces.filter { $0.value.users > 0 || $0.value.due > now }
                state.sweepAt = max(1_024, 2 * state.paces.count)
            }
            state.paces[key, default: Pace()].users += 1
        }
    }

    /// Grants so much time, and says when it begins. Of what nobody wanted a period is left at most.
    func grant(_ time: UInt64, of key: UInt64, period: UInt64, now: UInt64) -> UInt64 {
        state.withLock { state in
            let earliest = now > period ? now &- period : 0
            let start = max(state.paces[key]?.due ?? 0, earliest)
            let (due, isEndless) = start.addingReportingOverflow(time)
            state.paces[key]?.due = isEndless ? .max : due
            return start
        }
    }

    /// Somebody shares a key no more, and gives back what was granted and not used.
    func leave(_ key: UInt64, unused time: UInt64, now: UInt64) {
        state.withLock { state in
            guard var pace = state.paces[key] else { return }
            pace.users -= 1
            pace.due = pace.due > time ? pace.due &- time : 0
            state.paces[key] = pace.users == 0 && pace.due <= now ? nil : pace
        }
    }
}
