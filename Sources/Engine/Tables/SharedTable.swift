import Basics
import Model
import Synchronization

/// A stick table as all workers use it: exact, whichever of them a request came to.
///
/// ```
///   key's hash ─► one of up to 64 parts, each with a lock of its own ─► index ─► entry
/// ```
/// A lock is held for what is done to one entry, some 50 ns, and parts stand on cache lines of their own; so two workers hardly ever
/// meet, and nobody waits for a message. Never more entries than `size` over all parts: who adds one counts it in first, and
/// a full table forgets the one of the same part that was used longest ago. Small tables are one part, and so exact in that too.
final class SharedTable: Sendable {
    let layout: TableLayout
    /// Limits of bandwidth that keys share.
    let paces = SharedPaces()
    /// What servers are remembered by.
    let serverKey: TableServerKey
    private let shards: FixedArray<Shard>
    /// Of 64, how many bits do not choose the part.
    private let shardShift: UInt64
    /// What any publish may change.
    private let settings: Settings
    private let padding = InlineArray<8, UInt64>(repeating: 0)
    private let used = Atomic<Int>(0)
    /// The number of the last change that peers were to be told of. Who talks to them counts.
    let changes = Atomic<UInt32>(0)
    /// Keeps it alive.
    private let bell: NewsBell?

    private struct Shard: ~Copyable {
        let entries: Mutex<TableShard>
        // No two locks on one cache line.
        let padding = InlineArray<8, UInt64>(repeating: 0)
    }

    private struct Settings: ~Copyable {
        let size: Atomic<Int>
        /// Milliseconds; 0 is never.
        let expire: Atomic<UInt64>
        let keepsEntries: Atomic<Bool>
    }

    /// A table without entries; its settings have no `flaw`.
    /// `bell` is rung when there is something to tell peers, if there are any.
    init(_ model: StickTable, bell: NewsBell? = nil) {
        let layout = TableLayout(type: model.type, stored: model.stored, isShared: model.peers != nil)
        let shift = SharedTable.shardBits(size: model.size)
        let (words, news) = (layout.words, layout.news)
        let rung = news > 0 ? bell.map { Unmanaged.passUnretained($0) } : nil
        self.bell = bell
        self.layout = layout
        serverKey = model.serverKey
        shardShift = UInt64(64 - shift)
        shards = FixedArray(count: 1 << shift) { _ in
            Shard(
                entries: Mutex(
                    TableShard(words: words, most: SharedTable.capacity(of: model), news: news, bell: rung)))
        }
        settings = Settings(
            size: Atomic(model.size), expire: Atomic(UInt64(model.expire)),
            keepsEntries: Atomic(model.keepsEntries))
    }

    /// One part for 64 entries, up to 64 of them.
    private static func shardBits(size: Int) -> Int {
        var bits = 0
        while bits < 6, size >> (bits + 7) > 0 { bits += 1 }
        return bits
    }

    /// What one part may hold: everything, should all keys fall there, and some room to grow by a publish.
    private static func capacity(of model: StickTable) -> Int { max(4 * 1024, model.size) }

    /// Takes over settings that leave entries as they are. False if these do not: it takes a new table.
    func adopt(_ model: StickTable, instead known: StickTable) -> Bool {
        guard model.type == known.type, model.stored == known.stored, model.serverKey == known.serverKey,
            (model.peers == nil) == (known.peers == nil),
            model.size <= max(known.size, SharedTable.capacity(of: known))
        else { return false }
        settings.size.store(model.size, ordering: .relaxed)
        settings.expire.store(UInt64(model.expire), ordering: .relaxed)
        settings.keepsEntries.store(model.keepsEntries, ordering: .relaxed)
        if !model.keepsEntries { shrink(to: model.size) }
        return true
    }

    /// How many entries there are, those that have expired and were not met since included.
    var count: Int { used.load(ordering: .relaxed) }

    /// How many more fit in.
    var room: Int { max(0, settings.size.load(ordering: .relaxed) - count) }

    /// Milliseconds without use after which entries are forgotten; 0 is never.
    var expire: UInt64 { settings.expire.load(ordering: .relaxed) }

    // MARK: Entries

