import Basics
import Model

/// The servers of a backend and its settings at one moment: immutable, replaced as a whole.
final class ServerSet: Sendable {
    let settings: Settings
    /// The servers that take requests, in order.
    let servers: FixedArray<Unmanaged<ServerState>>
    /// The order round robin walks through, as indices: each server as often as its weight says, evenly spread.
    let rotation: FixedArray<UInt16>
    /// Per server, for leastconn and random.
    let weights: FixedArray<Int>
    /// Per server: the most requests in flight, 0 for no limit.
    let limits: FixedArray<Int>
    let hasLimits: Bool
    /// Keeps the servers alive.
    private let owned: [ServerState]

    /// A backend's settings in the units of the engine.
    struct Settings: Sendable {
        var balance: Balance
        var timeouts: ServerTimeouts
        var retries: Int
        var redispatch: Bool
        var maxIdlePerServer: Int
        var reuse: ConnectionReuse
    }

    /// Pairs servers of the configuration with their states, in the same order; those of weight 0 are left out.
    init(_ backend: Backend, states: [ServerState]) {
        settings = Settings(
            balance: backend.balance, timeouts: backend.timeouts, retries: max(0, backend.retries),
            redispatch: backend.redispatch, maxIdlePerServer: max(0, backend.maxIdlePerServer),
            reuse: backend.reuse)
        let usable = zip(backend.servers, states).filter { $0.0.weight > 0 }
        owned = states
        let order = RoundRobin.rotation(weights: usable.map { min(256, $0.0.weight) })
        rotation = FixedArray(count: order.count) { order[$0] }
        servers = FixedArray(count: usable.count) { Unmanaged.passUnretained(usable[$0].1) }
        weights = FixedArray(count: usable.count) { min(256, usable[$0].0.weight) }
        limits = FixedArray(count: usable.count) { max(0, usable[$0].0.maxConnections) }
        hasLimits = usable.contains { $0.0.maxConnections > 0 }
    }

    /// Whether anyone needs `ServerState.inFlight` kept.
    var countsInFlight: Bool {
        if hasLimits { return true }
        switch settings.balance {
        case .leastConnections, .random: return true
        case .roundRobin, .source: return false
        }
    }
}
