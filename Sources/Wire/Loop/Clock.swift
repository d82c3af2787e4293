import Glibc

/// Time as the engine uses it: read once per round of events and then passed on as a value.
public struct Clock: Sendable {
    /// Nanoseconds of CLOCK_MONOTONIC.
    public var monotonic: UInt64
    /// Nanoseconds since 1970, derived from `monotonic` and a difference that is refreshed once a second.
    public var realtime: UInt64 { monotonic &+ offset }
    private var offset: UInt64
    private var offsetReadAt: UInt64

    /// The time now.
    public init() {
        monotonic = Clock.read(CLOCK_MONOTONIC)
        offset = Clock.read(CLOCK_REALTIME) &- monotonic
        offsetReadAt = monotonic
    }

    /// Reads the time again: one vDSO call, two once a second.
    public mutating func update() {
        monotonic = Clock.read(CLOCK_MONOTONIC)
        guard monotonic &- offsetReadAt > 1_000_000_000 else { return }
        offset = Clock.read(CLOCK_REALTIME) &- monotonic
        offsetReadAt = monotonic
    }

    /// Milliseconds of CLOCK_MONOTONIC.
    public var milliseconds: UInt64 { monotonic / 1_000_000 }

    /// Nanoseconds of CLOCK_MONOTONIC, now.
    public static func now() -> UInt64 { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
