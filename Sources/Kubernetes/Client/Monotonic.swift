import Glibc

/// CLOCK_MONOTONIC, the clock that arrival times and deadlines are told in.
enum Monotonic {
    /// Nanoseconds since some moment before the process began.
    static func now() -> UInt64 { read(CLOCK_MONOTONIC) }

    /// The same with the time in which the machine slept: what the others have waited meanwhile.
    static func nowWithSleep() -> UInt64 { read(CLOCK_BOOTTIME) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
