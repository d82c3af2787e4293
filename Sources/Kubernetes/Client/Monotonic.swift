import Glibc

/// CLOCK_MONOTONIC, the clock that arrival times and deadlines are told in.
enum Monotonic {
    /// Nanoseconds since some moment before the process began.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
