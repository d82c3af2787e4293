import Glibc

/// Text to a file descriptor.
enum Output {
    /// Writes all of it, or what can be written before the other end goes away.
    static func write(_ text: String, to descriptor: Int32 = STDOUT_FILENO) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                sent += count
            } else if errno != EINTR {
                return
            }
        }
    }
}

/// The two clocks.
enum Clock {
    /// Nanoseconds since 1970.
    static func wallNanoseconds() -> Int64 { read(CLOCK_REALTIME) }

    /// Milliseconds since some moment in the past; never goes back.
    static func milliseconds() -> Int64 { read(CLOCK_MONOTONIC) / 1_000_000 }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
