import Model
import Synchronization
import Wire

/// Servers that operators add and remove: it holds until the backend is published again, or all of it is given up.
extension Publisher {
    /// Adds a server to a backend. It is out of service and not checked until an operator says so.
    func add(
        _ server: Server, to name: BackendName, into adoption: inout Adoption
    ) -> ServerAddition {
        guard let published = backends[name] else { return .noSuchBackend }
        let settings = ServerSet.Settings(published.model)
        guard settings.algorithm.hasDynamicWeights(settings.hashType) else { return .isStatic }
        if let refusal = refusal(of: server, in: published) { return refusal }
        var edited = published.model.withNumbers
        var added = server
        if added.id == 0 {
            let taken = Set(edited.servers.map(\.id))
            added.id = (1...taken.count + 1).first { !taken.contains($0) } ?? 0
        }
        added.isDisabled = true
        edited.servers.append(added)
        let told = problems.count
        if configuredBackends[name] == nil { configuredBackends[name] = published.model }
        setBackend(name, edited, &adoption)
        guard let (_, state) = self.server(added.name, of: name) else {
            let why = problems.dropFirst(told).last?.message ?? "it can not be used"
            setBackend(name, published.model, &adoption)
            return .unusable(why)
        }
        addedServers[ServerReference(backend: name, server: added.name)] = server
        state.steering.withLock { steering in
            steering.pausesCheck = added.check?.probe != nil
            steering.pausesAgent = added.check?.agent != nil
        }
        // It is an operator who keeps it out of service, unless its words do.
        if let place = backends[name]?.model.servers.firstIndex(where: { $0.name == added.name }) {
            backends[name]?.model.servers[place].isDisabled = server.isDisabled
        }
        _ = settleFollowers(into: &adoption, now: Clock.now())
        return .added
    }

    private func refusal(of server: Server, in backend: PublishedBackend) -> ServerAddition? {
        if backend.model.servers.contains(where: { $0.name == server.name }) { return .nameIsTaken }
        if server.id > 0, let other = backend.model.withNumbers.servers.first(where: { $0.id == server.id }) {
            return .idIsTaken(by: other.name)
        }
        guard let followed = server.check?.follows else { return nil }
        guard let backend = backends[followed.backend] else { return .followsNoBackend }
        guard let target = backend.model.servers.first(where: { $0.name == followed.server }) else {
            return .followsNoServer
        }
        if addedServers[followed] != nil { return .followsAdded }
        return backend.checks[target.asIdentity] == nil ? .followsUnchecked : nil
    }

    /// Whether a server may be removed at this moment.
    func removal(of server: String, from name: BackendName) -> ServerRemoval {
        guard let backend = backends[name] else { return .noSuchBackend }
        guard let (model, state) = self.server(server, of: name) else { return .noSuchServer }
        if isReferred(ServerReference(backend: name, server: server)) { return .isReferred }
        let isOut =
            state.steering.withLock { $0.state == .maintenance }
            || backend.checks[model.asIdentity]?.condition.isInMaintenance == true
        guard isOut else { return .isInService }
        let isIdle = state.active == 0 && state.waiting.load(ordering: .relaxed) == 0
        return isIdle ? .done : .isBusy
    }

    /// Removes a server that may be.
    func remove(
        _ server: String, from name: BackendName, into adoption: inout Adoption
    ) -> ServerRemoval {
        let removal = removal(of: server, from: name)
        guard removal == .done, let published = backends[name] else { return removal }
        if configuredBackends[name] == nil { configuredBackends[name] = published.model }
        // Nobody else gets another number by it.
        var edited = published.model.withNumbers
        edited.servers.removeAll { $0.name == server }
        setBackend(name, edited, &adoption)
        addedServers[ServerReference(backend: name, server: server)] = nil
        serverTLS.freeUnused()
        return .done
    }

    private func isReferred(_ server: ServerReference) -> Bool {
        let isRuled = backends[server.backend]?.model.serverRules.contains { rule in
            if case .known(server.server) = rule.target { return true }
            return false
        }
        return isRuled == true || frontends.contains { $0.observedServers.contains(server) }
            || followingBackends.contains { name in
                backends[name]?.checks.values.contains { $0.plan.check.follows == server } == true
            }
    }
}

extension Backend {
    /// With the numbers that its servers have, said for each.
    fileprivate var withNumbers: Backend {
        var backend = self
        for (place, id) in HashRing.ids(servers.map(\.id)).enumerated() {
            backend.servers[place].id = Int(id)
        }
        return backend
    }
}
