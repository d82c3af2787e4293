/// The pause between failed attempts: 800 ms, doubled up to 30 s, each stretched by up to its own length so that
/// a fleet does not come back in step. Forgets after two minutes without a failure.
struct Backoff: Sendable, Equatable {
    /// Nanoseconds; what the next pause is before jitter.
    private(set) var nextDelay = Backoff.first
    /// When the last pause began, in nanoseconds of CLOCK_MONOTONIC.
    private var lastAt: UInt64?

    private static let first: UInt64 = 800_000_000
    private static let longest: UInt64 = 30_000_000_000
    private static let memory: UInt64 = 120_000_000_000

    /// Whether no attempt failed within the last two minutes.
    func isFresh(at now: UInt64) -> Bool {
        guard let lastAt else { return true }
        return now >= lastAt && now - lastAt > Backoff.memory
    }

    /// How long to pause now, in nanoseconds; `dice` is uniform in 0..<1.
    mutating func next(at now: UInt64, dice: Double) -> UInt64 {
        if isFresh(at: now) { nextDelay = Backoff.first }
        let delay = nextDelay
        lastAt = now
        nextDelay = min(delay * 2, Backoff.longest)
        return delay + UInt64(Double(delay) * min(max(dice, 0), 1))
    }
}
