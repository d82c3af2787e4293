import Basics
import Model
import Synchronization
import Testing

@testable import Engine

/// What the algorithms do about limits, slow starts and bounds; `PlacementsTests` has the order.
@Suite("Choice")
struct ChoiceTests {
    private static let second: UInt64 = 1_000_000_000

    private func counts(_ picks: [Int?], servers: Int) -> [Int] {
        (0..<servers).map { server in picks.count { $0 == server } }
    }

    private func consistent(_ model: inout Backend) { model.hashType = .consistent }

    @Test("in turn, a full server is passed over and its turns are shared evenly")
    func fullInTurn() {
        let pool = TestPool(weights: [1, 1, 1, 1], maxConnections: 2)
        pool.setLoads([0, 2, 1, 0])
        #expect(counts(pool.picks(300), servers: 4) == [100, 0, 100, 100])
    }

    @Test("in turn, all full or suspect still answers, one after another")
    func nobodyOpen() {
        let pool = TestPool(weights: [1, 1, 1], maxConnections: 1)
        pool.setLoads([1, 1, 1])
        #expect(Set(pool.picks(9)) == [0, 1, 2])
    }

    @Test(
        "in turn, a server in its slow start takes its sixteenths and the others the rest",
        arguments: [1, 4, 8, 16])
    func slowInTurn(steps: Int) {
        let pool = TestPool(weights: [1, 1, 1]) { $0.servers[1].slowStart = 16_000 }
        pool.states[1].warmUp(at: 100 * Self.second)
        let now = (100 + UInt64(steps) - 1) * Self.second
        let found = counts(pool.picks(32 + 2 * steps + 32, now: now), servers: 3)
        #expect(found[1] == 2 * steps)
        #expect(abs(found[0] - found[2]) <= 1)
    }

    @Test("in turn, servers that all came up together share evenly", arguments: [2, 3, 40, 64, 300])
    func allSlow(servers: Int) {
        let pool = TestPool(weights: [Int](repeating: 1, count: servers)) { model in
            for i in model.servers.indices { model.servers[i].slowStart = 60_000 }
        }
        pool.states.forEach { $0.warmUp(at: Self.second) }
        let found = counts(pool.picks(servers * 96, now: Self.second), servers: servers)
        #expect((found.min() ?? 0) >= 70, "\(found)")
        #expect((found.max() ?? 0) <= 130, "\(found)")
    }

    @Test("static tables know no slow start")
    func staticTables() {
        for balance in [Balance.staticRoundRobin, .source] {
            let pool = TestPool(weights: [1, 1], balance: balance) { $0.servers[0].slowStart = 60_000 }
            #expect(!pool.set.hasSlowStart)
        }
    }

    @Test("leastconn weighs as HAProxy: one request more for the weight, idle servers first")
    func leastConnections() {
        let pool = TestPool(weights: [1, 4], balance: .leastConnections)
        // 2 / 1 against 4 / 4, then 2 / 1 against 9 / 4.
        pool.setLoads([1, 3])
        #expect(Set(pool.picks(4)) == [1])
        pool.setLoads([1, 8])
        #expect(Set(pool.picks(4)) == [0])
        pool.setLoads([1, 0])
        #expect(Set(pool.picks(4)) == [1])
    }

    @Test("leastconn gives a server in its slow start little")
    func leastConnectionsSlow() {
        let pool = TestPool(weights: [1, 1], balance: .leastConnections) { $0.servers[1].slowStart = 16_000 }
        pool.states[1].warmUp(at: Self.second)
        pool.setLoads([20, 1])
        #expect(Set(pool.picks(4, now: Self.second)) == [0])
        #expect(Set(pool.picks(4, now: 20 * Self.second)) == [1])
    }

    @Test("leastconn passes over a full server that is the lightest for its weight")
    func leastConnectionsFull() {
        let pool = TestPool(weights: [1, 100], balance: .leastConnections, maxConnections: 5)
        pool.setLoads([4, 5])
        #expect(Set(pool.picks(4)) == [0])
    }

    @Test("first fills the servers one after another, by id")
    func first() {
        let pool = TestPool(weights: [1, 1, 1], balance: .first, maxConnections: 2) { model in
            for (place, id) in [30, 10, 20].enumerated() { model.servers[place].id = id }
        }
        #expect(Set(pool.picks(5)) == [1])
        pool.setLoads([0, 2, 1])
        #expect(Set(pool.picks(5)) == [2])
        pool.setLoads([1, 2, 2])
        #expect(Set(pool.picks(5)) == [0])
        pool.setLoads([2, 2, 2])
        #expect(!pool.picks(5).contains(nil))
    }

    @Test("a limit grows in a slow start")
    func slowLimit() {
        let pool = TestPool(weights: [1, 1], balance: .first, maxConnections: 10) {
            $0.servers[0].slowStart = 10_000
        }
        pool.states[0].warmUp(at: Self.second)
        pool.setLoads([3, 0])
        #expect(pool.picks(1, now: 3 * Self.second) == [1])
        #expect(pool.picks(1, now: 6 * Self.second) == [0])
        #expect(pool.set.limit(of: 0, now: 6 * Self.second, requests: 0) == 5)
    }

