import Model

/// One bucket of a rate limit: nginx's arithmetic, in thousandths of a request and whole milliseconds.
struct LeakyBucket: Equatable {
    /// What has not leaked yet.
    private(set) var excess: Int64 = 0
    /// When it was last added to, in milliseconds; 0 for an empty one that nobody uses.
    private(set) var last: UInt64 = 0

    /// A limit's settings in these units.
    struct Rate: Equatable {
        /// Thousandths of a request that leak in a second.
        let leak: Int64
        let burst: Int64

        /// Senseless numbers are taken for the nearest that make sense: at least one request in a day.
        init(_ limit: RateLimit) {
            let most = Int(Int32.max)
            let (requests, period) = (max(0, min(most, limit.requests)), max(1, min(most, limit.period)))
            leak = max(1, Int64(requests) * 1_000_000 / Int64(period))
            burst = Int64(max(0, min(most, limit.burst))) * 1_000
        }
    }

    /// Adds a request; false, and nothing added, if it would run over.
    mutating func take(now: UInt64, _ rate: Rate) -> Bool {
        guard last > 0 else {
            last = max(1, now)
            return true
        }
        let filled = max(0, excess - leaked(until: now, rate) + 1_000)
        guard filled <= rate.burst else { return false }
        excess = filled
        last = max(last, now)
        return true
    }

    /// Whether it is as if it had never been used.
    func isEmpty(now: UInt64, _ rate: Rate) -> Bool {
        last == 0 || leaked(until: now, rate) >= excess + 1_000
    }

    /// Clocks of two workers may differ by a round of their loops: time does not go back.
    private func leaked(until now: UInt64, _ rate: Rate) -> Int64 {
        guard now > last else { return 0 }
        let (product, isHuge) = rate.leak.multipliedReportingOverflow(by: Int64(clamping: now - last))
        return isHuge ? .max / 2 : product / 1_000
    }
}
