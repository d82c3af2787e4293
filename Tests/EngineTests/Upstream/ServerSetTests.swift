import Basics
import Model
import Synchronization
import Testing

@testable import Engine

@Suite("Server set")
struct ServerSetTests {
    private func used(_ weights: [Int], backup: [Int] = [], down: [Int] = [], all: Bool = false) -> [Int?] {
        let pool = TestPool(weights: weights, down: down) { model in
            for place in backup { model.servers[place].isBackup = true }
            model.usesAllBackups = all
        }
        return (0..<pool.set.servers.count).map { pool.place(of: $0) }
    }

    @Test("servers that are down or of weight 0 are left out")
    func usable() {
        #expect(used([1, 0, 1, 1], down: [2]) == [0, 3])
        #expect(used([1, 1], down: [0, 1]) == [])
    }

    @Test("backup servers are used when there is no other: the first usable one, or all")
    func backups() {
        #expect(used([1, 1, 1, 1], backup: [0, 2]) == [1, 3])
        #expect(used([1, 1, 1, 1], backup: [0, 2], down: [1, 3]) == [0])
        #expect(used([0, 1, 1, 1], backup: [0, 2, 3], down: [1]) == [2])
        #expect(used([1, 1, 1, 1], backup: [0, 2], down: [1, 3], all: true) == [0, 2])
        #expect(used([1, 1, 1, 1], backup: [0, 1, 2, 3], down: [0, 1, 2, 3], all: true) == [])
    }

    @Test("servers keep their ids and ring places whoever else is usable")
    func ringOfUsable() {
        let whole = TestPool(weights: [1, 1, 1], balance: .source) { $0.hashType = .consistent }
        let part = TestPool(weights: [1, 1, 1], balance: .source, down: [0]) { $0.hashType = .consistent }
        let places = (0..<whole.set.ring.places.count).map { whole.set.ring.places[$0] }
        let left = places.filter { $0.server != 0 }.map { ($0.hash, $0.server - 1) }
        let found = (0..<part.set.ring.places.count).map { part.set.ring.places[$0] }
        #expect(found.map(\.hash) == left.map(\.0))
        #expect(found.map(\.server) == left.map(\.1))
    }

    @Test(
        "load is counted only where someone looks at it",
        arguments: [
            (.roundRobin, false), (.staticRoundRobin, false), (.first, false), (.source, false),
            (.leastConnections, true), (.random(draws: 1), true),
        ] as [(Balance, Bool)])
    func counting(balance: Balance, isCounted: Bool) {
        #expect(TestPool(weights: [1, 1], balance: balance).set.countsInFlight == isCounted)
        #expect(TestPool(weights: [1, 1], balance: balance, maxConnections: 1).set.countsInFlight)
    }

    @Test("senseless numbers are taken for the nearest that make sense")
    func clamped() {
        let pool = TestPool(weights: [900, -3], balance: .random(draws: -4), maxConnections: -1) { model in
            model.hashBalanceFactor = .max
            model.servers[0].slowStart = .max
        }
        #expect(pool.set.servers.count == 1)
        #expect(pool.set.weights[0] == 256)
        #expect(pool.set.limits[0].most == 0)
        pool.states[0].warmUp(at: 1)
        pool.backend.inFlight.store(1_000_000, ordering: .relaxed)
        #expect(pool.picks(2, now: .max) == [0, 0])
        #expect(pool.set.steps(of: 0, now: 2) == 1)
    }
}
