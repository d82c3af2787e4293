/// How often something happens in a second, found by looking at a total now and then; pure.
///
/// ```
///            previous            so far
///   ├──────────────────────┼───────────┤ now
///   rate = so far + the part of the second before that is less than a second ago
/// ```
/// Looked at every second it is exact to the second, as HAProxy's rates are; workers count nothing for it.
struct RateMeter {
    /// The most there was in one second.
    private(set) var most: UInt64 = 0
    /// When the total changed last; nil if it never has.
    private(set) var changedAt: UInt64?
    private var total: UInt64 = 0
    private var totalBefore: UInt64 = 0
    private var startedAt: UInt64 = 0
    private var previous: UInt64 = 0

    private static let second: UInt64 = 1_000_000_000

    /// Looks at the total; times are nanoseconds. A total that is lower than before begins anew.
    mutating func look(at total: UInt64, now: UInt64) {
        if total < self.total { self = RateMeter() }
        if startedAt == 0 { startedAt = now }
        if total != self.total { changedAt = now }
        self.total = total
        let count = total - totalBefore
        let elapsed = now > startedAt ? now - startedAt : 0
        guard elapsed >= RateMeter.second else {
            most = max(most, count)
            return
        }
        // Whoever looks is a little late each time; much later and the count is spread evenly.
        let isSecond = elapsed < RateMeter.second + RateMeter.second / 2
        previous = isSecond ? count : UInt64(Double(count) / Double(elapsed) * 1e9)
        most = max(most, previous)
        (totalBefore, startedAt) = (total, now)
    }

    /// The rate at a moment; `look` comes first.
    func rate(now: UInt64) -> UInt64 {
        let elapsed = now > startedAt ? now - startedAt : 0
        let count = total - totalBefore
        guard elapsed < RateMeter.second else { return count }
        // One in a second does not flap between 0 and 1.
        if previous <= 1, count == 0 { return previous }
        return count + UInt64(Double(previous) * Double(RateMeter.second - elapsed) / 1e9)
    }

    /// Forgets the most there was.
    mutating func forgetMost() { most = 0 }
}
