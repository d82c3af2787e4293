public import Model
import Synchronization

/// Servers that operators add and remove.
extension Engine {
    /// Whether servers can be added to a backend; nil if there is none of the name.
    public func takesServers(_ backend: String) -> Bool? {
        state.withLock { running in
            guard let model = running?.publisher.backends[BackendName(backend)]?.model else { return nil }
            let settings = ServerSet.Settings(model)
            return settings.algorithm.hasDynamicWeights(settings.hashType)
        }
    }

    /// Adds a server to a backend until the configuration is read again. It is out of service, and not checked, until an
    /// operator says so.
    public func add(_ server: Server, to backend: String) -> ServerAddition {
        state.withLock { running in
            let outcome = running?.add(server, to: BackendName(backend)) ?? .noSuchBackend
            if running?.needsChecker == true { startChecker(&running) }
            return outcome
        }
    }

    /// Whether a server may be removed at this moment.
    public func removal(of server: String, from backend: String) -> ServerRemoval {
        state.withLock { $0?.publisher.removal(of: server, from: BackendName(backend)) ?? .noSuchBackend }
    }

    /// Removes a server that may be, until the configuration is read again.
    public func remove(_ server: String, from backend: String) -> ServerRemoval {
        state.withLock { $0?.remove(server, from: BackendName(backend)) ?? .noSuchBackend }
    }
}

extension Engine.Running {
    fileprivate mutating func add(_ server: Server, to backend: BackendName) -> ServerAddition {
        var adoption = Adoption(sequence: sequence + 1, onAdopted: {})
        let outcome = publisher.add(server, to: backend, into: &adoption)
        if !adoption.pools.isEmpty { post(adoption) }
        publisher.checkOrders.send()
        publisher.sendResolverOrders()
        return outcome
    }

    fileprivate mutating func remove(_ server: String, from backend: BackendName) -> ServerRemoval {
        var adoption = Adoption(sequence: sequence + 1, onAdopted: {})
        let outcome = publisher.remove(server, from: backend, into: &adoption)
        if !adoption.pools.isEmpty { post(adoption) }
        publisher.checkOrders.send()
        publisher.sendResolverOrders()
        return outcome
    }
}
