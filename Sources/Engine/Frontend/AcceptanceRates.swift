import Model

/// How many connections begin in a second, over all workers, and how many may: HAProxy's `maxconnrate`, `maxsessrate` and `maxsslrate` of
/// the process, and `rate-limit sessions` of frontends. Pure; times are milliseconds.
///
/// A connection counts when it may be accepted, so that there are never more than there may be; what comes of it is given back if there
/// is none, or if a rule refuses it at once.
struct AcceptanceRates {
    private var connections = Gate()
    private var sessions = Gate()
    private var handshakes = Gate()
    /// By place; of those that have a limit.
    private var frontends: [Int: Gate] = [:]

    /// A window of a second and how much it may hold; nothing is counted where that is not limited.
    private struct Gate {
        var limit: UInt64 = 0
        var window = RateWindow()

        private static let second: UInt64 = 1_000

        func wait(now: UInt64) -> UInt64 {
            limit == 0 ? 0 : window.wait(for: limit, now: now, period: Gate.second)
        }

        mutating func count(now: UInt64) {
            if limit > 0 { window.add(1, now: now, period: Gate.second) }
        }

        mutating func giveBack() { window.takeBack() }
    }

    /// Whether anything of the process is limited.
    var limitsProcess: Bool { connections.limit > 0 || sessions.limit > 0 || handshakes.limit > 0 }

    /// Takes the process's limits over.
    mutating func adopt(_ limits: ProcessLimits) {
        connections.limit = UInt64(max(0, limits.connectionRate))
        sessions.limit = UInt64(max(0, limits.sessionRate))
        handshakes.limit = UInt64(max(0, limits.handshakeRate))
    }

    /// Takes the frontends' limits over; they stand at their places.
    mutating func adopt(_ models: [Frontend]) {
        var next: [Int: Gate] = [:]
        for (place, model) in models.enumerated() where model.maxSessionRate > 0 {
            var gate = frontends[place] ?? Gate()
            gate.limit = UInt64(model.maxSessionRate)
            next[place] = gate
        }
        frontends = next
    }

    /// Counts a connection that may begin now, and answers 0; else how long it has to wait at least.
    mutating func take(at frontend: Int, isTLS: Bool, now: UInt64) -> UInt64 {
        let own = frontends[frontend]
        let wait = max(
            connections.wait(now: now), sessions.wait(now: now), isTLS ? handshakes.wait(now: now) : 0,
            own?.wait(now: now) ?? 0)
        guard wait == 0 else { return wait }
        connections.count(now: now)
        sessions.count(now: now)
        if isTLS { handshakes.count(now: now) }
        if own != nil { frontends[frontend]?.count(now: now) }
        return 0
    }

    /// There was a connection that was counted, and it is no session.
    mutating func giveBackSession(at frontend: Int, isTLS: Bool) {
        sessions.giveBack()
        if isTLS { handshakes.giveBack() }
        frontends[frontend]?.giveBack()
    }

    /// There was none.
    mutating func giveBackConnection(at frontend: Int, isTLS: Bool) {
        connections.giveBack()
        giveBackSession(at: frontend, isTLS: isTLS)
    }
}
