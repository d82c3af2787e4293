public import Model
import Synchronization
import Wire

/// Backends that operators add and remove, and let be used or not.
extension Engine {
    /// Adds a backend until the configuration is read again. No rule leads to it before it is published.
    public func add(_ backend: Backend, named name: String) -> BackendAddition {
        state.withLock {
            $0?.add(backend, named: BackendName(name), propagation) ?? .unusable("nothing runs")
        }
    }

    /// Whether rules may lead to a backend, from now on and until the configuration is read again; false if there is none.
    public func publish(backend name: String, _ isPublished: Bool) -> Bool {
        state.withLock { $0?.publish(backend: BackendName(name), isPublished, propagation) ?? false }
    }

    /// Whether a backend may be removed at this moment.
    public func removal(of backend: String) -> BackendRemoval {
        state.withLock { $0?.removal(of: BackendName(backend)) ?? .noSuchBackend }
    }

    /// Removes a backend that may be, until the configuration is read again.
    public func remove(backend name: String) -> BackendRemoval {
        state.withLock { $0?.remove(BackendName(name), propagation) ?? .noSuchBackend }
    }
}

extension Engine.Running {
    fileprivate mutating func add(
        _ backend: Backend, named name: BackendName, _ propagation: PropagationLog
    ) -> BackendAddition {
        if publisher.backends[name] != nil {
            let isListen = configuredFrontends.contains { $0.isListen && $0.name == name.description }
            return .nameIsTaken(by: isListen ? "listen" : "backend")
        }
        if configuredFrontends.contains(where: { $0.name == name.description }) {
            return .nameIsTaken(by: "frontend")
        }
        var backend = backend
        let places = configuredFrontends.map(\.place) + publisher.backends.values.map(\.model.place)
        let taken = Set(places.map(\.id))
        backend.place.order = (places.map(\.order).max() ?? 0) + 1
        backend.place.id = (1...taken.count + 1).first { !taken.contains($0) } ?? 0
        var change = Change()
        change.backends[name] = backend
        let problems = publish(change, propagation).filter { $0.severity == .error }
        guard problems.isEmpty, publisher.backends[name] != nil else {
            change.backends[name] = .some(nil)
            _ = publish(change, propagation)
            return .unusable(problems.first?.message ?? "it can not be used")
        }
        backendSteering.added[name] = backend.place.mode
        backendSteering.unpublished.insert(name)
        return .added
    }

    fileprivate mutating func publish(
        backend name: BackendName, _ isPublished: Bool, _ propagation: PropagationLog
    ) -> Bool {
        guard publisher.backends[name] != nil else { return false }
        let before = backendSteering.unpublished
        if isPublished {
            backendSteering.unpublished.remove(name)
        } else {
            backendSteering.unpublished.insert(name)
        }
        if before != backendSteering.unpublished { _ = publishFrontends(propagation) }
        return true
    }

    fileprivate func removal(of name: BackendName) -> BackendRemoval {
        guard let backend = publisher.backends[name] else { return .noSuchBackend }
        if configuredFrontends.contains(where: { $0.isListen && $0.name == name.description }) {
            return .isListen
        }
        if publisher.tables[TableName(name.description)] != nil { return .hasTable }
        if isReferred(name) { return .isReferred }
        guard backendSteering.unpublished.contains(name) else { return .isPublished }
        guard backend.model.servers.isEmpty else { return .hasServers }
        let statistics = publisher.backendStatistics(now: Clock.now()).first { $0.name == name.description }
        return statistics.map { $0.2.active + UInt64(max(0, $0.2.waiting)) } ?? 0 > 0 ? .isBusy : .done
    }

    private func isReferred(_ name: BackendName) -> Bool {
        configuredFrontends.contains { frontend in
            frontend.fallback == .backend(name) || frontend.observedBackends.contains(name)
                || frontend.backendRules.contains { $0.backend == name }
        }
    }

    fileprivate mutating func remove(_ name: BackendName, _ propagation: PropagationLog) -> BackendRemoval {
        let removal = removal(of: name)
        guard removal == .done else { return removal }
        if backendSteering.added.removeValue(forKey: name) == nil {
            // The servers it had are gone too, for now.
            backendSteering.removed[name] =
                publisher.configuredBackends[name] ?? publisher.backends[name]?.model
        }
        backendSteering.unpublished.remove(name)
        var change = Change()
        change.backends[name] = .some(nil)
        change.frontends = configuredFrontends
        _ = publish(change, propagation)
        return .done
    }

    /// What leads back to the backends as they are configured.
    mutating func endBackendSteering() -> Change {
        var change = Change()
        for name in backendSteering.added.keys { change.backends[name] = .some(nil) }
        for (name, backend) in backendSteering.removed { change.backends[name] = backend }
        backendSteering = BackendSteering()
        return change
    }
}
