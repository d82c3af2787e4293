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

    init(weights: [Int], balance: Balance = .roundRobin, maxConnections: Int = 0, workers: Int = 2) {
        var model = Backend(servers: [], origin: Origin(namespace: "shop", name: "web"))
        model.balance = balance
        model.servers = weights.enumerated().map { place, weight in
            var server = Server(address: "10.0.0.\(place + 1)", port: 80)
            server.weight = weight
            server.maxConnections = maxConnections
            return server
        }
        states = model.servers.map { server in
            ServerState(
                address: SocketAddress(server.address, port: server.port) ?? SocketAddress(),
                name: server.name, identity: "", workers: workers)
        }
        set = ServerSet(model, states: states)
        backend = BackendState(
            name: BackendName("shop/web:80"), origin: model.origin, servers: set, workers: workers)
    }

    /// Asks `count` times and gives the indices of the answers.
    func picks(
        _ count: Int, worker: Int = 0, now: UInt64 = 0, client: String = "192.0.2.1", avoiding: Int? = nil,
        seed: UInt64 = 7
    ) -> [Int?] {
        var random = RandomNumbers(seed: seed)
        return (0..<count).map { _ in
            Balancer(worker: worker, now: now).pick(
                from: set, of: backend, client: SocketAddress(client, port: 1) ?? SocketAddress(),
                avoiding: avoiding.map { Unmanaged.passUnretained(states[$0]) }, random: &random)
        }
    }

    func setLoads(_ loads: [Int]) {
        for (state, load) in zip(states, loads) { state.inFlight.store(load, ordering: .relaxed) }
    }

    /// The server has refused `worker`, which prefers others until the time is over.
    func suspect(_ index: Int, worker: Int = 0, until: UInt64) {
        states[index].perWorker[worker].suspectUntil = until
    }
}
