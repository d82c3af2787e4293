import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Shared table")
struct SharedTableTests {
    private func table(
        size: Int, expire: Int = 0, keeps: Bool = false, _ stored: [StoredData] = [StoredData(.gpc0)]
    )
        -> SharedTable
    {
        SharedTable(model(size: size, expire: expire, keeps: keeps, stored))
    }

    private func model(
        size: Int, expire: Int = 0, keeps: Bool = false, _ stored: [StoredData] = [StoredData(.gpc0)]
    )
        -> StickTable
    {
        var model = StickTable(type: .integer, size: size, stored: stored)
        model.expire = expire
        model.keepsEntries = keeps
        return model
    }

    private func key(_ number: Int) -> TableKey { TableKey(number: Int64(number)) }

    private func has(_ table: SharedTable, _ number: Int, now: UInt64 = 0) -> Bool {
        table.read(key(number), now: now) { _, _ in true } ?? false
    }

    /// Counts one, and says what it is then; nil if there was no room.
    @discardableResult
    private func use(_ table: SharedTable, _ number: Int, now: UInt64 = 0) -> UInt64? {
        table.obtain(key(number), now: now) { shard, entry in
            shard.touch(entry, now: now)
            return shard.add(1, to: .gpc0, in: entry, table.layout) ?? 0
        }
    }

