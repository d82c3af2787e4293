import Testing

@testable import Engine

@Suite("Server map")
struct ServerMapTests {
    /// The map place by place over all servers, as HAProxy makes it.
    private func slowly(_ weights: [Int]) -> [UInt16] {
        let total = weights.reduce(0, +)
        var scores = [Int](repeating: 0, count: weights.count)
        return (0..<total).map { _ in
            var (best, highest) = (0, -1)
            for server in weights.indices {
                scores[server] += weights[server]
                let level = (scores[server] + total) / total
                if level > highest { (best, highest) = (server, level) }
            }
            scores[best] -= total
            return UInt16(best)
        }
    }

    @Test("weights 1, 3, 2 are HAProxy's order, and so are their multiples")
    func known() {
        #expect(ServerMap.places(weights: [1, 3, 2]) == [0, 1, 2, 1, 1, 2])
        #expect(ServerMap.places(weights: [10, 30, 20]) == [0, 1, 2, 1, 1, 2])
    }

    @Test("equal weights are the order of the servers; no server, no places")
    func equal() {
        #expect(ServerMap.places(weights: [7, 7, 7]) == [0, 1, 2])
        #expect(ServerMap.places(weights: [256]) == [0])
        #expect(ServerMap.places(weights: []).isEmpty)
    }

    @Test("it is the same as looking at every server for every place", arguments: 0..<60)
    func equivalent(seed: UInt64) {
        var random = RandomNumbers(seed: seed &* 977 &+ 1)
        let count = 1 + Int(random.next() % 90)
        let most = 1 + random.next() % 256
        // One share of 1 keeps the weights from being divided.
        let weights = [1] + (0..<count).map { _ in 1 + Int(random.next() % most) }
        #expect(ServerMap.places(weights: weights) == slowly(weights))
    }

    @Test(
        "a heavy server behind many light ones has its share",
        arguments: [[1, 1, 1, 1, 250], [250, 1, 1, 1, 1]])
    func heavy(weights: [Int]) {
        #expect(ServerMap.places(weights: weights) == slowly(weights))
    }

    @Test("a thousand servers of all weights have as many places as their weights say")
    func large() {
        let weights = (0..<1_000).map { 1 + $0 % 256 }
        var counts = [Int](repeating: 0, count: weights.count)
        for server in ServerMap.places(weights: weights) { counts[Int(server)] += 1 }
        #expect(counts == weights)
    }

    @Test("maps have an end: weights are divided, and nobody is lost")
    func bounded() {
        let weights = (0..<300).map { 1 + 255 * ($0 % 2) }
        let places = ServerMap.places(weights: weights, limit: 1_000)
        #expect(places.count <= 1_000)
        #expect(Set(places).count == 300)
        #expect(ServerMap.places(weights: [Int](repeating: 3, count: 70_000)).count == 65_535)
    }
}
