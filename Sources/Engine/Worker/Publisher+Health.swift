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
        guard !known.isEmpty || backend.servers.contains(where: { $0.check != nil }) else { return [:] }
        var checks: [Server: PublishedCheck] = [:]
        for (server, state) in zip(backend.servers, states) {
            let identity = server.asIdentity
            let before = known[identity]
            guard let plan = CheckPlan(server, at: state.address, timeouts: backend.timeouts) else {
                if let before { end(before, effects: &effects) }
                continue
            }
            guard before?.plan != plan else {
                checks[identity] = before
                continue
            }
            checks[identity] = begin(plan, identity, name, state, before?.condition)
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
        guard !check.condition.isUp else { return }
        check.server.isUp.store(true, ordering: .relaxed)
        effects.append(.up(check.server))
    }

    private func begin(
        _ plan: CheckPlan, _ identity: Server, _ name: BackendName, _ state: ServerState,
        _ before: ServerCondition?
    ) -> PublishedCheck {
        let isUp = before?.isUp ?? true
        let beginning = HealthState(rise: plan.check.rise, fall: plan.check.fall, isUp: isUp)
        checkOrders.serial += 1
        let watched = WatchedServer(
            state: state, backend: name, identity: identity, plan: plan, serial: checkOrders.serial,
            isUp: isUp)
        let health = state.health.storeIfNil(
            ServerHealth(
                HealthReport(beginning, changedAt: Clock.now()), checker: checkOrders.mailbox))
        health.observe(plan.check.observation.map { TrafficJudge($0) })
        checkOrders.watched.append(watched)
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
        var notices: [HealthNotice] = []
        for verdict in verdicts {
            let (name, identity) = (verdict.server.backend, verdict.server.identity)
            guard let check = backends[name]?.checks[identity], check.serial == verdict.server.serial,
                check.condition != verdict.condition
            else { continue }
            backends[name]?.checks[identity]?.condition = verdict.condition
            apply(verdict, before: check.condition, now: now, effects: &adoption.health)
            if let notice = notice(verdict, before: check.condition) { notices.append(notice) }
            if verdict.condition.isUp != check.condition.isUp, !verdict.condition.isUp,
                let empty = emptiness(of: name)
            {
                notices.append(empty)
            }
        }
        for name in Set(verdicts.map(\.server.backend)) {
            guard let backend = backends[name] else { continue }
            let states = backend.model.servers.compactMap { backend.servers[$0.asIdentity] }
            adoption.pools.append((backend.state, serverSet(of: backend.model, backend.checks, states)))
        }
        return notices
    }

    private func apply(
        _ verdict: HealthVerdict, before: ServerCondition, now: UInt64, effects: inout [HealthEffect]
    ) {
        let (server, check) = (verdict.server.state, verdict.server.plan.check)
        let isUp = verdict.condition.isUp
        guard isUp != before.isUp else { return }
        server.isUp.store(isUp, ordering: .relaxed)
        server.health.load()?.update { report in
            report.isUp = isUp
            report.changedAt = now
            if !isUp { report.downs += 1 }
        }
        guard isUp else { return effects.append(.down(server, endsSessions: check.endsSessionsWhenDown)) }
        server.warmUp(at: now)
        effects.append(.up(server))
        guard check.endsBackupSessionsWhenUp, let backend = backends[verdict.server.backend] else { return }
        for model in backend.model.servers where model.isBackup {
            if let backup = backend.servers[model.asIdentity] { effects.append(.endSessions(backup)) }
        }
    }

    private func notice(_ verdict: HealthVerdict, before: ServerCondition) -> HealthNotice? {
        guard verdict.condition.isNews(after: before), let backend = backends[verdict.server.backend],
            let model = backend.model.servers.first(where: { $0.asIdentity == verdict.server.identity })
        else { return nil }
        var counts = usable(in: backend)
        let state = verdict.server.state
        for i in 0..<state.perWorker.count { counts.sessions &+= state.perWorker[i].active.value }
        counts.waiting = backend.state.waiting.load(ordering: .relaxed)
        return .change(
            "\(verdict.server.backend)/\(model.name)", isBackup: model.isBackup, before: before,
            after: verdict.condition, reason: verdict.reason, counts)
    }

    private func emptiness(of name: BackendName) -> HealthNotice? {
        guard let backend = backends[name] else { return nil }
        let counts = usable(in: backend)
        guard counts.active == 0, counts.backup == 0 else { return nil }
        return HealthNotice(.emergency, "backend \(name) has no server available!")
    }

    private func usable(in backend: PublishedBackend) -> HealthNotice.Counts {
        var counts = HealthNotice.Counts()
        for model in Publisher.adjusted(backend.model, by: backend.checks).servers where model.weight > 0 {
            guard backend.servers[model.asIdentity]?.isUp.load(ordering: .relaxed) == true else { continue }
            if model.isBackup { counts.backup += 1 } else { counts.active += 1 }
        }
        return counts
    }
}
