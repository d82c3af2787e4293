import Basics
import Model
import Synchronization
import Wire

/// A server's check as it was published, and what it has found.
struct PublishedCheck {
    let server: ServerState
    let plan: CheckPlan
    /// Which check of this server it is.
    let serial: UInt64
    var condition: ServerCondition
}

/// What the checker is to be told.
struct CheckOrders {
    var watched: [WatchedServer] = []
    var forgotten: [ServerState] = []
    var serial: UInt64 = 0
    let mailbox = Mailbox<CheckOrder>()

    /// Leaves them in the mailbox and begins anew.
    mutating func send() {
        if !forgotten.isEmpty { mailbox.post(.forget(forgotten)) }
        if !watched.isEmpty { mailbox.post(.watch(watched)) }
        (watched, forgotten) = ([], [])
    }
}

/// Checks follow the servers that are published, and what they find becomes sets of servers.
extension Publisher {
    /// Whether any server has been checked so far.
    var hasChecks: Bool { checkOrders.serial > 0 }

    /// The servers that are checked, for metrics.
    var checkedServers: [(backend: BackendName, server: ServerState)] {
        guard hasChecks else { return [] }
        return backends.flatMap { name, backend in backend.checks.values.map { (name, $0.server) } }
    }

    /// The checks of a backend's servers from now on. What is checked as before goes on; what changed begins anew, from the
    /// state it has; a server that is checked no more is up.
    func follow(
        _ backend: Backend, _ name: BackendName, _ states: [ServerState], known: [Server: PublishedCheck],
        effects: inout [HealthEffect]
    ) -> [Server: PublishedCheck] {
        noteResolution(of: name, backend)
        guard !known.isEmpty || backend.servers.contains(where: { $0.check != nil }) else { return [:] }
        var checks: [Server: PublishedCheck] = [:]
        let weight = backend.servers.reduce(0) { $0 + ($1.isBackup ? 0 : $1.weight) }
        for (server, state) in zip(backend.servers, states) {
            let identity = server.asIdentity
            let before = known[identity]
            // Nobody is asked who is nowhere.
            let asked = server.isWithoutAddress ? nil : server
            let plan = asked.flatMap {
                CheckPlan($0, at: state.address, timeouts: backend.timeouts, backendWeight: weight)
            }
            guard let plan else {
                if let before { end(before, effects: &effects) }
                continue
            }
            guard before?.plan != plan else {
                checks[identity] = before
                continue
            }
            let tls = tls(of: plan, with: state, in: backend)
            if plan.tls != nil, tls == nil, let before {
                checks[identity] = before
                continue
            }
            checks[identity] = begin(plan, tls, identity, name, state, before?.condition)
            if plan.check.observation != nil || before?.plan.check.observation != nil {
                effects.append(.observe(state, plan.check.observation != nil))
            }
        }
        for (identity, check) in known where checks[identity] == nil {
            checkOrders.forgotten.append(check.server)
        }
        return checks
    }

    private func end(_ check: PublishedCheck, effects: inout [HealthEffect]) {
        check.server.health.load()?.observe(nil)
        if check.plan.check.observation != nil { effects.append(.observe(check.server, false)) }
        guard !check.condition.isUp, let effect = check.server.settle(isUp: true) else { return }
        effects.append(effect)
    }

    private func begin(
        _ plan: CheckPlan, _ tls: UpstreamTLS?, _ identity: Server, _ name: BackendName,
        _ state: ServerState, _ before: ServerCondition?
    ) -> PublishedCheck {
        let isUp = before?.isUp ?? true
        let beginning = HealthState(rise: plan.check.rise, fall: plan.check.fall, isUp: isUp)
        checkOrders.serial += 1
        let watched = WatchedServer(
            state: state, backend: name, identity: identity, plan: plan, tls: tls,
            serial: checkOrders.serial, isUp: isUp)
        let health = state.health.storeIfNil(
            ServerHealth(
                HealthReport(beginning, changedAt: Clock.now()), checker: checkOrders.mailbox))
        health.observe(plan.check.observation.map { TrafficJudge($0) })
        if !plan.isFollower { checkOrders.watched.append(watched) }
        return PublishedCheck(
            server: state, plan: plan, serial: watched.serial, condition: ServerCondition(isUp: isUp))
    }