    /// What `body` makes of a key's entry; nil if it has none.
    func read<Result>(_ key: TableKey, now: UInt64, _ body: (inout TableShard, UInt32) -> Result) -> Result? {
        shards[shard(of: key)].entries.withLock { shard in
            let entry = living(key, now, &shard)
            return entry == 0 ? nil : body(&shard, entry)
        }
    }

    /// The same, with an entry made if there was none; nil if there is no room for one.
    func obtain<Result>(_ key: TableKey, now: UInt64, _ body: (inout TableShard, UInt32) -> Result) -> Result?
    {
        let home = shard(of: key)
        // Room made elsewhere may be gone before it is used.
        for _ in 0..<4 {
            let result: Result? = shards[home].entries.withLock { shard in
                var entry = living(key, now, &shard)
                if entry == 0 { entry = add(key, now, &shard) }
                return entry == 0 ? nil : body(&shard, entry)
            }
            if let result { return result }
            guard makeRoom(besides: home, now) else { return nil }
        }
        return nil
    }

    /// What `body` makes of an entry that is held.
    func use<Result>(_ held: HeldEntry, _ body: (inout TableShard, UInt32) -> Result) -> Result {
        shards[Int(held.shard)].entries.withLock { shard in body(&shard, held.entry) }
    }

    /// Keeps a key's entry until it is let go; `body` is what is done with it at once. Nil if there is no room for one.
    func hold(_ key: TableKey, now: UInt64, _ body: (inout TableShard, UInt32) -> Void) -> HeldEntry? {
        obtain(key, now: now) { shard, entry in
            shard.hold(entry)
            body(&shard, entry)
            return HeldEntry(shard: UInt32(self.shard(of: key)), entry: entry)
        }
    }

    /// Keeps the entry of a key that is tracked from now on, until it is let go. Nil if there is no room for one.
    func track(_ key: TableKey, countsRequest: Bool, now: UInt64) -> HeldEntry? {
        hold(key, now: now) { shard, entry in
            shard.begin(in: entry, layout, now: now)
            if countsRequest { shard.count(.request, in: entry, layout, now: now) }
            shard.touch(entry, now: now)
        }
    }

    /// Every entry, part by part, as long as `body` wants more. Traffic of a part waits meanwhile.
    func forEach(_ body: (inout TableShard, UInt32) -> Bool) {
        for i in 0..<shards.count {
            let goesOn = shards[i].entries.withLock { shard in
                var entries: [UInt32] = []
                entries.reserveCapacity(shard.count)
                shard.forEach {
                    entries.append($0)
                    return true
                }
                return entries.allSatisfy { body(&shard, $0) }
            }
            guard goesOn else { return }
        }
    }

    /// Forgets a key; false if there is no such entry, or somebody holds it.
    func remove(_ key: TableKey, now: UInt64) -> Bool {
        shards[shard(of: key)].entries.withLock { shard in
            let entry = living(key, now, &shard)
            guard entry != 0, shard.holders(entry) == 0 else { return false }
            forget(entry, &shard)
            return true
        }
    }

    /// Forgets what has expired, at most so many of each part: for whoever has time.
    func purge(now: UInt64, most: Int) {
        for i in 0..<shards.count {
            shards[i].entries.withLock { shard in
                for _ in 0..<most where !dropExpired(&shard, now) { return }
            }
        }
    }

    // MARK: Peers

    /// Gives changes that peers were not told of their numbers, at most so many of each part; `body` tells them. True if there are more.
    func takeChanges(
        most: Int, now: UInt64, _ body: (borrowing TableShard, UInt32, UInt32) -> Void
    ) -> Bool {
        var hasMore = false
        for i in 0..<shards.count {
            shards[i].entries.withLock { shard in
                for _ in 0..<most {
                    let entry = shard.takeChanged()
                    guard entry != 0 else { return }
                    if isExpired(entry, shard, now) { continue }
                    let number = changes.load(ordering: .relaxed) &+ 1
                    changes.store(number, ordering: .relaxed)
                    shard.setChange(of: entry, number)
                    body(shard, entry, number)
                }
                hasMore = true
            }
        }
        return hasMore
    }

