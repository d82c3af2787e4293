import Model
import Synchronization
import Wire

/// Servers that go on as files of states say they were.
extension Publisher {
    /// The servers there are, so that others can be told from them.
    var knownServers: Set<ObjectIdentifier> {
        Set(backends.values.flatMap { $0.servers.values.map { ObjectIdentifier($0) } })
    }

    /// Takes in what files say, for who adopts this. What checks know of servers that are `known` is newer than any file and stays.
    func restore(
        _ records: [ServerReference: ServerStateRecord], besides known: Set<ObjectIdentifier>,
        into adoption: inout Adoption
    ) {
        for (name, own) in Dictionary(grouping: records, by: \.key.backend) where backends[name] != nil {
            for (reference, record) in own {
                guard let (model, state) = server(reference.server, of: name) else { continue }
                let isNew = !known.contains(ObjectIdentifier(state))
                for edit in RestoredServer(record).edits(of: model) {
                    _ = change(reference.server, of: name, edit, into: &adoption)
                }
                restore(record, reference, isNew: isNew, &adoption)
            }
            renew(name, &adoption)
        }
        _ = settleFollowers(into: &adoption, now: Clock.now())
    }

    private func restore(
        _ record: ServerStateRecord, _ reference: ServerReference, isNew: Bool, _ adoption: inout Adoption
    ) {
        guard let (model, state) = server(reference.server, of: reference.backend) else { return }
        let restored = RestoredServer(record)
        state.steering.withLock { $0 = restored.steering(of: model) }
        let now = Clock.now()
        let since = now - min(now, UInt64(record.seconds) * 1_000_000_000)
        if isNew {
            restoreHealth(restored, model, state, of: reference.backend, since: since)
            if record.operation == .starting, model.slowStart > 0 { state.warmUp(at: max(1, since)) }
        }
        let isUp = backends[reference.backend]?.checks[model.asIdentity]?.condition.isUp ?? true
        if let effect = state.settle(isUp: isUp) { adoption.health.append(effect) }
        if isNew { state.availability.withLock { $0.moveBack(to: since) } }
    }

    /// A check that begins with this change begins as the last one ended. Who follows another is as that one is.
    private func restoreHealth(
        _ restored: RestoredServer, _ model: Server, _ state: ServerState, of name: BackendName, since: UInt64
    ) {
        let identity = model.asIdentity
        guard let check = backends[name]?.checks[identity], !check.plan.isFollower,
            let place = checkOrders.watched.lastIndex(where: { $0.serial == check.serial })
        else { return }
        let (rise, fall) = (max(1, check.plan.check.rise), max(1, check.plan.check.fall))
        let health = restored.health(rise: rise, fall: fall)
        let begins = HealthState(rise: rise, fall: fall, level: health.level)
        checkOrders.watched[place].restored = health
        backends[name]?.checks[identity]?.condition = ServerCondition(
            isUp: begins.isUp, isDraining: begins.isUp && health.isDraining)
        state.health.load()?.update { report in
            (report.isUp, report.state, report.level) = (begins.isUp, begins.description, begins.health)
            if check.plan.check.probe != nil { report.status = health.status }
            report.changedAt = since
        }
    }
}
