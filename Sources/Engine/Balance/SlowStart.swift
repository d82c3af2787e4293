/// HAProxy's `slowstart`: how much of its weight and limit a server has that came up a while ago.
enum SlowStart {
    /// A server's full weight in steps.
    static let full = HashRing.scale
    /// A server that came up when nobody looked at a clock: its time begins with the first request that asks.
    static let pending = UInt64.max

    /// How many sixteenths of its weight a server has: one at once, all after `duration` milliseconds, in even steps. HAProxy
    /// moves on by whole seconds only. `startedAt` is 0 for a server that is not in its slow start; times are nanoseconds.
    static func steps(startedAt: UInt64, now: UInt64, duration: Int) -> Int {
        guard let elapsed = elapsed(since: startedAt, now: now, of: duration) else { return full }
        return min(full, (full * elapsed + duration) / duration)
    }

    /// The limit of a server whose full limit is `limit`, 0 being none: it grows from 1.
    static func limit(_ limit: Int, startedAt: UInt64, now: UInt64, duration: Int) -> Int {
        guard limit > 0, let elapsed = elapsed(since: startedAt, now: now, of: duration) else { return limit }
        // Through percent, as HAProxy: large limits can not overflow.
        return max(
            1, limit / 100 * (100 * elapsed / duration) + limit % 100 * (100 * elapsed / duration) / 100)
    }

    /// Milliseconds of a slow start that still lasts, else nil. A clock that lags behind is at its beginning.
    private static func elapsed(since start: UInt64, now: UInt64, of duration: Int) -> Int? {
        guard start != 0, duration > 0 else { return nil }
        guard start != pending, now > start else { return 0 }
        let milliseconds = (now - start) / 1_000_000
        return milliseconds < UInt64(duration) ? Int(milliseconds) : nil
    }

    /// Whether a server takes its turn in this lap of a rotation: in as many of sixteen laps as it has steps, evenly spread, and
    /// each server in laps of its own.
    static func takesTurn(_ server: Int, lap: UInt, steps: Int) -> Bool {
        let phase = Int((lap &+ UInt(server)) % UInt(full))
        return phase * steps % full < steps
    }
}