    /// A backend as checks and agents let it be. Who is down is known by its state.
    static func adjusted(_ backend: Backend, by checks: [Server: PublishedCheck]) -> Backend {
        guard checks.values.contains(where: { $0.condition.adjusts }) else { return backend }
        var adjusted = backend
        for i in backend.servers.indices {
            checks[backend.servers[i].asIdentity]?.condition.adjust(&adjusted.servers[i])
        }
        return adjusted
    }

    /// Takes in what checks have found: new sets for the backends it changes, and what to say about it.
    func adopt(_ verdicts: [HealthVerdict], into adoption: inout Adoption, now: UInt64) -> [HealthNotice] {
        takeIn(verdicts, into: &adoption, now: now) + settleFollowers(into: &adoption, now: now)
    }

    /// The same for these servers alone.
    func takeIn(_ verdicts: [HealthVerdict], into adoption: inout Adoption, now: UInt64) -> [HealthNotice] {
        var notices: [HealthNotice] = []
        for (name, verdicts) in Dictionary(grouping: verdicts, by: \.server.backend) {
            guard let backend = backends[name] else { continue }
            var census = HealthCensus(backend)
            for verdict in verdicts {
                notices += adopt(verdict, &census, now: now, effects: &adoption.health)
            }
            let states = backend.model.servers.compactMap { backend.servers[$0.asIdentity] }
            let checks = backends[name]?.checks ?? [:]
            adoption.pools.append((backend.state, serverSet(of: backend.model, name, checks, states)))
        }
        return notices
    }

    /// What there is to say about one; nothing if it is of a check that was replaced.
    private func adopt(
        _ verdict: HealthVerdict, _ census: inout HealthCensus, now: UInt64, effects: inout [HealthEffect]
    ) -> [HealthNotice] {
        let (name, identity) = (verdict.server.backend, verdict.server.identity)
        let after = verdict.condition
        guard let check = backends[name]?.checks[identity], check.serial == verdict.server.serial,
            let model = census.model(identity), check.condition != after
        else { return [] }
        let wasEmpty = census.isEmpty
        backends[name]?.checks[identity]?.condition = after
        census.change(model, from: check.condition, to: after)
        apply(verdict, before: check.condition, now: now, effects: &effects)
        var notices: [HealthNotice] = []
        if after.isNews(after: check.condition) {
            notices.append(
                .change(
                    "\(name)/\(model.name)", isBackup: model.isBackup, before: check.condition, after: after,
                    reason: verdict.reason, counts(of: verdict, census)))
        }
        if census.isEmpty, !wasEmpty {
            notices.append(HealthNotice(.emergency, "backend \(name) has no server available!"))
        }
        return notices
    }

    private func counts(of verdict: HealthVerdict, _ census: HealthCensus) -> HealthNotice.Counts {
        let state = verdict.server.state
        var counts = HealthNotice.Counts(active: census.active, backup: census.backup)
        counts.sessions = state.active
        counts.waiting = backends[verdict.server.backend]?.state.waiting.load(ordering: .relaxed) ?? 0
        return counts
    }

    private func apply(
        _ verdict: HealthVerdict, before: ServerCondition, now: UInt64, effects: inout [HealthEffect]
    ) {
        let (server, check) = (verdict.server.state, verdict.server.plan.check)
        let isUp = verdict.condition.isUp
        guard isUp != before.isUp else { return }
        let effect = server.settle(isUp: isUp)
        server.health.load()?.update { report in
            report.isUp = isUp
            report.changedAt = now
            if !isUp { report.downs += 1 }
        }
        // An operator has taken it out of service before.
        guard let effect else { return }
        guard isUp else { return effects.append(.down(server, endsSessions: check.endsSessionsWhenDown)) }
        server.warmUp(at: now)
        effects.append(effect)
        guard check.endsBackupSessionsWhenUp, let backend = backends[verdict.server.backend] else { return }
        for model in backend.model.servers where model.isBackup {
            if let backup = backend.servers[model.asIdentity] { effects.append(.endSessions(backup)) }
        }
    }
}
