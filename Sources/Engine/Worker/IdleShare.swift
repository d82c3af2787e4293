/// How much of its time a worker sleeps, of late: over windows of half a second, as HAProxy's idle time.
struct IdleShare {
    /// Per cent of the last window that were slept; 100 before there was one.
    private(set) var percent = 100
    private var windowBegan: UInt64
    private var fellAsleep: UInt64
    private var slept: UInt64 = 0

    private static let window: UInt64 = 500_000_000

    /// Awake at `now` (ns).
    init(now: UInt64) {
        windowBegan = now
        fellAsleep = now
    }

    /// A round of events is over that began at `wokenAt`; the next wait begins.
    mutating func endRound(wokenAt: UInt64, now: UInt64) {
        wakes(at: wokenAt)
        sleeps(at: now)
    }

    /// It waits for events from `now` on.
    mutating func sleeps(at now: UInt64) { fellAsleep = now }

    /// It has events, or nothing came in time.
    mutating func wakes(at now: UInt64) {
        if now > fellAsleep { slept &+= now &- fellAsleep }
        guard now > windowBegan, now &- windowBegan >= IdleShare.window else { return }
        let length = now &- windowBegan
        // In microseconds no product overflows in less than five thousand years.
        percent = Int(min(slept, length) / 1_000 * 100 / max(1, length / 1_000))
        windowBegan = now
        slept = 0
    }
}
