import Synchronization

/// Whether this process leads, for those who write: asked before each write, from any thread.
///
/// It ends by itself when its time is over: a process that was stopped or starved for longer than its Lease lasts does not
/// write when it wakes, though nobody has told it yet that another one leads.
public final class Leadership: Sendable {
    /// Nanoseconds of CLOCK_BOOTTIME, 0 while it does not lead, `UInt64.max` for good.
    private let end = Atomic<UInt64>(0)
    private let begun = Atomic<Int>(0)

    /// Of a candidate that does not lead yet.
    public init() {}

    private init(end: UInt64) { self.end.store(end, ordering: .relaxed) }

    /// Of a process that holds no election: it always leads.
    public static var always: Leadership { Leadership(end: .max) }

    /// Whether this process leads now.
    public var isHeld: Bool { Monotonic.nowWithSleep() < end.load(ordering: .acquiring) }

    /// How often this process has begun to lead.
    public var elections: Int { begun.load(ordering: .relaxed) }

    func hold(until time: UInt64) {
        let before = end.exchange(time, ordering: .acquiringAndReleasing)
        if before == 0, time > 0 { begun.add(1, ordering: .relaxed) }
    }
}
