import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Hash ring")
struct HashRingTests {
    private func ring(_ weights: [Int], ids: [Int]? = nil) -> HashRing {
        let ids = HashRing.ids(ids ?? weights.map { _ in 0 })
        return HashRing(
            weights: weights, seeds: ids.map { HashRing.seed(.id, id: $0, SocketAddress()) })
    }

    /// The nearest place by looking at all of them.
    private func slowly(_ ring: borrowing HashRing, _ hash: UInt32) -> UInt16 {
        var (best, least) = (0, UInt32.max)
        for i in 0..<ring.places.count {
            let distance = min(ring.places[i].hash &- hash, hash &- ring.places[i].hash)
            if distance < least { (best, least) = (i, distance) }
        }
        return ring.places[best].server
    }

    @Test("sixteen places for each unit of weight, in order round the ring")
    func places() {
        let ring = ring([1, 3])
        #expect(ring.places.count == 64)
        var counts = [0, 0]
        for i in 0..<64 {
            counts[Int(ring.places[i].server)] += 1
            if i > 0 { #expect(ring.places[i - 1].hash <= ring.places[i].hash) }
        }
        #expect(counts == [16, 48])
        #expect(self.ring([]).places.count == 0)
    }

    @Test("a hash goes to the nearest place, before or behind it, also round the end")
    func nearest() {
        let ring = ring([1, 1, 1, 2])
        var random = RandomNumbers(seed: 5)
        for hash in [0, 1, UInt32.max, UInt32.max - 1] + (0..<500).map({ _ in UInt32(random.next() >> 32) }) {
            let found = ring.nearest(to: hash) { _ in true }
            #expect(found.map { ring.places[$0].server } == slowly(ring, hash), "\(hash)")
        }
        for i in 0..<ring.places.count {
            #expect(ring.nearest(to: ring.places[i].hash) { _ in true } == i)
        }
    }

    @Test("places that are not in use are passed over in both directions; without any there is no answer")
    func partly() {
        let ring = ring([1, 1, 1])
        for hash in stride(from: UInt32(0), to: .max - 50_000_000, by: 50_000_000) {
            let only = ring.nearest(to: hash) { $0.server == 1 && $0.number == 3 }
            #expect(only.map { ring.places[$0].number } == 3)
            #expect(ring.nearest(to: hash) { _ in false } == nil)
        }
    }

    @Test("a server that leaves moves its own keys only")
    func leaving() {
        let before = ring([1, 1, 1, 1], ids: [1, 2, 3, 4])
        let after = ring([1, 1, 1], ids: [1, 2, 4])
        let kept = [0: 0, 1: 1, 3: 2]
        var moved = 0
        for hash in stride(from: UInt32(0), to: .max - 1_000_000, by: 1_000_000) {
            guard let old = before.nearest(to: hash, where: { _ in true }),
                let new = after.nearest(to: hash, where: { _ in true })
            else { continue }
            let server = Int(before.places[old].server)
            if server == 2 { moved += 1 } else { #expect(kept[server] == Int(after.places[new].server)) }
        }
        #expect((500...1_700).contains(moved))
    }

    @Test(
        "servers without an id get the next free number, as HAProxy counts",
        arguments: [
            ([0, 0, 0], [1, 2, 3]), ([7, 0, 2, 0], [7, 3, 2, 5]), ([0, 1, 0], [2, 1, 4]),
            ([3, 0, 0], [3, 2, 4]),
            ([-5, 9], [1, 9]), ([], []),
        ] as [([Int], [UInt32])])
    func ids(given: [Int], expected: [UInt32]) {
        #expect(HashRing.ids(given) == expected)
    }

    @Test("seeds by id, and by address whatever the id", arguments: [UInt32(1), 7, 5_000_000])
    func seeds(id: UInt32) throws {
        let address = try #require(SocketAddress("10.0.0.1", port: 80))
        #expect(HashRing.seed(.id, id: id, address) == id &* 4_096)
        #expect(HashRing.seed(.id32, id: id, address) == KeyHash.avalanche(id.byteSwapped))
        #expect(HashRing.seed(.address, id: id, address) == KeyHash.avalanche(0x0100_000A))
        #expect(
            HashRing.seed(.addressPort, id: id, address)
                == KeyHash.avalanche(KeyHash.avalanche(80) &+ 0x0100_000A))
    }

    @Test(
        "an IPv6 address is hashed by XXH32",
        arguments: [
            ("2001:db8::1", 0, 0x0A4D_51C7), ("::1", 1, 0x344C_C8AA),
            ("fe80::1234:5678:9abc:def0", 0, 0x64B9_9DCB),
            ("fe80::1234:5678:9abc:def0", 0xDEAD_BEEF, 0x8149_F7BD),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1, 0xE5FB_7124),
        ] as [(String, UInt32, UInt32)])
    func v6(text: String, seed: UInt32, expected: UInt32) throws {
        let address = try #require(SocketAddress(text, port: 80))
        #expect(XXHash32.hash(address.high, address.low, seed: seed) == expected)
        if seed == 0 { #expect(HashRing.seed(.address, id: 9, address) == expected) }
    }

    @Test("rings have an end: weights are divided, and nobody is lost")
    func bounded() {
        let ring = HashRing(
            weights: [Int](repeating: 256, count: 60), seeds: (0..<60).map { $0 * 4_096 }, limit: 2_000)
        #expect(ring.places.count <= 2_000)
        var servers: Set<UInt16> = []
        for i in 0..<ring.places.count { servers.insert(ring.places[i].server) }
        #expect(servers.count == 60)
    }
}
