import Basics
import Model
import Wire

/// What expressions read of stick tables.
extension Worker {
    /// The entry that a client, or else its exchange, tracks under a number.
    func tracked(
        _ slot: Int, _ client: Ref<ClientConnection>, _ exchange: Ref<Exchange>?
    ) -> TrackedEntry? {
        client[].details?[].tracked[slot] ?? exchange?[].ruling?[].tracked[slot]
    }

    /// What an expression reads of an entry; nil if nothing is tracked, or the table does not store it.
    func read(
        _ counter: CounterCode, of client: Ref<ClientConnection>, _ exchange: Ref<Exchange>?,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        guard case .tracked(let slot) = counter.entry else { return readSource(counter, client) }
        guard let entry = tracked(slot, client, exchange) else {
            return counter.value == .isHeld ? .boolean(false) : nil
        }
        if counter.value == .isHeld { return .boolean(true) }
        let now = clock.milliseconds
        guard counter.table != 0 else {
            return entry.use { shard, place, layout in
                shard.ask(counter.value, of: place, layout, now: now)
            }.map { Worker.number($0) }
        }
        guard let table = tableDirectory[counter.table], let key = key(of: entry, &workspace) else {
            return nil
        }
        return value(counter.value, of: key, in: table)
    }

    private func readSource(_ counter: CounterCode, _ client: Ref<ClientConnection>) -> Sample? {
        guard let table = tableDirectory[counter.table],
            let key = TableKey(client[].address, for: table._withUnsafeGuaranteedRef { $0.layout.type })
        else { return nil }
        return value(counter.value, of: key, in: table)
    }

    /// What the entry of a key says: 0 if there is none, which what changes entries makes one of.
    private func value(
        _ value: CounterValue, of key: TableKey, in table: Unmanaged<SharedTable>
    ) -> Sample? {
        let now = clock.milliseconds
        let answer: UInt64?? = table._withUnsafeGuaranteedRef { table in
            switch value {
            case .increment, .clear, .countConnection:
                table.obtain(key, now: now) { shard, entry in
                    shard.ask(value, of: entry, table.layout, now: now)
                }
            default:
                table.read(key, now: now) { shard, entry in
                    shard.ask(value, of: entry, table.layout, now: now)
                }
            }
        }
        guard let answer else { return .integer(0) }
        return answer.map { Worker.number($0) }
    }

    private static func number(_ value: UInt64) -> Sample { .integer(Int64(clamping: value)) }

    /// The key of an entry, for another table of the same type.
    private func key(of entry: TrackedEntry, _ workspace: inout SampleWorkspace) -> TableKey? {
        entry.use { shard, place, layout in
            switch layout.type {
            case .ip, .integer: return TableKey(shard[place, TableShard.headWords], 0, count: 1)
            case .ipv6:
                return TableKey(
                    shard[place, TableShard.headWords], shard[place, TableShard.headWords + 1], count: 2)
            case .string, .binary:
                let count = Int(clamping: shard[place, TableShard.headWords])
                let text = workspace.write { writer in
                    for start in stride(from: 0, to: count, by: 8) {
                        let word = shard[place, TableShard.headWords + 1 + start / 8]
                        writer.append(word, 0, count: min(8, count - start))
                    }
                }
                return text.flatMap { TableKey($0, for: layout.type) }
            }
        }
    }

    // MARK: Tables by any key

    /// What a table says of a key; nil if the sample can not be one.
    func look(
        up sample: Sample, in table: UInt64, for lookup: TableLookup, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        guard let table = tableDirectory[table],
            let key = TableKey(
                sample, for: table._withUnsafeGuaranteedRef { $0.layout.type }, &workspace)
        else { return nil }
        let now = clock.milliseconds
        switch lookup {
        case .isThere:
            return .boolean(
                table._withUnsafeGuaranteedRef { $0.read(key, now: now) { _, _ in true } } ?? false)
        case .value(let value): return self.value(value, of: key, in: table)
        case .expiry(let absent): return age(of: key, in: table, absent) { $1 > 0 ? $1 &- min($0, $1) : 0 }
        case .idleness(let absent): return age(of: key, in: table, absent) { idle, _ in idle }
        }
    }

    /// A time made of how long an entry has been left alone and how long it may be.
    private func age(
        of key: TableKey, in table: Unmanaged<SharedTable>, _ absent: Int64?,
        _ time: (UInt64, UInt64) -> UInt64
    ) -> Sample? {
        let now = clock.milliseconds
        let found = table._withUnsafeGuaranteedRef { table in
            table.read(key, now: now) { shard, entry in
                let touched = shard.touched(entry)
                return time(now > touched ? now - touched : 0, table.expire)
            }
        }
        return found.map { Worker.number($0) } ?? absent.map { .integer($0) }
    }

    /// How full a table is.
    func use(of table: UInt64, _ use: TableUse) -> Sample? {
        guard let table = tableDirectory[table] else { return nil }
        return table._withUnsafeGuaranteedRef { .integer(Int64(use == .entries ? $0.count : $0.room)) }
    }
}
