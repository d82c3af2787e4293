import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Balancer")
struct BalancerTests {
    private static let algorithms: [Balance] = [
        .roundRobin, .staticRoundRobin, .leastConnections, .first, .random(draws: 2), .random(draws: 1),
        .source,
        .hash(.uri(URIPart())),
    ]

    /// Whether requests that are alike go to different servers.
    private static func spreads(_ balance: Balance) -> Bool {
        switch balance {
        case .roundRobin, .staticRoundRobin, .leastConnections, .random: true
        case .first, .hash: false
        }
    }

    @Test("no server is nil, a single one is always it", arguments: algorithms)
    func fewServers(balance: Balance) {
        #expect(TestPool(weights: [], balance: balance).picks(3) == [nil, nil, nil])
        #expect(TestPool(weights: [0, 0], balance: balance).picks(1) == [nil])
        let single = TestPool(weights: [4], balance: balance)
        single.suspect(0, until: 100)
        #expect(single.picks(2, now: 1) == [0, 0])
        #expect(single.picks(2, avoiding: 0) == [0, 0])
    }

    @Test("a server of weight 0 is never chosen", arguments: algorithms)
    func weightZero(balance: Balance) {
        let pool = TestPool(weights: [0, 1, 0, 1], balance: balance)
        #expect(pool.set.servers.count == 2)
        for pick in pool.picks(50) {
            #expect(pick == 0 || pick == 1)
        }
        #expect(pool.set.servers[0].toOpaque() == Unmanaged.passUnretained(pool.states[1]).toOpaque())
    }

    @Test("round robin goes by the rotation, one place further with every request of any worker")
    func sharedPosition() {
        let pool = TestPool(weights: [10, 30, 20])
        let picks = (0..<12).flatMap { pool.picks(1, worker: $0 % 2) }
        #expect(picks == [1, 2, 1, 0, 2, 1, 1, 2, 1, 0, 2, 1])
    }

    @Test("the position may run over the largest number")
    func overflow() {
        let pool = TestPool(weights: [1, 1, 1])
        pool.backend.position.store(.max, ordering: .relaxed)
        let picks = pool.picks(300).compactMap { $0 }
        #expect(picks.count == 300)
        for server in 0..<3 {
            let count = picks.filter { $0 == server }.count
            #expect((99...101).contains(count))
        }
    }

    @Test("the server that has just failed is avoided while there is another", arguments: algorithms)
    func avoided(balance: Balance) {
        let pool = TestPool(weights: [1, 2, 3], balance: balance)
        for failed in 0..<3 {
            #expect(!pool.picks(60, avoiding: failed).contains(failed))
        }
    }

    @Test(
        "suspect servers are passed over until their time is up, by the worker they refused only",
        arguments: algorithms)
    func suspects(balance: Balance) {
        let pool = TestPool(weights: [1, 1, 1], balance: balance)
        pool.suspect(0, until: 100)
        pool.suspect(2, until: 100)
        #expect(Set(pool.picks(30, now: 99)) == [1])
        guard BalancerTests.spreads(balance) else { return }
        #expect(Set(pool.picks(300, now: 100)) == [0, 1, 2])
        #expect(Set(pool.picks(300, worker: 1, now: 99)) == [0, 1, 2])
    }

    @Test(
        "when all are suspect they are used all the same, but not the one that has just failed",
        arguments: algorithms)
    func allSuspect(balance: Balance) {
        let pool = TestPool(weights: [1, 1, 1], balance: balance)
        for server in 0..<3 { pool.suspect(server, until: 100) }
        #expect(!pool.picks(10, now: 1).contains(nil))
        for failed in 0..<3 {
            #expect(!pool.picks(30, now: 1, avoiding: failed).contains(failed))
        }
    }

    @Test("leastconn takes the least loaded for its weight")
    func leastConnections() {
        let pool = TestPool(weights: [1, 4, 2], balance: .leastConnections)
        pool.setLoads([1, 5, 1])
        #expect(Set(pool.picks(6)) == [2])
        pool.setLoads([1, 3, 2])
        #expect(Set(pool.picks(6)) == [1])
        pool.setLoads([0, 1, 1])
        #expect(Set(pool.picks(6)) == [0])
    }

    @Test("leastconn lets equally loaded servers take turns")
    func leastConnectionsTies() {
        let pool = TestPool(weights: [1, 1, 1], balance: .leastConnections)
        #expect(pool.picks(6) == [0, 1, 2, 0, 1, 2])
        pool.setLoads([2, 1, 1])
        #expect(Set(pool.picks(6)) == [1, 2])
    }

    @Test("leastconn prefers a loaded server to a suspect or failed idle one")
    func leastConnectionsAvoids() {
        let pool = TestPool(weights: [1, 1, 1], balance: .leastConnections)
        pool.setLoads([0, 9, 5])
        pool.suspect(0, until: 100)
        #expect(Set(pool.picks(6, now: 1)) == [2])
        #expect(Set(pool.picks(6, now: 1, avoiding: 2)) == [1])
    }

    @Test("random draws by weight and takes the lighter of the drawn")
    func random() {
        let pool = TestPool(weights: [1, 1, 1, 1], balance: .random(draws: 2))
        pool.setLoads([50, 0, 50, 50])
        let picks = pool.picks(4_000).compactMap { $0 }
        // The idle one is taken whenever it is drawn: 1 - (3/4)^2 = 44 %.
        let idle = picks.filter { $0 == 1 }.count
        #expect((1_500...2_000).contains(idle))
        #expect(Set(picks) == [0, 1, 2, 3])
    }

    @Test("random without load follows the weights")
    func randomWeights() {
        let pool = TestPool(weights: [1, 3], balance: .random(draws: 2))
        let second = pool.picks(8_000).filter { $0 == 1 }.count
        #expect((5_600...6_400).contains(second))
    }

    @Test("source keeps a client at one server, whatever its port, and spreads the clients")
    func source() {
        let pool = TestPool(weights: [1, 1, 1], balance: .source)
        var counts = [0, 0, 0]
        for client in 0..<240 {
            let picks = Set(pool.picks(5, client: "10.1.\(client / 16).\(client % 16 + 1)"))
            #expect(picks.count == 1)
            if let pick = picks.first, let pick { counts[pick] += 1 }
        }
        #expect(counts.allSatisfy { $0 > 40 }, "\(counts)")
    }

    @Test("source is the same in another pool of as many servers")
    func sourceIsStable() {
        let (one, two) = (
            TestPool(weights: [1, 1, 1], balance: .source), TestPool(weights: [1, 1, 1], balance: .source)
        )
        for client in 1...50 {
            let address = "2001:db8::\(client)"
            #expect(one.picks(1, client: address) == two.picks(1, worker: 1, client: address))
        }
    }

    @Test("random numbers are never stuck, whatever the seed", arguments: [UInt64(0), 1, 2, .max])
    func randomNumbers(seed: UInt64) {
        var random = RandomNumbers(seed: seed)
        #expect(Set((0..<1_000).map { _ in random.next() }).count == 1_000)
    }
}