    /// Goes on with a walk over all entries that have not expired, as long as `body` wants more, and at most so many. Nil at the end.
    func walk(
        from place: TablePlace, most: Int, now: UInt64, _ body: (borrowing TableShard, UInt32) -> Bool
    ) -> TablePlace? {
        var place = place
        for _ in 0..<most {
            guard place.shard < shards.count else { return nil }
            let isDone: Bool = shards[place.shard].entries.withLock { shard in
                let next = shard.following(place.entry)
                guard next != 0 else {
                    place = TablePlace(shard: place.shard + 1, entry: 0)
                    return false
                }
                if !isExpired(next, shard, now), !body(shard, next) { return true }
                place.entry = next
                return false
            }
            if isDone { return place }
        }
        return place
    }

    /// Takes over what a peer says of a key; it does not have to be told of that. `remaining` is how long the entry still lives in
    /// milliseconds, nil as long as any.
    func learn(
        _ key: TableKey, remaining: UInt64?, now: UInt64, _ body: (inout TableShard, UInt32) -> Void
    ) {
        _ = obtain(key, now: now) { shard, entry in
            let expire = self.expire
            let age = remaining.map { expire - min(expire, $0) } ?? 0
            shard.learnAge(of: entry, now - min(now, age))
            body(&shard, entry)
        }
    }

    private func shard(of key: TableKey) -> Int { Int(truncatingIfNeeded: key.hash >> shardShift) }

    // MARK: Room

    /// The entry of a key; 0 if there is none, or it has expired.
    private func living(_ key: TableKey, _ now: UInt64, _ shard: inout TableShard) -> UInt32 {
        let entry = shard.find(key)
        guard entry != 0, isExpired(entry, shard, now) else { return entry }
        forget(entry, &shard)
        return 0
    }

    private func isExpired(_ entry: UInt32, _ shard: borrowing TableShard, _ now: UInt64) -> Bool {
        let expire = settings.expire.load(ordering: .relaxed)
        return expire > 0 && now >= shard.touched(entry) &+ expire && shard.holders(entry) == 0
    }

    /// A new entry; 0 if there is no room. Each time two that have expired go, so that nothing lies around for long.
    private func add(_ key: TableKey, _ now: UInt64, _ shard: inout TableShard) -> UInt32 {
        if dropExpired(&shard, now) { _ = dropExpired(&shard, now) }
        guard countIn() || replaceOldest(&shard) && countIn() else { return 0 }
        let entry = shard.insert(key, now: now)
        if entry == 0 { used.wrappingSubtract(1, ordering: .relaxed) }
        return entry
    }

    private func countIn() -> Bool {
        let size = settings.size.load(ordering: .relaxed)
        var count = used.load(ordering: .relaxed)
        while count < size {
            let (isDone, now) = used.compareExchange(
                expected: count, desired: count + 1, ordering: .relaxed)
            if isDone { return true }
            count = now
        }
        return false
    }

    private func dropExpired(_ shard: inout TableShard, _ now: UInt64) -> Bool {
        let oldest = shard.oldest
        guard oldest != 0, isExpired(oldest, shard, now) else { return false }
        forget(oldest, &shard)
        return true
    }

    private func dropOldest(_ shard: inout TableShard) -> Bool {
        guard shard.oldest != 0 else { return false }
        forget(shard.oldest, &shard)
        return true
    }

    private func replaceOldest(_ shard: inout TableShard) -> Bool {
        !settings.keepsEntries.load(ordering: .relaxed) && dropOldest(&shard)
    }

    /// A part after the other forgets one, so that nobody waits for long.
    private func shrink(to size: Int) {
        var hasMore = true
        while hasMore {
            hasMore = false
            for i in 0..<shards.count where count > size {
                if shards[i].entries.withLock({ dropOldest(&$0) }) { hasMore = true }
            }
        }
    }

    private func forget(_ entry: UInt32, _ shard: inout TableShard) {
        shard.remove(entry)
        used.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Makes room where a part that is full of entries in use, or has none, can not.
    private func makeRoom(besides home: Int, _ now: UInt64) -> Bool {
        for i in 1..<max(1, shards.count) {
            let found = shards[(home + i) % shards.count].entries.withLock { shard in
                dropExpired(&shard, now) || replaceOldest(&shard)
            }
            if found { return true }
        }
        return false
    }
}

/// An entry that stays where it is until it is let go.
struct HeldEntry {
    fileprivate let shard: UInt32
    fileprivate let entry: UInt32
}

/// How far a walk over a table has come.
struct TablePlace: Equatable {
    var shard = 0
    var entry: UInt32 = 0
}
