/// How often something may happen: `burst` times at once, and `perSecond` times a second in the long run.
public struct PaceLimit: Sendable, Equatable {
    /// How often at once.
    public var burst: UInt32
    /// How often a second.
    public var perSecond: UInt32

    /// A limit; with 0 a second a burst is given back within an hour.
    public init(burst: UInt32, perSecond: UInt32) {
        self.burst = burst
        self.perSecond = perSecond
    }

    /// Nanoseconds that one happening costs.
    fileprivate var price: UInt64 { perSecond == 0 ? 3_600_000_000_000 : 1_000_000_000 / UInt64(perSecond) }
}

/// Keeps something to a limit: one word that says until when the past is paid for.
///
/// ```
///   past ──────────┬─ now ────────────┬──────── due ──► each happening moves `due` by its price;
///                                     └─ burst × price: behind this it is too often
/// ```
struct Pace {
    private var due: UInt64 = 0

    /// Counts one happening; false if it is one too many.
    mutating func take(_ limit: PaceLimit, now: UInt64) -> Bool {
        due = max(due, now) &+ limit.price
        return due &- now <= UInt64(limit.burst) &* limit.price
    }

    /// Forgives `count` happenings: work was done that explains them.
    mutating func forgive(_ limit: PaceLimit, _ count: UInt64 = 1) {
        let amount = limit.price &* count
        due = due > amount ? due &- amount : 0
    }
}
