/// How often something happened over the last period: HAProxy's sliding window, in whole milliseconds.
///
/// ```
///     previous │ current
///   ───────────┼────────────────►
///            start ◄─ period ─►
/// ```
/// Counted is in two windows; read is the current one and of the previous one the part that still lies within the period. So a
/// burst is held against who made it for a period, and then fades out over another.
struct RateWindow: Equatable {
    /// When the current window began, milliseconds.
    private(set) var start: UInt64
    private(set) var current: UInt32
    private(set) var previous: UInt32

    /// As it is kept, 16 bytes.
    init(start: UInt64 = 0, counts: UInt64 = 0) {
        self.start = start
        current = UInt32(truncatingIfNeeded: counts)
        previous = UInt32(truncatingIfNeeded: counts >> 32)
    }

    /// Both counts in one word.
    var counts: UInt64 { UInt64(current) | UInt64(previous) << 32 }

    /// Counts `amount` more. Counts end at 32 bits. Clocks of two workers may differ by a round: time does not go back.
    mutating func add(_ amount: UInt64, now: UInt64, period: UInt64) {
        if now > start, now - start >= period {
            (previous, current) = (current, 0)
            start &+= period
            if now - start >= period { (previous, start) = (0, now) }
        }
        current = UInt32(clamping: UInt64(current) + min(amount, UInt64(UInt32.max)))
    }

    /// How often within the last period. Of what happened once or twice a period nothing is taken off, or it would seem to
    /// come and go.
    func rate(now: UInt64, period: UInt64) -> UInt64 {
        guard period > 0 else { return 0 }
        let passed = now > start ? now - start : 0
        var (recent, past, remaining) = (UInt64(current), UInt64(previous), Int64(0))
        if passed <= period {
            remaining = Int64(period - passed)
        } else {
            // Nothing was counted since: the current window is the previous one by now.
            (past, recent) = (recent, 0)
            guard passed <= 2 * period else { return 0 }
            remaining = Int64(2 * period - passed)
        }
        if recent == 0, past <= 1 { return past }
        return (past * UInt64(remaining) + recent * period) / period
    }
}
