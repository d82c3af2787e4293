/// How much there was in the last second: what this one has brought, and of the one before the share that a window of a second
/// still covers. HAProxy counts rates in the same way.
struct SlidingRate {
    /// The second that `current` is of.
    private var second: UInt64 = 0
    private var current: Int64 = 0
    private var previous: Int64 = 0

    private static let length: UInt64 = 1_000_000_000

    /// Adds an amount at a time (ns).
    mutating func add(_ amount: Int64, at now: UInt64) {
        turn(to: now)
        let (sum, isHuge) = current.addingReportingOverflow(max(0, amount))
        current = isHuge ? .max : sum
    }

    /// How much there was in the second before `now` (ns).
    mutating func perSecond(at now: UInt64) -> Int64 {
        turn(to: now)
        // Another worker's clock may be a round ahead: the second has only begun then.
        let passed = now / SlidingRate.length < second ? 0 : now % SlidingRate.length
        let covered = (SlidingRate.length - passed) / 1_000_000
        let (part, isHuge) = previous.multipliedReportingOverflow(by: Int64(covered))
        let (sum, isTooMuch) = current.addingReportingOverflow(isHuge ? previous : part / 1_000)
        return isTooMuch ? .max : sum
    }

    /// Time does not go back: clocks of two workers may differ by a round of their loops.
    private mutating func turn(to now: UInt64) {
        let second = now / SlidingRate.length
        guard second > self.second else { return }
        previous = second == self.second + 1 ? current : 0
        current = 0
        self.second = second
    }
}
