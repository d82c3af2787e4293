public import Model

/// What there is to say of the process beside its frontends and backends.
public struct ProcessStatistics: Sendable {
    /// Connections in a second.
    public var connectionRate = MeasuredRate()
    /// Those of them that no rule refused.
    public var sessionRate = MeasuredRate()
    /// Handshakes of TLS with clients in a second.
    public var handshakeRate = MeasuredRate()
    /// Connections over TLS that are open, with clients and with servers.
    public var openTLS: UInt64 = 0
    /// What may begin in a second, and how much TLS there may be.
    public var limits = ProcessLimits()
    /// The most bytes that are compressed in a second; 0 is no limit.
    public var compressionRate: Int64 = 0

    /// Nothing counted.
    public init() {}
}

/// What is found out about the process by looking at totals every second; pure.
struct ProcessMeters {
    private var connections = RateMeter()
    private var sessions = RateMeter()
    private var handshakes = RateMeter()

    /// Looks at what was counted in all.
    mutating func look(at frontends: [FrontendStatistics], handshakes total: UInt64, now: UInt64) {
        let accepted = frontends.reduce(0) { $0 &+ $1.connections }
        let denied = frontends.reduce(0) { $0 &+ $1.deniedConnections &+ $1.deniedSessions }
        connections.look(at: accepted, now: now)
        sessions.look(at: accepted &- min(accepted, denied), now: now)
        handshakes.look(at: total, now: now)
    }

    /// Enters the rates at a moment; `look` comes first.
    func tell(_ statistics: inout ProcessStatistics, now: UInt64) {
        statistics.connectionRate = MeasuredRate(connections, now: now)
        statistics.sessionRate = MeasuredRate(sessions, now: now)
        statistics.handshakeRate = MeasuredRate(handshakes, now: now)
    }

    /// Forgets the most there was.
    mutating func forgetMost() {
        connections.forgetMost()
        sessions.forgetMost()
        handshakes.forgetMost()
    }
}
