import Basics
import Model
import Synchronization

/// What statistics say of backends and their servers.
extension Publisher {
    /// All backends by name.
    func backendStatistics(now: UInt64) -> [(name: String, place: ProxyPlace, BackendStatistics)] {
        backends.map { name, backend in
            (name.description, backend.model.place, statistics(of: backend, name, now: now))
        }
    }

    private func statistics(of backend: PublishedBackend, _ name: BackendName, now: UInt64)
        -> BackendStatistics
    {
        var sums = TimeSums()
        let ids = HashRing.ids(backend.model.servers.map(\.id))
        var servers: [ServerStatistics] = []
        for (model, id) in zip(backend.model.servers, ids) {
            guard let state = backend.servers[model.asIdentity] else { continue }
            var server = ServerStatistics(state, sums: &sums, now: now)
            server.id = Int(id)
            describe(model, state, backend, name, now: now, in: &server)
            servers.append(server)
        }
        var statistics = BackendStatistics(backend.state, servers: servers, sums: sums, now: now)
        statistics.cookie = backend.model.persistence.cookie?.name
        statistics.balance = backend.model.balance
        statistics.idleTimeout = backend.model.timeouts.idle
        let full = backend.model.fullConnections
        statistics.fullConnections = full > 0 ? full : defaultFullConnections(of: name)
        statistics.activeServers = servers.count { $0.takesRequests && !$0.isBackup }
        statistics.backupServers = servers.count { $0.takesRequests && $0.isBackup }
        let counting = servers.filter { $0.takesRequests && $0.isBackup == (statistics.activeServers == 0) }
        let first = backend.model.usesAllBackups || statistics.activeServers > 0 ? counting.count : 1
        statistics.weight = counting.prefix(first).reduce(0) { $0 + $1.weight }
        statistics.userWeight = counting.prefix(first).reduce(0) { $0 + $1.userWeight }
        return statistics
    }

    /// What the configuration, checks and operators say of a server.
    private func describe(
        _ model: Server, _ state: ServerState, _ backend: PublishedBackend, _ name: BackendName, now: UInt64,
        in server: inout ServerStatistics
    ) {
        let check = backend.checks[model.asIdentity]
        let condition = check?.condition ?? ServerCondition()
        let steering = state.steering.withLock { $0 }
        server.userWeight = steering.weight ?? condition.weight?.weight(of: model.weight) ?? model.weight
        server.weight = server.userWeight
        server.limit = steering.maxConnections ?? condition.maxConnections ?? model.maxConnections
        server.isDrainedByCheck = condition.isDraining || steering.health == .stopping
        server.takesRequests =
            server.isUp && server.state == .ready && server.weight > 0 && !server.isDrainedByCheck
            && !condition.isDrained
        server.queueLimit = model.maxQueue
        server.cookie = model.cookie
        server.isBackup = model.isBackup
        server.idleLimit = backend.model.maxIdlePerServer
        server.check = check?.plan.check
        server.settings = model
        if let resolution = model.resolution {
            server.host = host(of: model, in: name)
            let said = configured(model.name, in: name)?.resolution?.name
            server.isRenamed = !server.host.isEmpty || said != resolution.name
        }
        if model.isWithoutAddress { server.address = "" }
        let configured = configured(model.name, in: name)
        server.configuredWeight = configured?.weight ?? model.weight
        server.hasGivenID = (configured?.id ?? 0) > 0
        server.condition = condition
        server.saidHealth = steering.health
        let asked = check.flatMap { followed(by: $0)?.server.steering.withLock { $0.pausesCheck } }
        (server.isCheckPaused, server.isAgentPaused) = (asked ?? steering.pausesCheck, steering.pausesAgent)
        server.health = check.flatMap { health(of: $0) }
        let settings = ServerSet.Settings(backend.model)
        guard model.slowStart > 0, server.isUp, settings.algorithm.hasDynamicWeights(settings.hashType) else {
            return
        }
        let steps = SlowStart.steps(
            startedAt: state.startOfSlowStart(now: now), now: now, duration: model.slowStart)
        guard steps < SlowStart.full else { return }
        server.slowStart = 100 * steps / SlowStart.full
        server.weight = max(1, server.weight * steps / SlowStart.full)
    }

    /// Of one that follows another, that one's.
    private func health(of check: PublishedCheck) -> HealthReport? {
        guard check.plan.check.follows != nil, check.plan.isFollower else {
            return check.server.health.load()?.report
        }
        return followed(by: check).flatMap { $0.plan.isFollower ? nil : $0.server.health.load()?.report }
    }

    /// Whom a server follows; nil if it is asked itself.
    private func followed(by check: PublishedCheck) -> PublishedCheck? {
        guard let followed = check.plan.check.follows, check.plan.isFollower else { return nil }
        let model = backends[followed.backend]?.model.servers.first { $0.name == followed.server }
        return model.flatMap { backends[followed.backend]?.checks[$0.asIdentity] }
    }

    /// Forgets the most there was of anything.
    func forgetMost() {
        for backend in backends.values {
            backend.state.mostWaiting.store(0, ordering: .relaxed)
            backend.state.meter.forgetMost()
            for server in backend.servers.values {
                server.mostWaiting.store(0, ordering: .relaxed)
                server.meter.forgetMost()
            }
        }
    }
}
