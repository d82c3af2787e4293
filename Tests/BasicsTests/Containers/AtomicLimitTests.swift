import Basics
import Synchronization
import Testing

@Suite("Atomic with a limit")
struct AtomicLimitTests {
    /// A count that closures may hold.
    private final class Places: Sendable {
        private let count: Atomic<Int>

        init(_ taken: Int) { count = Atomic(taken) }

        var taken: Int { count.load(ordering: .relaxed) }
        func take(upTo limit: Int) -> Bool { count.addOne(upTo: limit) }
        func giveBack() { count.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
    }

    @Test("counts up to the limit and no further")
    func limit() {
        let places = Places(0)
        #expect((0..<5).map { _ in places.take(upTo: 3) } == [true, true, true, false, false])
        #expect(places.taken == 3)
    }

    @Test("what was taken away can be added again")
    func again() {
        let places = Places(2)
        #expect(!places.take(upTo: 2))
        places.giveBack()
        #expect(places.take(upTo: 2))
        #expect(!places.take(upTo: 2))
    }

    @Test("a limit of 0 or less is none", arguments: [0, -1, .min])
    func unlimited(_ limit: Int) {
        let places = Places(1_000)
        #expect(places.take(upTo: limit))
        #expect(places.taken == 1_001)
    }

    @Test("a limit that has sunk below the count lets nobody in and changes nothing")
    func lowered() {
        let places = Places(7)
        #expect(!places.take(upTo: 3))
        #expect(places.taken == 7)
    }

    @Test("a count below 0 and the highest limit do not overflow")
    func extremes() {
        let low = Places(-2)
        #expect((0..<4).map { _ in low.take(upTo: 1) } == [true, true, true, false])
        let high = Places(.max - 1)
        #expect(high.take(upTo: .max))
        #expect(!high.take(upTo: .max))
    }

    @Test("many threads together get as many places as there are")
    func contended() async {
        let places = Places(0)
        let won = await withTaskGroup(of: Int.self, returning: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { (0..<1_000).count { _ in places.take(upTo: 1_500) } }
            }
            return await group.reduce(0, +)
        }
        #expect(won == 1_500)
        #expect(places.taken == 1_500)
    }
}