    @Test("random(1) does not look at the load; more draws do")
    func draws() {
        let one = TestPool(weights: [1, 1], balance: .random(draws: 1))
        one.setLoads([100, 0])
        #expect((900...1_100).contains(one.picks(2_000).count { $0 == 0 }))
        let many = TestPool(weights: [1, 1], balance: .random(draws: 20))
        many.setLoads([100, 0])
        #expect(many.picks(500).count { $0 == 0 } == 0)
    }

    @Test("random draws a server in its slow start seldom")
    func randomSlow() {
        let pool = TestPool(weights: [1, 1], balance: .random(draws: 1)) { $0.servers[1].slowStart = 16_000 }
        pool.states[1].warmUp(at: Self.second)
        let slow = pool.picks(3_400, now: Self.second).count { $0 == 1 }
        #expect((120...290).contains(slow), "\(slow)")
    }

    @Test("on the ring, the server that has just failed gives its keys to more than one other")
    func avoidedOnRing() {
        let pool = TestPool(weights: [1, 1, 1, 1], balance: .source, change: consistent)
        var heirs: Set<Int?> = []
        for hash in stride(from: UInt32(0), to: .max - 10_000_000, by: 10_000_000) {
            guard pool.picks(1, hash: hash) == [2] else { continue }
            heirs.formUnion(pool.picks(1, hash: hash, avoiding: 2))
        }
        #expect(heirs == [0, 1, 3])
    }

    @Test("on the ring, a slow start grows a server's share and moves no other keys")
    func slowOnRing() {
        let pool = TestPool(weights: [1, 1, 1], balance: .source) {
            $0.hashType = .consistent
            $0.servers[1].slowStart = 16_000
        }
        let hashes = (0..<2_000).map { KeyHash.avalanche($0) }
        let full = hashes.map { pool.picks(1, hash: $0)[0] }
        pool.states[1].warmUp(at: Self.second)
        var before = 0
        for elapsed in [UInt64(0), 4, 8, 15] {
            let now = hashes.map { pool.picks(1, hash: $0, now: (1 + elapsed) * Self.second)[0] }
            for (old, new) in zip(full, now) where old != 1 { #expect(new == old) }
            let share = now.count { $0 == 1 }
            #expect(share >= before)
            before = share
        }
        #expect(before == full.count { $0 == 1 })
    }

    @Test("with a balance factor no server is given more than its bound, and idle ones keep their keys")
    func bounded() {
        let pool = TestPool(weights: [1, 1, 1, 1], balance: .source) {
            $0.hashType = .consistent
            $0.hashBalanceFactor = 125
        }
        #expect(pool.set.countsInFlight)
        let home = pool.picks(1, hash: 7)[0] ?? 0
        for inFlight in 0..<100 {
            let most = (0..<4).map { pool.set.bound.places(inFlight: inFlight, weight: 1, before: $0) }
            guard let pick = pool.picks(1, hash: 7)[0] else { continue }
            let load = pool.states[pick].inFlight.wrappingAdd(1, ordering: .relaxed).newValue
            pool.backend.inFlight.wrappingAdd(1, ordering: .relaxed)
            #expect(load <= most[pick])
            if inFlight == 0 { #expect(pick == home) }
        }
        let loads = pool.states.map { $0.inFlight.load(ordering: .relaxed) }
        #expect(loads.reduce(0, +) == 100)
        #expect(loads[home] == loads.max())
        #expect(loads.allSatisfy { $0 >= 6 })
    }

    @Test("a balance factor is for the ring and for random only")
    func boundElsewhere() {
        for balance in [Balance.roundRobin, .leastConnections, .source] {
            #expect(
                TestPool(weights: [1, 1], balance: balance) { $0.hashBalanceFactor = 150 }.set.bound.factor
                    == 0)
        }
        #expect(
            TestPool(weights: [1], balance: .random(draws: 2)) { $0.hashBalanceFactor = 150 }.set.bound.factor
                == 150)
    }

    @Test("suspects on the ring are passed over; when all are suspect the key's own server is not left out")
    func suspectsOnRing() {
        let pool = TestPool(weights: [1, 1, 1], balance: .source, change: consistent)
        pool.suspect(0, until: 100)
        pool.suspect(1, until: 100)
        for hash in UInt32(0)..<50 { #expect(pool.picks(1, hash: KeyHash.avalanche(hash), now: 1) == [2]) }
        pool.suspect(2, until: 100)
        for hash in UInt32(0)..<50 {
            let own = pool.picks(1, hash: KeyHash.avalanche(hash), now: 100)
            #expect(pool.picks(1, hash: KeyHash.avalanche(hash), now: 1) == own)
        }
    }

    @Test("requests without the key take turns in a state that all workers share")
    func withoutKey() {
        for hashType in [HashType.mapBased, .consistent] {
            let one = TestPool(weights: [1, 2], balance: .source) { $0.hashType = hashType }
            let two = TestPool(weights: [1, 2], balance: .source) { $0.hashType = hashType }
            let alone = one.picks(30, hash: nil)
            let together = (0..<30).flatMap { two.picks(1, hash: nil, worker: $0 % 2) }
            #expect(alone == together)
            #expect(Set(alone) == [0, 1])
        }
    }
}
