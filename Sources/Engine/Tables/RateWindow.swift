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

    /// Takes one back that was counted a moment ago.
    mutating func takeBack() { current -= min(current, 1) }

    /// How often within the last period. Of what happened once or twice a period nothing is taken off, or it would seem to
    /// come and go.
    func rate(now: UInt64, period: UInt64) -> UInt64 {
        guard period > 0, let (recent, past, remaining) = parts(now: now, period: period) else { return 0 }
        if recent == 0, past <= 1 { return past }
        return (past * remaining + recent * period) / period
    }

    /// How long until one more may follow if there are to be no more than `limit` in a period, where nothing is kept from seeming to come
    /// and go; 0 is now.
    func wait(for limit: UInt64, now: UInt64, period: UInt64) -> UInt64 {
        guard limit > 0, period > 0, let (recent, past, remaining) = parts(now: now, period: period),
            past * remaining + recent * period >= limit * period
        else { return 0 }
        // What of the previous window still counts becomes less with each millisecond.
        if recent < limit { return remaining - ((limit - recent) * period - 1) / past }
        // Then the current one is the previous one, and does the same.
        return remaining + period - (limit * period - 1) / recent
    }

    /// What is counted in the current window and in the previous one, and how much of the previous one still lies within the
    /// period; nil if nothing does.
    private func parts(now: UInt64, period: UInt64) -> (recent: UInt64, past: UInt64, remaining: UInt64)? {
        let passed = now > start ? now - start : 0
        if passed <= period { return (UInt64(current), UInt64(previous), period - passed) }
        // Nothing was counted since: the current window is the previous one by now.
        return passed <= 2 * period ? (0, UInt64(current), 2 * period - passed) : nil
    }
}
