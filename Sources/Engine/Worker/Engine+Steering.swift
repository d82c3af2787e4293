public import Model
import Synchronization
import Wire

/// What operators say of servers, of frontends and of the process.
extension Engine {
    /// A server as operators know it; nil if there is none.
    public func server(_ name: String, of backend: String) -> ServerReport? {
        state.withLock { $0?.publisher.report(of: name, in: BackendName(backend)) }
    }

    /// Says something of a server, for all workers; false if there is none.
    public func steer(_ name: String, of backend: String, _ order: ServerOrder) -> Bool {
        state.withLock { $0?.steer(name, of: BackendName(backend), order) ?? false }
    }

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

    /// Changes how much may begin in a second until the configuration is read again.
    public func limitRates(_ change: (inout ProcessLimits) -> Void) {
        state.withLock { running in
            guard var rates = running?.rates else { return }
            change(&rates)
            running?.limitRates(to: rates)
        }
    }

    /// Changes how many bytes are compressed in a second until the configuration is read again; 0 is no limit.
    public func limitCompression(to bytes: Int64) { state.withLock { $0?.compression.limitRate(to: bytes) } }

    /// Forgets what was said of all servers and frontends, of certificates and of the process. What `records` say of servers holds from
    /// then on.
    public func endSteering(restoring records: [ServerReference: ServerStateRecord] = [:]) {
        state.withLock { running in
            running?.endSteering(restoring: records, propagation)
            running?.limitConnections(to: options.maxConnections)
            running?.limitRates(to: options.limits)
            running?.compression.limitRate(to: options.compression.maxRate)
        }
    }
}

extension Engine.Running {
    /// The frontends of a change as operators let them be; remembers them as they are configured.
    mutating func steered(_ frontends: [Frontend]) -> [Frontend] {
        configuredFrontends = frontends
        guard !frontendSteering.isEmpty || !backendSteering.isEmpty else { return frontends }
        return frontends.map { backendSteering.steered(frontendSteering[$0.name]?.steered($0) ?? $0) }
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

    mutating func publishFrontends(_ propagation: PropagationLog) -> [Diagnostic] {
        var change = Change()
        change.frontends = configuredFrontends
        return publish(change, propagation)
    }

    fileprivate mutating func endSteering(
        restoring records: [ServerReference: ServerStateRecord], _ propagation: PropagationLog
    ) {
        var adoption = Adoption(sequence: sequence + 1, onAdopted: {})
        let known = records.isEmpty ? [] : publisher.knownServers
        publisher.endSteering(into: &adoption)
        if !records.isEmpty { publisher.restore(records, besides: known, into: &adoption) }
        if !adoption.pools.isEmpty { post(adoption) }
        publisher.checkOrders.send()
        publisher.sendResolverOrders()
        publisher.authorities.restore()
        if let table = publisher.restoreCertificates() {
            var adoption = Adoption(sequence: sequence + 1, onAdopted: {})
            adoption.certificates = table
            post(adoption)
        }
        guard !frontendSteering.isEmpty || !backendSteering.isEmpty else { return }
        frontendSteering = [:]
        var change = endBackendSteering()
        change.frontends = configuredFrontends
        _ = publish(change, propagation)
    }

    fileprivate mutating func limitConnections(to limit: Int) {
        limits.adopt(process: limit)
        workers.first?.mailbox.post(.limitsChanged)
    }

    fileprivate mutating func limitRates(to rates: ProcessLimits) {
        self.rates = rates
        limits.adopt(publisher.frontends, listeners: listeners.limits, rates)
        workers.first?.mailbox.post(.limitsChanged)
    }

    /// Does what is said of a server; false if there is none.
    mutating func steer(_ server: String, of backend: BackendName, _ order: ServerOrder) -> Bool {
        var adoption = Adoption(sequence: sequence + 1, onAdopted: {})
        guard publisher.obey(order, server, of: backend, into: &adoption) else { return false }
        if !adoption.pools.isEmpty || !adoption.health.isEmpty { post(adoption) }
        publisher.checkOrders.send()
        publisher.sendResolverOrders()
        return true
    }
}
