import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Rate table")
struct RateTableTests {
    private func rate(_ requests: Int, burst: Int) -> LeakyBucket.Rate {
        var limit = RateLimit(key: .address, requests: requests)
        limit.burst = burst
        return LeakyBucket.Rate(limit)
    }

    private func key(_ number: Int) -> UInt64 { KeyedHash.hash(UInt64(truncatingIfNeeded: number), 0) }

    @Test("keys have buckets of their own")
    func keys() {
        let table = RateTable(keys: 4_096)
        for key in (0..<100).map(key) {
            #expect((0..<9).count { _ in table.take(key, now: 5, rate(1, burst: 4)) } == 5)
        }
    }

    @Test("with more keys than it holds, the quiet ones are forgotten and the busy ones are not")
    func full() {
        let table = RateTable(keys: 512)
        let busy = key(-1)
        let rate = rate(1, burst: 0)
        #expect(table.take(busy, now: 1, rate))
        for i in 0..<20_000 {
            _ = table.take(key(i), now: UInt64(i / 100) + 2, rate)
            if i % 10 == 0 { _ = table.take(busy, now: UInt64(i / 100) + 2, rate) }
        }
        // Its refused requests did not count as use; what passed once a second did.
        #expect((0..<20_000).count { table.take(key($0), now: 300, rate) } > 15_000)
    }

    @Test("the smallest table works", arguments: [Int.min, 0, 1])
    func small(keys: Int) {
        let table = RateTable(keys: keys)
        #expect((0..<9).count { _ in table.take(0, now: 1, rate(1, burst: 2)) } == 3)
    }

    @Test("a table that grows forgets nobody as long as there is room", arguments: [512, 4_096, 5_000])
    func growing(keys: Int) {
        let table = RateTable(keys: keys)
        let rate = rate(1, burst: 2)
        // A part of what there is room for: a set may be full before others are.
        let known = (0..<keys / 16).map(key)
        for key in known { #expect(table.take(key, now: 5, rate) && table.take(key, now: 5, rate)) }
        let third = known.count { table.take($0, now: 5, rate) }
        let fourth = known.count { table.take($0, now: 5, rate) }
        #expect((third, fourth) == (known.count, 0))
    }

    @Test("exactly as many pass as the rate says, whichever threads they come from")
    func threads() {
        let table = RateTable(keys: 1_024)
        let passed = Atomic<Int>(0)
        let keys = (0..<16).map(key)
        let rate = rate(1, burst: 999)
        let threads = (0..<4).compactMap { _ in
            Thread(name: "t") {
                for i in 0..<16_000 where table.take(keys[i % 16], now: 7, rate) {
                    passed.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
        threads.forEach { $0.join() }
        #expect(passed.load(ordering: .relaxed) == 16_000)
    }
}