    @Test("a key keeps its entry")
    func entries() {
        let table = table(size: 10_000)
        for round in 1...3 {
            for i in 0..<5_000 { #expect(use(table, i) == UInt64(round)) }
        }
        #expect(table.count == 5_000)
        #expect(!has(table, 5_000))
    }

    @Test("a small table forgets exactly what was used longest ago", arguments: [1, 2, 5, 100])
    func oldest(size: Int) {
        let table = table(size: size)
        for i in 0..<size { use(table, i) }
        if size > 1 { use(table, 0) }
        use(table, size)
        #expect(table.count == size)
        #expect(has(table, 0) == (size > 1))
        #expect(size == 1 || !has(table, 1))
        #expect((2...max(2, size)).allSatisfy { $0 > size || has(table, $0) })
    }

    @Test(
        "there are never more entries than its size, and as many as that",
        arguments: [1, 63, 128, 1_000, 20_000])
    func size(size: Int) {
        let table = table(size: size)
        for i in 0..<size * 3 {
            #expect(use(table, i) != nil)
            #expect(table.count <= size)
        }
        #expect(table.count == size)
        #expect((0..<size * 3).count { has(table, $0) } == size)
    }

    @Test("with nopurge a full table takes nothing new and keeps what it has")
    func nopurge() {
        let table = table(size: 300, keeps: true)
        for i in 0..<300 { #expect(use(table, i) == 1) }
        #expect(use(table, 300) == nil)
        #expect((0..<300).allSatisfy { use(table, $0) == 2 })
    }

    @Test("with nopurge what has expired makes room, wherever it stands")
    func nopurgeExpired() {
        let table = table(size: 300, expire: 100, keeps: true)
        for i in 0..<300 { #expect(use(table, i, now: 5) == 1) }
        #expect(use(table, 300, now: 104) == nil)
        for i in 300..<600 { #expect(use(table, i, now: 105) == 1) }
        #expect(table.count == 300)
    }

    @Test("an entry expires when it was not used for long enough, to the millisecond")
    func expiry() {
        let table = table(size: 50, expire: 100)
        use(table, 1, now: 1_000)
        use(table, 1, now: 1_050)
        #expect(has(table, 1, now: 1_149))
        #expect(!has(table, 1, now: 1_150))
        #expect(table.count == 0)
        #expect(use(table, 1, now: 1_151) == 1)
    }

    @Test("reading is no use")
    func reading() {
        let table = table(size: 50, expire: 100)
        use(table, 1, now: 1_000)
        #expect(has(table, 1, now: 1_099))
        #expect(!has(table, 1, now: 1_100))
    }

    @Test("without expire nothing is ever forgotten for its age")
    func forever() {
        let table = table(size: 50)
        use(table, 1, now: 1)
        #expect(has(table, 1, now: .max / 2))
    }

    @Test("what has expired goes while others come")
    func sweep() {
        let table = table(size: 100, expire: 10)
        for i in 0..<50 { use(table, i, now: 0) }
        for i in 50..<75 { use(table, i, now: 20) }
        #expect(table.count == 25)
        table.purge(now: 500, most: 100)
        #expect(table.count == 0)
    }

    @Test("what is held stays in a full table, and after its time")
    func held() throws {
        let table = table(size: 3, expire: 10)
        let held = try #require(table.hold(key(1), now: 0) { _, _ in })
        for i in 2..<10 { use(table, i) }
        #expect(has(table, 1, now: 500))
        #expect(table.count == 3)
        table.use(held) { shard, entry in shard.letGo(entry, now: 500) }
        #expect(has(table, 1, now: 509))
        #expect(!has(table, 1, now: 510))
    }

    @Test("a table full of what is held takes nothing new", arguments: [2, 500])
    func allHeld(size: Int) throws {
        let table = table(size: size)
        let held = try (0..<size).map { i in try #require(table.hold(key(i), now: 0) { _, _ in }) }
        #expect(use(table, size) == nil)
        #expect(table.hold(key(size), now: 0) { _, _ in } == nil)
        table.use(held[0]) { shard, entry in shard.letGo(entry, now: 1) }
        #expect(use(table, size) == 1)
        #expect(!has(table, 0))
    }

    @Test("a key is forgotten when asked, if nobody holds it")
    func remove() throws {
        let table = table(size: 30)
        use(table, 1)
        #expect(table.remove(key(1), now: 0))
        #expect(!table.remove(key(1), now: 0))
        let held = try #require(table.hold(key(1), now: 0) { _, _ in })
        #expect(!table.remove(key(1), now: 0))
        table.use(held) { shard, entry in shard.letGo(entry, now: 0) }
        #expect(table.remove(key(1), now: 0))
        #expect(table.count == 0)
    }

    @Test("all entries can be walked through, and the walk ended")
    func walk() {
        let table = table(size: 5_000)
        for i in 0..<3_000 { use(table, i) }
        var found: Set<UInt64> = []
        table.forEach { shard, entry in
            found.insert(shard[entry, TableShard.headWords])
            return true
        }
        #expect(found == Set((0..<3_000).map { UInt64($0) }))
        var steps = 0
        table.forEach { _, _ in
            steps += 1
            return steps < 10
        }
        #expect(steps == 10)
    }

    // MARK: Publishes

    @Test("a publish that changes size, expire and nopurge keeps the entries")
    func adopt() {
        let table = table(size: 100, expire: 1_000)
        for i in 0..<50 { use(table, i, now: 5) }
        #expect(table.adopt(model(size: 200, expire: 10), instead: model(size: 100, expire: 1_000)))
        #expect(has(table, 1, now: 14))
        #expect(!has(table, 1, now: 15))
        #expect(table.adopt(model(size: 60, keeps: true), instead: model(size: 200, expire: 10)))
        for i in 50..<61 { use(table, i, now: 15) }
        #expect(table.count == 60)
    }

    @Test("a smaller table forgets what was used longest ago at once")
    func shrink() {
        let table = table(size: 100)
        for i in 0..<100 { use(table, i) }
        #expect(table.adopt(model(size: 10), instead: model(size: 100)))
        #expect(table.count == 10)
        #expect((90..<100).allSatisfy { has(table, $0) })
        let large = SharedTable(model(size: 10_000))
        for i in 0..<10_000 { use(large, i) }
        #expect(large.adopt(model(size: 77), instead: model(size: 10_000)))
        #expect(large.count == 77)
    }

    @Test("other keys, other data or far more entries are another table")
    func another() {
        let table = table(size: 100)
        let known = model(size: 100)
        var other = known
        other.type = .ip
        #expect(!table.adopt(other, instead: known))
        #expect(!table.adopt(model(size: 100, [StoredData(.gpc1)]), instead: known))
        #expect(!table.adopt(model(size: 10_000_000), instead: known))
    }

    // MARK: Threads

    private func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).compactMap { i in Thread(name: "t") { body(i) } }
        #expect(threads.count == count)
        threads.forEach { $0.join() }
    }

    @Test("no count is lost, whichever threads they come from")
    func counts() {
        let table = table(size: 1_000, [StoredData(.requests), StoredData(.requestRate, period: 60_000)])
        run(4) { _ in
            for i in 0..<8_000 {
                table.obtain(TableKey(number: Int64(i % 50)), now: 7) { shard, entry in
                    shard.count(.request, in: entry, table.layout, now: 7)
                }
            }
        }
        for i in 0..<50 {
            let found = table.read(key(i), now: 7) { shard, entry in
                [StoredData.Kind.requests, .requestRate].map {
                    shard.value($0, in: entry, table.layout, now: 7)
                }
            }
            #expect(found == [640, 640])
        }
    }

    @Test("threads that fill a full table keep it at its size", arguments: [1, 100, 3_000])
    func full(size: Int) {
        let table = table(size: size)
        let isOver = Atomic<Bool>(false)
        run(4) { thread in
            for i in 0..<4_000 {
                let key = TableKey(number: Int64(i * 4 + thread))
                table.obtain(key, now: 3) { shard, entry in shard.touch(entry, now: 3) }
                if table.count > size { isOver.store(true, ordering: .relaxed) }
            }
        }
        holds(!isOver.load(ordering: .relaxed))
        var walked = 0
        table.forEach { _, _ in
            walked += 1
            return true
        }
        #expect(table.count == walked)
        #expect(walked <= size)
    }

    @Test("what threads hold and let go while others crowd the table ends with nobody holding")
    func holding() {
        let table = table(size: 64, expire: 2, [StoredData(.openConnections)])
        run(4) { thread in
            for i in 0..<4_000 {
                let now = UInt64(i / 100)
                let key = TableKey(number: Int64(i % 40))
                let held = table.hold(key, now: now) { shard, entry in
                    _ = shard.add(1, to: .openConnections, in: entry, table.layout)
                }
                table.obtain(TableKey(number: Int64(1_000 + i * 4 + thread)), now: now) { _, _ in }
                guard let held else { continue }
                table.use(held) { shard, entry in
                    shard.takeOne(from: .openConnections, in: entry, table.layout)
                    shard.letGo(entry, now: now)
                }
            }
        }
        table.forEach { shard, entry in
            holds(shard.holders(entry) == 0)
            holds(shard.value(.openConnections, in: entry, table.layout, now: 0) == 0)
            return true
        }
        table.purge(now: 10_000, most: 1_000)
        #expect(table.count == 0)
    }

    @Test("publishes may come while threads use the table")
    func adopting() {
        let table = table(size: 2_000)
        run(3) { thread in
            if thread == 0 {
                var known = StickTable(type: .integer, size: 2_000, stored: [StoredData(.gpc0)])
                for i in 0..<200 {
                    var next = known
                    next.size = i % 2 == 0 ? 50 : 2_000
                    next.expire = i % 3
                    _ = table.adopt(next, instead: known)
                    known = next
                }
            } else {
                for i in 0..<6_000 {
                    table.obtain(TableKey(number: Int64(i)), now: UInt64(i / 10)) { _, _ in }
                }
            }
        }
        #expect(table.count <= 2_000)
    }
}

/// `#expect` can not be given what is asked of a value that is not copied.
private func holds(_ truth: Bool, at place: Testing.SourceLocation = #_sourceLocation) {
    #expect(truth, sourceLocation: place)
}
