import Testing

@testable import Engine

@Suite("SlidingRate")
struct SlidingRateTests {
    private let second: UInt64 = 1_000_000_000

    @Test("is nothing before anything came")
    func empty() {
        var rate = SlidingRate()
        #expect(rate.perSecond(at: 0) == 0)
        #expect(rate.perSecond(at: .max) == 0)
    }

    @Test("counts what one second brings")
    func oneSecond() {
        var rate = SlidingRate()
        for i in 0..<10 { rate.add(100, at: 5 * second + UInt64(i) * 50_000_000) }
        #expect(rate.perSecond(at: 5 * second + 500_000_000) == 1_000)
    }

    @Test(
        "lets go of the second before as the window leaves it",
        arguments: [(0, 1_000), (250, 750), (999, 1)])
    func leaves(milliseconds: UInt64, left: Int64) {
        var rate = SlidingRate()
        rate.add(1_000, at: 7 * second)
        #expect(rate.perSecond(at: 8 * second + milliseconds * 1_000_000) == left)
    }

    @Test("is what comes evenly, whenever it is asked")
    func even() {
        var rate = SlidingRate()
        var seen: Set<Int64> = []
        for i in 0..<400 {
            let now = 3 * second + UInt64(i) * 10_000_000
            rate.add(10, at: now)
            if i >= 200 { seen.insert(rate.perSecond(at: now)) }
        }
        #expect(seen.allSatisfy { (1_000...1_010).contains($0) })
    }

    @Test("forgets all after two seconds")
    func forgets() {
        var rate = SlidingRate()
        rate.add(1_000, at: 7 * second + 1)
        #expect(rate.perSecond(at: 9 * second + 1) == 0)
    }

    @Test("a clock that is behind another one's changes nothing")
    func clocks() {
        var rate = SlidingRate()
        rate.add(300, at: 4 * second - 1)
        rate.add(200, at: 4 * second + 1)
        rate.add(100, at: 4 * second - 1)
        #expect(rate.perSecond(at: 4 * second - 1) == 600)
        #expect(rate.perSecond(at: 4 * second) == 600)
    }

    @Test("amounts beyond all numbers stay the largest one")
    func huge() {
        var rate = SlidingRate()
        rate.add(.max, at: second)
        rate.add(.max, at: second)
        #expect(rate.perSecond(at: second) == .max)
        rate.add(1, at: 2 * second)
        #expect(rate.perSecond(at: 2 * second) == .max)
        rate.add(-5, at: 4 * second)
        #expect(rate.perSecond(at: 4 * second) == 0)
    }
}
