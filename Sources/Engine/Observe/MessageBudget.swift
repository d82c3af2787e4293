/// How many messages of a kind are logged: ten in each second. The others are only counted.
struct MessageBudget {
    private var second: UInt64 = 0
    private var left = MessageBudget.most
    /// Those that were not logged since the last one that was.
    private(set) var skipped = 0

    private static let most = 10

    /// Whether there is room for one more at this moment (ns). `skipped` counts from the last time there was.
    mutating func takes(at now: UInt64) -> Bool {
        if now / 1_000_000_000 != second { (second, left) = (now / 1_000_000_000, MessageBudget.most) }
        guard left > 0 else {
            skipped += 1
            return false
        }
        left -= 1
        return true
    }

    /// Forgets those that were not logged: they have been told of.
    mutating func tell() { skipped = 0 }
}
