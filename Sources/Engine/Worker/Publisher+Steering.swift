import Model
import Synchronization
import Wire

/// What operators say of servers becomes sets of servers, as what checks find does.
extension Publisher {
    /// The servers of a backend as operators let them be.
    static func steered(_ backend: Backend, _ states: [ServerState]) -> Backend {
        var steered = backend
        for (i, state) in states.enumerated() {
            let steering = state.steering.withLock { $0 }
            guard steering != ServerSteering() else { continue }
            if let weight = steering.weight { steered.servers[i].weight = weight }
            if let limit = steering.maxConnections { steered.servers[i].maxConnections = limit }
            if steering.state != .ready || steering.health == .stopping { steered.servers[i].weight = 0 }
        }
        return steered
    }

    /// Keeps for samples what weights are, whatever the state of their servers makes of them.
    static func noteWeights(_ backend: Backend, _ checks: [Server: PublishedCheck], _ states: [ServerState]) {
        for (model, state) in zip(backend.servers, states) {
            let agreed = checks[model.asIdentity]?.condition.weight?.weight(of: model.weight)
            let weight = state.steering.withLock { $0.weight } ?? agreed ?? model.weight
            state.firstWeight.store(model.weight, ordering: .relaxed)
            state.userWeight.store(weight, ordering: .relaxed)
        }
    }

    /// A server by its names; nil if there is none.
    func server(_ name: String, of backend: BackendName) -> (model: Server, state: ServerState)? {
        guard let published = backends[backend],
            let model = published.model.servers.first(where: { $0.name == name }),
            let state = published.servers[model.asIdentity]
        else { return nil }
        return (model, state)
    }

    /// A server as operators know it; nil if there is none.
    func report(of name: String, in backend: BackendName) -> ServerReport? {
        guard let (model, state) = server(name, of: backend), let published = backends[backend] else {
            return nil
        }
        let steering = state.steering.withLock { $0 }
        let settings = ServerSet.Settings(published.model)
        return ServerReport(
            weight: steering.weight ?? model.weight, configuredWeight: model.weight, state: steering.state,
            takesWeights: settings.algorithm.hasDynamicWeights(settings.hashType), model: model,
            knowsTLS: configured(name, in: backend)?.tls != nil)
    }

    /// Does what an operator says; false if there is no such server.
    func obey(
        _ order: ServerOrder, _ server: String, of backend: BackendName, into adoption: inout Adoption
    ) -> Bool {
        guard let (model, state) = self.server(server, of: backend) else { return false }
        switch order {
        case .endSessions: adoption.health.append(.end(state))
        case .change(let edit): return change(server, of: backend, edit, into: &adoption)
        case .weight(let weight): steer(server, of: backend, into: &adoption) { $0.weight = weight }
        case .maxConnections(let limit):
            steer(server, of: backend, into: &adoption) { $0.maxConnections = limit }
        case .state(let wanted):
            let before = state.steering.withLock { $0.state }
            steer(server, of: backend, into: &adoption) { $0.state = wanted }
            _ = settleFollowers(into: &adoption, now: Clock.now())
            // One failure is enough for one that has come back.
            if before == .maintenance, wanted != before, hasChecks {
                checkOrders.mailbox.post(.force(state, .afterMaintenance))
            }
        case .health(let word):
            guard backends[backend]?.checks[model.asIdentity] == nil else {
                checkOrders.mailbox.post(.force(state, .server(word)))
                return true
            }
            steer(server, of: backend, into: &adoption) { $0.health = word }
        case .agent(let isUp):
            // Without any check nobody takes what is posted.
            if hasChecks { checkOrders.mailbox.post(.force(state, .agent(isUp: isUp))) }
        case .checks(let takePlace): state.steering.withLock { $0.pausesCheck = !takePlace }
        case .asksAgent(let isAsked): state.steering.withLock { $0.pausesAgent = !isAsked }
        }
        return true
    }

    /// Changes what is said of a server.
    private func steer(
        _ server: String, of name: BackendName, into adoption: inout Adoption,
        _ change: (inout ServerSteering) -> Void
    ) {
        guard let (model, state) = self.server(server, of: name) else { return }
        state.steering.withLock { change(&$0) }
        let isUp = backends[name]?.checks[model.asIdentity]?.condition.isUp ?? true
        let ends = model.check?.endsSessionsWhenDown ?? false
        if let effect = state.settle(isUp: isUp, endsSessions: ends) {
            if case .up = effect { state.warmUp(at: Clock.now()) }
            adoption.health.append(effect)
        }
        renew(name, &adoption)
    }

    /// The file says a server to be out of service, or no longer so: whatever was said of it. The result is for workers that know it.
    func disable(_ server: Server, _ state: ServerState, isNew: Bool, _ name: BackendName) -> HealthEffect? {
        state.steering.withLock { $0.state = server.isDisabled ? .maintenance : .ready }
        let isUp = backends[name]?.checks[server.asIdentity]?.condition.isUp ?? true
        let effect = state.settle(isUp: isUp)
        return isNew ? nil : effect
    }

    /// Forgets what was said of all servers: they are as they are configured.
    func endSteering(into adoption: inout Adoption) {
        restoreConfigured(into: &adoption)
        for (name, backend) in backends {
            var isOther = false
            let disabled = Set(backend.model.servers.filter(\.isDisabled).map(\.asIdentity))
            for (identity, state) in backend.servers {
                var configured = ServerSteering()
                if disabled.contains(identity) { configured.state = .maintenance }
                guard state.steering.withLock({ $0 }) != configured else { continue }
                state.steering.withLock { $0 = configured }
                isOther = true
                let isUp = backend.checks[identity]?.condition.isUp ?? true
                if let effect = state.settle(isUp: isUp) { adoption.health.append(effect) }
            }
            if isOther { renew(name, &adoption) }
        }
        _ = settleFollowers(into: &adoption, now: Clock.now())
    }

    func renew(_ name: BackendName, _ adoption: inout Adoption) {
        guard let backend = backends[name] else { return }
        let states = backend.model.servers.compactMap { backend.servers[$0.asIdentity] }
        adoption.pools.append(
            (backend.state, serverSet(of: backend.model, name, backend.checks, states)))
    }
}

extension ServerState {
    /// It is up, or down, as far as checks say: what follows of that and of what operators say. Nil if nothing changes.
    /// `endsSessions` is whether what is under way ends with it.
    func settle(isUp checked: Bool, endsSessions: Bool = false) -> HealthEffect? {
        let isUp =
            checked && hasAddress && steering.withLock { $0.state != .maintenance && $0.health != .down }
        guard self.isUp.exchange(isUp, ordering: .relaxed) != isUp else { return nil }
        availability.withLock { $0.note(isUp: isUp, now: Clock.now()) }
        return isUp ? .up(self) : .down(self, endsSessions: endsSessions)
    }
}
