import Model

/// A server's circuit: how often it has failed in a row, and how long it is left alone. Pure; times are nanoseconds.
struct Circuit: Equatable {
    /// Failures since the last success.
    private(set) var errors = 0
    /// Ejections without a good time between them.
    private(set) var ejections = 0
    private(set) var isEjected = false
    private var length: UInt64 = 0
    private var closedAt: UInt64 = 0

    /// A breaker's settings in the units of the engine.
    struct Policy: Equatable {
        let errors: Int
        let countsServerErrors: Bool
        let first: UInt64
        let longest: UInt64
        let mostEjected: Int
        let ejectsLast: Bool

        /// Senseless numbers are taken for the nearest that make sense.
        init(_ model: CircuitBreaker) {
            errors = max(1, model.errors)
            countsServerErrors = model.countsServerErrors
            first = UInt64(max(1, min(Int(Int32.max), model.ejection))) * 1_000_000
            longest = max(first, UInt64(max(1, min(Int(Int32.max), model.longestEjection))) * 1_000_000)
            mostEjected = max(0, min(100, model.mostEjected))
            ejectsLast = model.ejectsLast
        }

        /// Whether one more of `servers` may be ejected when `ejected` are.
        func mayEject(_ ejected: Int, of servers: Int) -> Bool {
            if ejected + 1 >= servers, !ejectsLast { return false }
            return ejected == 0 || (ejected + 1) * 100 <= mostEjected * servers
        }
    }

    /// A request has failed; the time it is left alone from now on, or nil if it goes on. `isProbe`: the request was the one
    /// that a half open circuit lets through. `mayEject` is asked only when it would be ejected.
    mutating func fail(now: UInt64, isProbe: Bool, policy: Policy, mayEject: () -> Bool) -> UInt64? {
        errors += 1
        if isEjected { return isProbe ? eject(now, policy) : nil }
        guard errors >= policy.errors, mayEject() else { return nil }
        // A server that was fine for as long as it had been ejected begins anew.
        if now &- closedAt > length { ejections = 0 }
        return eject(now, policy)
    }

    private mutating func eject(_ now: UInt64, _ policy: Policy) -> UInt64 {
        isEjected = true
        length = ejections >= 40 ? policy.longest : min(policy.longest, policy.first << UInt64(ejections))
        ejections += 1
        errors = 0
        return length
    }

    /// A request has succeeded. What was sent before the ejection does not end it.
    mutating func succeed(now: UInt64, isProbe: Bool) {
        errors = 0
        guard isEjected, isProbe else { return }
        isEjected = false
        closedAt = now
    }
}
