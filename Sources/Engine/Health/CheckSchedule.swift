/// When a server is checked: pure, in milliseconds.
struct CheckSchedule: Equatable {
    let interval: Int
    let fastInterval: Int
    let downInterval: Int
    let spread: Int

    /// Intervals below a millisecond, or beyond a day, are nobody's wish.
    private static let range = 1...86_400_000

    init(interval: Int, fastInterval: Int? = nil, downInterval: Int? = nil, spread: Int = 0) {
        self.interval = CheckSchedule.bounded(interval)
        self.fastInterval = CheckSchedule.bounded(fastInterval ?? interval)
        self.downInterval = CheckSchedule.bounded(downInterval ?? interval)
        self.spread = max(0, min(50, spread))
    }

    private static func bounded(_ value: Int) -> Int { min(max(value, range.lowerBound), range.upperBound) }

    /// From the end of a check to the next one. `random` varies it by `spread` percent.
    func delay(after state: HealthState, isServerDown: Bool, random: UInt64) -> Int {
        let base = base(after: state, isServerDown: isServerDown)
        let most = base * spread / 100
        guard most > 0 else { return base }
        return max(1, base - most + Int(random % UInt64(2 * most + 1)))
    }

    private func base(after state: HealthState, isServerDown: Bool) -> Int {
        if state.isSurelyUp { return interval }
        return isServerDown && state.isSurelyDown ? downInterval : fastInterval
    }

    /// From its publish to the first check: servers published together begin spread over the shortest interval of theirs.
    static func firstDelay(place: Int, of count: Int, shortest: Int) -> Int {
        guard count > 0, place > 0 else { return 0 }
        return bounded(shortest) * min(place, count) / count
    }
}
