import Synchronization

/// What is found out about a frontend, backend or server by looking at its counters every second.
final class TrafficMeter: Sendable {
    private let readings = Mutex(Readings())

    struct Readings {
        /// Connections of frontends, requests and sessions of the others.
        var sessions = RateMeter()
        /// Requests of frontends.
        var requests = RateMeter()
        var times = TimeWindow()

        mutating func forgetMost() {
            sessions.forgetMost()
            requests.forgetMost()
        }
    }

    /// Looks, and says what there is to see.
    @discardableResult
    func look(sessions: UInt64, requests: UInt64 = 0, times: TimeSums = TimeSums(), now: UInt64) -> Readings {
        readings.withLock { readings in
            readings.sessions.look(at: sessions, now: now)
            readings.requests.look(at: requests, now: now)
            readings.times.look(at: times)
            return readings
        }
    }

    /// Forgets the most there was.
    func forgetMost() { readings.withLock { $0.forgetMost() } }
}
