/// When a queue of changes may be published: the first of a quiet time at once, a burst once per interval.
///
/// A lone change never waits for a timer; under a storm there is one publish per interval, so no change waits longer than that.
struct PublishSchedule: Equatable {
    /// The least time between two publishes, in nanoseconds.
    let interval: UInt64
    private var lastAt: UInt64?

    init(milliseconds: UInt64) { interval = milliseconds * 1_000_000 }

    enum Decision: Equatable {
        case now
        /// Not before this time (nanoseconds).
        case at(UInt64)
    }

    func decide(now: UInt64) -> Decision {
        guard let lastAt, now < lastAt &+ interval else { return .now }
        return .at(lastAt &+ interval)
    }

    mutating func published(at now: UInt64) { lastAt = now }
}
