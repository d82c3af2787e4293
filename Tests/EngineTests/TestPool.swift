import Basics
import Model
import Synchronization
import Wire

@testable import Engine

/// A backend's servers as the balancer sees them, without sockets.
struct TestPool {
    let states: [ServerState]
    let set: ServerSet
    let backend: BackendState

    /// Servers of these weights at 10.0.0.1 and so on; `change` says what else the backend is.
    init(
        weights: [Int], balance: Balance = .roundRobin, maxConnections: Int = 0, workers: Int = 2,
        down: [Int] = [],
        change: (inout Backend) -> Void = { _ in }
    ) {
        var model = Backend(servers: [], origin: Origin(namespace: "shop", name: "web"))
        model.balance = balance
        model.servers = weights.enumerated().map { place, weight in
            var server = Server(address: "10.0.\(place / 250).\(place % 250 + 1)", port: 80)
            server.weight = weight
            server.maxConnections = maxConnections
            return server
        }
        change(&model)
        states = model.servers.map { server in
            ServerState(
                address: SocketAddress(server.address, port: server.port) ?? SocketAddress(),
                name: server.name, identity: "", workers: workers)
        }
        for place in down { states[place].isUp.store(false, ordering: .relaxed) }
        set = ServerSet(model, states: states)
        backend = BackendState(
            name: BackendName("shop/web:80"), origin: model.origin, servers: set, workers: workers)
    }

    /// Asks `count` times for a request of `client` and gives the indices of the answers.
    func picks(
        _ count: Int, worker: Int = 0, now: UInt64 = 0, client: String = "192.0.2.1", avoiding: Int? = nil,
        seed: UInt64 = 7
    ) -> [Int?] {
        let address = SocketAddress(client, port: 1) ?? SocketAddress()
        let hash = KeyHash.mix(SourceHash.hash(address), set.settings.hashType)
        return picks(count, hash: hash, worker: worker, now: now, avoiding: avoiding, seed: seed)
    }

    /// Asks `count` times for a request of that hash.
    func picks(
        _ count: Int, hash: UInt32?, worker: Int = 0, now: UInt64 = 0, avoiding: Int? = nil, seed: UInt64 = 7
    ) -> [Int?] {
        var random = RandomNumbers(seed: seed)
        return (0..<count).map { _ in
            Balancer(worker: worker, now: now).pick(
                from: set, of: Unmanaged.passUnretained(backend), hash: hash,
                avoiding: avoiding.map { Unmanaged.passUnretained(states[$0]) }, random: &random)
        }
    }

    /// The place of a picked server in the configuration.
    func place(of pick: Int?) -> Int? {
        guard let pick else { return nil }
        return states.firstIndex { Unmanaged.passUnretained($0).toOpaque() == set.servers[pick].toOpaque() }
    }

    func setLoads(_ loads: [Int]) {
        for (state, load) in zip(states, loads) { state.inFlight.store(load, ordering: .relaxed) }
    }

    /// The server has refused `worker`, which prefers others until the time is over.
    func suspect(_ index: Int, worker: Int = 0, until: UInt64) {
        states[index].perWorker[worker].suspectUntil = until
    }
}
