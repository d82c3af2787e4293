import Basics
import Model
import Testing

@testable import Engine

@Suite("Table shard")
struct TableShardTests {
    private let words = TableLayout(type: .integer, stored: [StoredData(.gpc0)]).words

    private func key(_ number: Int) -> TableKey { TableKey(number: Int64(number)) }

    private func shard(most: Int = 4_096) -> TableShard { TableShard(words: words, most: most) }

    /// What is used, from the oldest on.
    private func numbers(_ shard: inout TableShard) -> [UInt64] {
        var found: [UInt64] = []
        shard.forEach {
            found.append(shard[$0, TableShard.headWords])
            return true
        }
        return found.sorted()
    }

    @Test("an empty one has nothing and holds no memory for it")
    func empty() {
        var shard = shard()
        holds(shard.find(key(1)) == 0)
        holds(shard.oldest == 0)
        holds(shard.count == 0)
        holds(numbers(&shard) == [])
    }

    @Test("what was put in is found, whatever came before and after")
    func find() {
        var shard = shard()
        for i in 0..<3_000 {
            let entry = shard.insert(key(i), now: 5)
            #expect(entry != 0)
            shard[entry, TableShard.headWords + 1] = UInt64(i * 3)
        }
        holds(shard.count == 3_000)
        for i in 0..<3_000 {
            let entry = shard.find(key(i))
            #expect(shard[entry, TableShard.headWords + 1] == UInt64(i * 3))
        }
        holds((3_000..<6_000).allSatisfy { shard.find(key($0)) == 0 })
        holds(numbers(&shard) == (0..<3_000).map { UInt64($0) })
    }

    @Test("a random life agrees with a dictionary and a list of ages")
    func model() {
        var shard = shard(most: 300)
        var random = RandomNumbers(seed: 7)
        var known: [Int: UInt64] = [:]
        var ages: [Int] = []
        for step in 0..<30_000 {
            let number = Int(random.next() % 400)
            var entry = shard.find(key(number))
            #expect((entry != 0) == (known[number] != nil))
            switch random.next() % 4 {
            case 0 where entry != 0:
                shard.remove(entry)
                known[number] = nil
                ages.removeAll { $0 == number }
            case 1 where entry != 0:
                #expect(shard[entry, TableShard.headWords + 1] == known[number])
                shard.touch(entry, now: UInt64(step))
                ages.removeAll { $0 == number }
                ages.append(number)
            default:
                guard entry == 0, known.count < 300 else { continue }
                entry = shard.insert(key(number), now: UInt64(step))
                #expect(shard[entry, TableShard.headWords + 1] == 0)
                shard[entry, TableShard.headWords + 1] = UInt64(step)
                known[number] = UInt64(step)
                ages.append(number)
            }
            holds(shard.count == known.count)
            let oldest = shard.oldest
            #expect(oldest == 0 ? ages.isEmpty : shard[oldest, TableShard.headWords] == UInt64(ages[0]))
        }
    }

    @Test("what is used becomes the newest")
    func age() {
        var shard = shard()
        for i in 0..<3 { _ = shard.insert(key(i), now: UInt64(i)) }
        shard.touch(shard.find(key(0)), now: 9)
        shard.touch(shard.find(key(0)), now: 8)
        holds(shard.oldest == shard.find(key(1)))
        holds(shard.touched(shard.find(key(0))) == 9)
        shard.remove(shard.oldest)
        holds(shard.oldest == shard.find(key(2)))
    }

    @Test("what is held does not age, and can not be forgotten")
    func held() {
        var shard = shard()
        for i in 0..<3 { _ = shard.insert(key(i), now: 0) }
        let entry = shard.find(key(0))
        shard.hold(entry)
        shard.hold(entry)
        holds(shard.oldest == shard.find(key(1)))
        shard.remove(entry)
        holds(shard.find(key(0)) == entry)
        shard.touch(entry, now: 5)
        shard.letGo(entry, now: 6)
        holds(shard.oldest == shard.find(key(1)))
        shard.letGo(entry, now: 7)
        holds(shard.touched(entry) == 7)
        shard.remove(shard.find(key(1)))
        shard.remove(shard.find(key(2)))
        holds(shard.oldest == entry)
        shard.letGo(entry, now: 8)
        holds(shard.holders(entry) == 0)
        shard.remove(entry)
        holds(shard.count == 0)
        holds(shard.oldest == 0)
    }

    @Test("memory of what is gone is used again, and comes back empty")
    func reuse() {
        var shard = shard()
        let entry = shard.insert(key(1), now: 4)
        shard[entry, TableShard.headWords + 1] = 77
        shard.remove(entry)
        holds(shard.insert(key(2), now: 4) == entry)
        #expect(shard[entry, TableShard.headWords + 1] == 0)
        holds(shard.find(key(1)) == 0)
    }

    @Test("beyond its memory it takes nothing")
    func full() {
        var shard = shard(most: 16)
        var taken = 0
        while taken < 10_000, shard.insert(key(taken), now: 0) != 0 { taken += 1 }
        #expect((16..<64).contains(taken))
        holds((0..<taken).allSatisfy { shard.find(key($0)) != 0 })
    }
}

/// `#expect` can not be given what is asked of a value that is not copied.
private func holds(_ truth: Bool, at place: Testing.SourceLocation = #_sourceLocation) {
    #expect(truth, sourceLocation: place)
}
