import Basics
import Model
import Synchronization
import Wire

/// Chooses a server for a request.
///
/// State that decides is common to all workers: the rotation's position belongs to the backend, the requests in flight to the
/// server; both are plain atomics. What a worker learned itself (a server that just refused) it keeps to itself.
struct Balancer {
    let worker: Int
    let now: UInt64

    /// The index of a server in `set`, avoiding `avoided` and suspects while there are others; nil if there is none
    /// that takes requests.
    func pick(
        from set: ServerSet, of backend: BackendState, client: SocketAddress,
        avoiding avoided: Unmanaged<ServerState>?,
        random: inout RandomNumbers
    ) -> Int? {
        let count = set.servers.count
        guard count > 1 else { return count == 1 ? 0 : nil }
        let first =
            switch set.settings.balance {
            case .roundRobin: next(set, backend)
            case .leastConnections: leastLoaded(set, start: next(set, backend), avoided)
            case .random(let draws): leastLoaded(set, draws: max(1, draws), &random)
            case .source: Int(SourceHash.hash(client) % UInt32(set.rotation.count))
            }
        let chosen = set.settings.balance == .source ? Int(set.rotation[first]) : first
        return isPreferred(set, chosen, avoided) ? chosen : alternative(set, to: chosen, avoided)
    }

    /// The next place of the rotation.
    private func next(_ set: ServerSet, _ backend: BackendState) -> Int {
        let position = backend.position.wrappingAdd(1, ordering: .relaxed).oldValue
        return Int(set.rotation[Int(UInt(bitPattern: position) % UInt(set.rotation.count))])
    }

    /// The lowest load for its weight; among equals the first from `start`, so that idle servers take turns.
    private func leastLoaded(_ set: ServerSet, start: Int, _ avoided: Unmanaged<ServerState>?) -> Int {
        var best = start
        for i in 0..<set.servers.count {
            let candidate = (start + i) % set.servers.count
            guard isPreferred(set, candidate, avoided) else { continue }
            if !isPreferred(set, best, avoided) || isLighter(set, candidate, than: best) { best = candidate }
        }
        return best
    }

    /// The lighter of `draws` servers drawn with the probability of their weights.
    private func leastLoaded(_ set: ServerSet, draws: Int, _ random: inout RandomNumbers) -> Int {
        var best = Int(set.rotation[Int(random.next() % UInt64(set.rotation.count))])
        for _ in 1..<max(2, draws) {
            let drawn = Int(set.rotation[Int(random.next() % UInt64(set.rotation.count))])
            if isLighter(set, drawn, than: best) { best = drawn }
        }
        return best
    }

    private func isLighter(_ set: ServerSet, _ one: Int, than other: Int) -> Bool {
        load(set, one) * set.weights[other] < load(set, other) * set.weights[one]
    }

    private func load(_ set: ServerSet, _ index: Int) -> Int {
        set.servers[index]._withUnsafeGuaranteedRef { $0.inFlight.load(ordering: .relaxed) }
    }

    private func isPreferred(_ set: ServerSet, _ index: Int, _ avoided: Unmanaged<ServerState>?) -> Bool {
        if let avoided, avoided.toOpaque() == set.servers[index].toOpaque() { return false }
        return set.servers[index]._withUnsafeGuaranteedRef { $0.perWorker[worker].suspectUntil <= now }
    }

    /// The nearest server behind `chosen` that is neither avoided nor suspect; else any but the avoided one.
    private func alternative(_ set: ServerSet, to chosen: Int, _ avoided: Unmanaged<ServerState>?) -> Int {
        let count = set.servers.count
        for i in 1..<count where isPreferred(set, (chosen + i) % count, avoided) {
            return (chosen + i) % count
        }
        guard let avoided, avoided.toOpaque() == set.servers[chosen].toOpaque() else { return chosen }
        return (chosen + 1) % count
    }
}

/// A small, fast generator for choices that need no secrecy (xorshift64*).
struct RandomNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
