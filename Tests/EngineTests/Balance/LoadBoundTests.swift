import Testing

@testable import Engine

@Suite("Load bound")
struct LoadBoundTests {
    @Test(
        "an idle backend leaves every server one place; a busy one its share times the factor",
        arguments: [(0, 150, 1), (9, 150, 5), (9, 200, 7), (99, 125, 42), (2, 100, 1)])
    func threeServers(inFlight: Int, factor: Int, most: Int) {
        let bound = LoadBound(factor: factor, total: 3)
        let places = (0..<3).map { bound.places(inFlight: inFlight, weight: 1, before: $0) }
        #expect(places.max() == most)
        #expect(places.reduce(0, +) >= inFlight + 1)
        #expect((places.max() ?? 0) - (places.min() ?? 0) <= 1)
    }

    @Test("weights are respected, and together the places are exactly the bound")
    func weighted() {
        let (weights, bound) = ([10, 30, 20], LoadBound(factor: 150, total: 60))
        let before = [0, 10, 40]
        for inFlight in 30..<200 {
            let places = (0..<3).map {
                bound.places(inFlight: inFlight, weight: weights[$0], before: before[$0])
            }
            #expect(places.reduce(0, +) == ((inFlight + 1) * 150 + 99) / 100)
            #expect(abs(places[1] - 3 * places[0]) <= 3)
        }
    }

    @Test("nothing to share is one place; a count that has run below 0 is 0")
    func edges() {
        #expect(LoadBound(factor: 150, total: 0).places(inFlight: 5, weight: 0, before: 0) == 1)
        #expect(LoadBound(factor: 150, total: 2).places(inFlight: -5, weight: 1, before: 0) == 1)
    }
}
