import Testing

@testable import Engine

@Suite("Round robin")
struct RoundRobinTests {
    private func counts(_ rotation: [UInt16], servers: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: servers)
        for place in rotation { counts[Int(place)] += 1 }
        return counts
    }

    @Test("equal weights take turns in the given order", arguments: [1, 5, 256])
    func equalWeights(weight: Int) {
        #expect(RoundRobin.rotation(weights: [weight, weight, weight, weight]) == [0, 1, 2, 3])
    }

    @Test("no servers have no rotation, one has one place")
    func fewServers() {
        #expect(RoundRobin.rotation(weights: []).isEmpty)
        #expect(RoundRobin.rotation(weights: [1]) == [0])
        #expect(RoundRobin.rotation(weights: [256]) == [0])
    }

    @Test("weights 10, 30, 20 are spread as evenly as can be, the heaviest first")
    func weighted() {
        #expect(RoundRobin.rotation(weights: [10, 30, 20]) == [1, 2, 1, 0, 2, 1])
        #expect(RoundRobin.rotation(weights: [1, 3, 2]) == [1, 2, 1, 0, 2, 1])
    }

    @Test(
        "each server has as many places as its weight says, divided by what all weights share",
        arguments: [
            ([1, 2], [1, 2]), ([2, 4, 8], [1, 2, 4]), ([100, 100, 100, 1], [100, 100, 100, 1]),
            ([6, 9], [2, 3]),
            ([256, 1], [256, 1]), ([7, 11, 13], [7, 11, 13]),
        ])
    func shares(weights: [Int], expected: [Int]) {
        let rotation = RoundRobin.rotation(weights: weights)
        #expect(counts(rotation, servers: weights.count) == expected)
    }

    @Test("in every stretch of a rotation no server is more than a place ahead of its share")
    func smoothness() {
        let weights = [5, 1, 1, 3]
        let rotation = RoundRobin.rotation(weights: weights)
        let total = weights.reduce(0, +)
        for length in 1...rotation.count {
            let counts = counts(Array(rotation[..<length]), servers: weights.count)
            for (i, weight) in weights.enumerated() {
                let share = Double(weight * length) / Double(total)
                #expect(abs(Double(counts[i]) - share) <= 1, "server \(i) after \(length)")
            }
        }
    }

    @Test("a long rotation is cut to 4,096 places; nobody loses the last one")
    func cut() {
        var weights = (0..<500).map { 200 + $0 % 57 }
        weights[17] = 1
        let rotation = RoundRobin.rotation(weights: weights)
        #expect(rotation.count <= 4096)
        #expect(counts(rotation, servers: weights.count).allSatisfy { $0 >= 1 })
    }

    @Test("more servers than a rotation can number leave the last ones out instead of trapping")
    func tooMany() {
        let rotation = RoundRobin.rotation(weights: [Int](repeating: 3, count: 70_000))
        #expect(rotation.count == 65_535)
        #expect(rotation.last == 65_534)
    }

    @Test("many servers of different weights have one place each at least")
    func manyMixed() {
        let rotation = RoundRobin.rotation(weights: (0..<6_000).map { 1 + $0 % 3 })
        #expect(Set(rotation).count == 6_000)
    }
}
