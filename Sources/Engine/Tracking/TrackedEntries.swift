import Model

/// The entries that a connection or an exchange tracks, each under its number.
struct TrackedEntries {
    private var entries = InlineArray<3, TrackedEntry?>(repeating: nil)
    /// The numbers that are used, a bit each.
    private(set) var used: UInt8 = 0

    static var slots: Range<Int> { 0..<CounterRead.most }

    var isEmpty: Bool { used == 0 }

    /// Whether a number is used.
    func has(_ slot: Int) -> Bool { TrackedEntries.slots.contains(slot) && used & 1 << UInt8(slot) != 0 }

    /// The entry of a number; nil if there is none.
    subscript(slot: Int) -> TrackedEntry? { has(slot) ? entries[slot] : nil }

    /// Tracks an entry under a number that is free.
    mutating func set(_ entry: TrackedEntry, at slot: Int) {
        guard TrackedEntries.slots.contains(slot) else { return }
        entries[slot] = entry
        used |= 1 << UInt8(slot)
    }
}

/// One entry that is held, and its table, which whoever tracks keeps alive.
struct TrackedEntry {
    let table: Unmanaged<SharedTable>
    let held: HeldEntry

    /// What `body` makes of the entry.
    func use<Result>(_ body: (inout TableShard, UInt32, borrowing TableLayout) -> Result) -> Result {
        table._withUnsafeGuaranteedRef { table in
            table.use(held) { shard, entry in body(&shard, entry, table.layout) }
        }
    }

    /// Counts an event, if the table stores that.
    func count(_ event: TableEvent, by amount: UInt64 = 1, now: UInt64) {
        guard table._withUnsafeGuaranteedRef({ $0.layout.counts(event) }) else { return }
        use { shard, entry, layout in
            shard.count(event, by: amount, in: entry, layout, now: now)
            shard.touch(entry, now: now)
        }
    }

    /// Lets it go: the connection it counted is over.
    func letGo(now: UInt64) {
        use { shard, entry, layout in
            shard.takeOne(from: .openConnections, in: entry, layout)
            shard.letGo(entry, now: now)
        }
    }
}
