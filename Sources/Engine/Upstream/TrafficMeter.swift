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
        /// The most that was under way whenever it was looked at.
        var mostActive: UInt64 = 0

        mutating func forgetMost() {
            mostActive = 0
            sessions.forgetMost()
            requests.forgetMost()
        }
    }

    /// Looks, and says what there is to see.
    @discardableResult
    func look(
        sessions: UInt64, active: UInt64, requests: UInt64 = 0, times: TimeSums = TimeSums(), now: UInt64
    ) -> Readings {
        readings.withLock { readings in
            readings.mostActive = max(readings.mostActive, active)
            readings.sessions.look(at: sessions, now: now)
            readings.requests.look(at: requests, now: now)
            readings.times.look(at: times)
            return readings
        }
    }

    /// How many sessions, or requests of a frontend, there are in a second; looks at their total first.
    func rate(sessions: UInt64, now: UInt64) -> UInt64 {
        readings.withLock { readings in
            readings.sessions.look(at: sessions, now: now)
            return readings.sessions.rate(now: now)
        }
    }

    func rate(requests: UInt64, now: UInt64) -> UInt64 {
        readings.withLock { readings in
            readings.requests.look(at: requests, now: now)
            return readings.requests.rate(now: now)
        }
    }

    /// Forgets the most there was.
    func forgetMost() { readings.withLock { $0.forgetMost() } }
}
