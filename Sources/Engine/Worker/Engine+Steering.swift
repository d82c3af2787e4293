import Model
import Synchronization
import Wire

/// What operators say of frontends and of the process.
extension Engine {
    /// Says something of a frontend, for all workers. Connections that are open stay.
    public func steer(frontend name: String, _ order: FrontendOrder) -> FrontendOutcome {
        state.withLock { $0?.steer(frontend: name, order, propagation) ?? .noSuchFrontend }
    }

    /// The most client connections there may be in all; 0 is no limit.
    public var connectionLimit: Int { state.withLock { $0?.limits.limit } ?? 0 }

    /// Changes it until the configuration is read again; nil goes back to what is configured.
    public func limitConnections(to limit: Int?) {
        state.withLock { $0?.limitConnections(to: limit ?? options.maxConnections) }
    }

    /// Forgets what was said of all servers and frontends, of certificates and of the process.
    public func endSteering() {
        state.withLock { running in
            running?.endSteering(propagation)
            running?.limitConnections(to: options.maxConnections)
        }
    }
}

extension Engine.Running {
    /// The frontends of a change as operators let them be; remembers them as they are configured.
    mutating func steered(_ frontends: [Frontend]) -> [Frontend] {
        configuredFrontends = frontends
        guard !frontendSteering.isEmpty else { return frontends }
        return frontends.map { frontendSteering[$0.name]?.steered($0) ?? $0 }
    }

    fileprivate mutating func steer(
        frontend name: String, _ order: FrontendOrder, _ propagation: PropagationLog
    ) -> FrontendOutcome {
        guard configuredFrontends.contains(where: { $0.name == name }) else { return .noSuchFrontend }
        let before = frontendSteering[name] ?? FrontendSteering()
        var after = before
        switch order {
        case .maxConnections(let limit): after.maxConnections = limit
        case .state(let state):
            if before.state == .stopped { return .isStopped }
            if before.state == state { return .unchanged }
            after.state = state
        }
        frontendSteering[name] = after
        guard publishFrontends(propagation).contains(where: { $0.severity == .error }) else { return .done }
        // Who can not listen again is as it was before.
        frontendSteering[name] = before
        _ = publishFrontends(propagation)
        return .refused
    }

    private mutating func publishFrontends(_ propagation: PropagationLog) -> [Diagnostic] {
        var change = Change()
        change.frontends = configuredFrontends
        return publish(change, propagation)
    }

    fileprivate mutating func endSteering(_ propagation: PropagationLog) {
        var adoption = Adoption(sequence: sequence + 1, onAdopted: {})
        publisher.endSteering(into: &adoption)
        if !adoption.pools.isEmpty { post(adoption) }
        publisher.checkOrders.send()
        if let table = publisher.restoreCertificates() {
            var adoption = Adoption(sequence: sequence + 1, onAdopted: {})
            adoption.certificates = table
            post(adoption)
        }
        guard !frontendSteering.isEmpty else { return }
        frontendSteering = [:]
        _ = publishFrontends(propagation)
    }

    fileprivate mutating func limitConnections(to limit: Int) {
        for turn in limits.adopt(process: limit) {
            workers[turn.worker].mailbox.post(.mayAccept(frontend: turn.frontend))
        }
    }

    /// Does what is said of a server; false if there is none.
    mutating func steer(_ server: String, of backend: BackendName, _ order: ServerOrder) -> Bool {
        var adoption = Adoption(sequence: sequence + 1, onAdopted: {})
        guard publisher.obey(order, server, of: backend, into: &adoption) else { return false }
        if !adoption.pools.isEmpty || !adoption.health.isEmpty { post(adoption) }
        publisher.checkOrders.send()
        return true
    }
}
