/// Since when something is up or down, and how long it was down in all; times are nanoseconds.
struct Availability: Equatable, Sendable {
    private(set) var isUp = true
    private(set) var changedAt: UInt64
    /// How often it has gone down.
    private(set) var downs: UInt64 = 0
    private var downtime: UInt64 = 0

    /// Up, from a moment on.
    init(since: UInt64) { changedAt = since }

    /// Whether it is up from now on.
    mutating func note(isUp: Bool, now: UInt64) {
        guard isUp != self.isUp else { return }
        if isUp { downtime = downtime(now: now) } else { downs += 1 }
        self.isUp = isUp
        changedAt = now
    }

    /// It has been so since then.
    mutating func moveBack(to moment: UInt64) { changedAt = moment }

    /// How long it was down in all.
    func downtime(now: UInt64) -> UInt64 {
        isUp || now < changedAt ? downtime : downtime &+ (now &- changedAt)
    }
}
