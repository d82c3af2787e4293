import Testing

@testable import Engine

@Suite("Rates")
struct RateMeterTests {
    private let second: UInt64 = 1_000_000_000

    private func meter(_ looks: [(total: UInt64, seconds: Double)]) -> RateMeter {
        var meter = RateMeter()
        for (total, seconds) in looks { meter.look(at: total, now: moment(seconds)) }
        return meter
    }

    private func moment(_ seconds: Double) -> UInt64 { second + UInt64(seconds * 1e9) }

    @Test("what happens steadily has its rate")
    func steady() {
        let meter = meter((0...20).map { (UInt64($0 * 10), Double($0)) })
        #expect(meter.rate(now: moment(20)) == 10)
        #expect(meter.most == 10)
    }

    @Test("within a second the one before counts as far as it is less than a second ago")
    func sliding() {
        let meter = meter([(0, 0), (100, 1), (120, 1.5)])
        #expect(meter.rate(now: moment(1.5)) == 20 + 50)
    }

    @Test("what has ended has no rate any more")
    func ended() {
        let meter = meter([(0, 0), (100, 1), (100, 2), (100, 3)])
        #expect(meter.rate(now: moment(3)) == 0)
        #expect(meter.most == 100)
    }

    @Test("one in a second does not flap")
    func low() {
        let meter = meter([(0, 0), (1, 1), (1, 1.9)])
        #expect(meter.rate(now: moment(1.9)) == 1)
    }

    @Test("who looks late takes what happened to be spread evenly")
    func late() {
        let meter = meter([(0, 0), (100, 10)])
        #expect(meter.most == 10)
        #expect(meter.rate(now: moment(10)) == 10)
    }

    @Test("a burst within the first second counts at once")
    func burst() {
        let meter = meter([(0, 0), (7, 0.1)])
        #expect(meter.most == 7)
        #expect(meter.rate(now: moment(0.1)) == 7)
    }

    @Test("a total that falls begins anew")
    func fallen() {
        let meter = meter([(0, 0), (1_000, 1), (5, 2)])
        #expect(meter.most == 5)
    }

    @Test("the last change is known, and that there was none")
    func change() {
        #expect(meter([(0, 0), (0, 1)]).changedAt == nil)
        #expect(meter([(0, 0), (1, 1), (1, 5)]).changedAt == moment(1))
    }

    @Test("no numbers and no clocks are too large or too odd", arguments: [0, 1, UInt64.max / 2, UInt64.max])
    func extremes(number: UInt64) {
        var meter = RateMeter()
        for total in [0, number, 3, number] {
            for now in [number, 0, 1, number / 2] { meter.look(at: total, now: now) }
        }
        _ = meter.rate(now: 0)
        _ = meter.rate(now: number)
    }
}
