import Basics
import Model
import Wire

/// Stick tables' way through an exchange: they name a server for the request, and the server that answers is remembered.
extension Worker {
    /// The server that a table names for the request; nil if none does, or if it is chosen already. Notes what is to be
    /// remembered of it.
    func stuckServer(_ exchange: Ref<Exchange>, _ set: ServerSet, isChosen: Bool) -> Unmanaged<ServerState>? {
        guard let rules = set.stickRules else { return nil }
        let sticking = sticking(of: exchange)
        sticking[].clear()
        var found: Unmanaged<ServerState>?
        for i in 0..<rules.forRequests.count {
            let table = rules.forRequests[i].table
            if rules.forRequests[i].stores, sticking[].notes(table) { continue }
            guard holds(i, rules.whenRequested, exchange),
                let key = key(rules.forRequests[i].key, for: table, exchange)
            else { continue }
            if rules.forRequests[i].matches, let named = namedServer(key, table) {
                if !isChosen, found == nil {
                    found = rules.server(
                        of: named, table._withUnsafeGuaranteedRef { $0.serverKey },
                        isForced: exchange[].cookie.isForced)
                }
            }
            if rules.forRequests[i].stores { sticking[].note(key, for: table, headBuffers) }
        }
        sticking[].isDirect = found != nil
        return found
    }

    /// What a key's entry says; to be asked is to be used.
    private func namedServer(_ key: TableKey, _ table: Unmanaged<SharedTable>) -> ServerMark.Stored? {
        let now = clock.milliseconds
        return table._withUnsafeGuaranteedRef { table in
            table.read(key, now: now) { shard, entry in
                shard.touch(entry, now: now)
                return ServerMark.Stored(
                    id: shard.value(.serverID, in: entry, table.layout, now: now) ?? 0,
                    key: shard.value(.serverKey, in: entry, table.layout, now: now) ?? 0)
            }
        }
    }

    private func key(
        _ expression: borrowing CompiledExpression, for table: Unmanaged<SharedTable>,
        _ exchange: Ref<Exchange>, answer: ByteView? = nil
    ) -> TableKey? {
        samples.reset()
        let source = ExchangeSource(worker: self, exchange: exchange, answer: answer)
        let sample = expression.sample(of: source, &samples)
        noteOverruns()
        guard let sample else { return nil }
        let type = table._withUnsafeGuaranteedRef { $0.layout.type }
        return TableKey(sample, for: type, &samples)
    }

    private func holds(
        _ rule: Int, _ conditions: borrowing ConditionSet, _ exchange: Ref<Exchange>, answer: ByteView? = nil
    ) -> Bool {
        samples.reset()
        let source = ExchangeSource(worker: self, exchange: exchange, answer: answer)
        let holds = conditions.holds(rule, for: source, &samples)
        // What can not be decided is not done.
        let isDecided = samples.overruns == 0
        noteOverruns()
        return holds && isDecided
    }

    private func sticking(of exchange: Ref<Exchange>) -> Ref<Sticking> {
        if let known = exchange[].sticking { return known }
        let new = stickings.insert(Sticking())
        exchange[].sticking = new
        exchange[].countsSomewhere = true
        return new
    }

    /// The server answers, with this head if it has one: it is the one that entries name from now on.
    func remember(_ exchange: Ref<Exchange>, answer: ByteView?) {
        guard let sticking = exchange[].sticking, let server = exchange[].server,
            let set = exchange[].servers?.takeUnretainedValue(), let rules = set.stickRules,
            let mark = rules.mark(of: server)
        else { return }
        for i in 0..<rules.forAnswers.count {
            let table = rules.forAnswers[i].table
            guard !sticking[].notes(table), holds(i, rules.whenAnswered, exchange, answer: answer),
                let key = key(rules.forAnswers[i].key, for: table, exchange, answer: answer)
            else { continue }
            sticking[].note(key, for: table, headBuffers)
        }
        for i in 0..<sticking[].count {
            guard let (table, key) = sticking[].store(i) else { continue }
            table._withUnsafeGuaranteedRef { store(mark, for: key, in: $0) }
        }
        sticking[].clear()
    }

    private func store(_ mark: ServerMark, for key: TableKey, in table: SharedTable) {
        let (now, stored) = (clock.milliseconds, mark.stored(by: table.serverKey))
        table.obtain(key, now: now) { shard, entry in
            shard.touch(entry, now: now)
            _ = shard.set(.serverID, to: stored.id, in: entry, table.layout)
            _ = shard.set(.serverKey, to: stored.key, in: entry, table.layout)
        }
    }

    /// The exchange is over, as far as tables are concerned.
    func endSticking(_ exchange: Ref<Exchange>) {
        guard let sticking = exchange[].sticking else { return }
        exchange[].sticking = nil
        headBuffers.takeBack(&sticking[].texts)
        stickings.remove(sticking)
    }
}
