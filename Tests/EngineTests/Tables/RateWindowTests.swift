import Testing

@testable import Engine

@Suite("Rate window")
struct RateWindowTests {
    private func window(_ hits: [(at: UInt64, count: UInt64)], period: UInt64 = 2_000) -> RateWindow {
        var window = RateWindow()
        for hit in hits { window.add(hit.count, now: hit.at, period: period) }
        return window
    }

    /// Seen at HAProxy 2.6: ten hits at once, a period of two seconds.
    @Test(
        "a burst is held for a period and fades out over another",
        arguments: [
            (0, 10), (1_000, 10), (2_000, 10), (2_060, 9), (2_570, 7), (3_080, 4), (3_590, 2), (4_090, 0),
        ] as [(UInt64, UInt64)])
    func burst(after: UInt64, rate: UInt64) {
        #expect(window([(10_000, 10)]).rate(now: 10_000 + after, period: 2_000) == rate)
    }

    @Test("at the end of the second window nothing is left")
    func end() {
        let window = window([(10_000, 10)])
        #expect(window.rate(now: 13_999, period: 2_000) == 0)
        #expect(window.rate(now: 14_000, period: 2_000) == 0)
        #expect(window.rate(now: 900_000, period: 2_000) == 0)
    }

    @Test("a steady rate reads as it is", arguments: [1, 3, 7, 20] as [UInt64])
    func steady(each: UInt64) {
        var window = RateWindow()
        for i in 0..<500 { window.add(each, now: 50_000 + UInt64(i) * 100, period: 1_000) }
        let last: UInt64 = 50_000 + 499 * 100
        #expect((each * 9...each * 11).contains(window.rate(now: last, period: 1_000)))
    }

    @Test(
        "one event counts for two whole periods, whatever part of it has passed",
        arguments: [0, 1_999, 2_001, 3_999] as [UInt64])
    func single(after: UInt64) {
        #expect(window([(10_000, 1)]).rate(now: 10_000 + after, period: 2_000) == 1)
    }

    @Test("and is gone then")
    func singleGone() {
        #expect(window([(10_000, 1)]).rate(now: 14_001, period: 2_000) == 0)
    }

    @Test("the next window begins a period after the last one, not with its first event")
    func aligned() {
        let window = window([(10_000, 1), (13_500, 4)])
        #expect(window == RateWindow(start: 12_000, counts: 4 | 1 << 32))
        #expect(window.rate(now: 13_500, period: 2_000) == 4)
    }

    @Test("after two silent periods a window begins with its event")
    func silence() {
        #expect(window([(10_000, 9), (14_000, 4)]) == RateWindow(start: 14_000, counts: 4))
        #expect(window([(10_000, 9), (13_999, 4)]) == RateWindow(start: 12_000, counts: 4 | 9 << 32))
    }

    @Test("the first event of all begins a window")
    func first() {
        #expect(window([(10_000, 3)]) == RateWindow(start: 10_000, counts: 3))
    }

    @Test("of the previous window counts what lies within the period")
    func weighted() {
        let window = window([(10_000, 8), (12_000, 3)])
        #expect(window.rate(now: 12_000, period: 2_000) == 11)
        #expect(window.rate(now: 13_000, period: 2_000) == 7)
        #expect(window.rate(now: 13_750, period: 2_000) == 4)
        #expect(window.rate(now: 14_000, period: 2_000) == 3)
    }

    @Test("a clock that is behind by a round of another worker's loop changes nothing")
    func behind() {
        var window = window([(10_000, 5)])
        window.add(2, now: 9_990, period: 2_000)
        #expect(window == RateWindow(start: 10_000, counts: 7))
        #expect(window.rate(now: 9_980, period: 2_000) == 7)
    }

    @Test("counts end at 32 bits, and the arithmetic does not overflow")
    func large() {
        var window = RateWindow()
        window.add(.max, now: 5_000, period: UInt64(Int32.max))
        window.add(.max, now: 5_001, period: UInt64(Int32.max))
        #expect(window.current == .max)
        window.add(.max, now: 5_000 + UInt64(Int32.max), period: UInt64(Int32.max))
        #expect(
            window.rate(now: 5_000 + UInt64(Int32.max), period: UInt64(Int32.max)) <= 2 * UInt64(UInt32.max))
    }

    @Test(
        "one that is taken back was never there",
        arguments: [(0, 0), (1, 0), (5, 4)] as [(UInt64, UInt32)])
    func takenBack(count: UInt64, left: UInt32) {
        var window = window([(10_000, count)])
        window.takeBack()
        #expect(window.current == left)
    }

    @Test(
        "there is room for one more when the wait is over, and not a millisecond earlier",
        arguments: [1, 2, 3, 10, 999, 1_000, 5_000] as [UInt64])
    func wait(limit: UInt64) {
        func isFull(_ window: RateWindow, at now: UInt64) -> Bool {
            // HAProxy's freq_ctr_remain: what is counted, times the period, against the limit times the period.
            let passed = now - window.start
            let (recent, past) = passed <= 1_000 ? (window.current, window.previous) : (0, window.current)
            guard passed <= 2_000 else { return false }
            let remaining = passed <= 1_000 ? 1_000 - passed : 2_000 - passed
            return UInt64(past) * remaining + UInt64(recent) * 1_000 >= limit * 1_000
        }
        for past in [0, 1, limit / 2, limit, limit * 2] as [UInt64] {
            for recent in [0, 1, limit / 2, limit - 1, limit, limit + 1, limit * 3] as [UInt64] {
                let window = RateWindow(start: 10_000, counts: recent | past << 32)
                for now in [10_000, 10_001, 10_500, 10_999, 11_000, 11_001, 11_700, 12_000, 12_001]
                    as [UInt64]
                {
                    let wait = window.wait(for: limit, now: now, period: 1_000)
                    #expect((wait > 0) == isFull(window, at: now))
                    if wait > 0 {
                        #expect(!isFull(window, at: now + wait) && isFull(window, at: now + wait - 1))
                    }
                }
            }
        }
    }

    @Test("without a limit nobody waits")
    func noLimit() { #expect(window([(10_000, 3)]).wait(for: 0, now: 10_000, period: 1_000) == 0) }

    @Test("without a period there is no rate")
    func noPeriod() { #expect(window([(10_000, 3)]).rate(now: 10_000, period: 0) == 0) }

    @Test("any two words are a window that can be read and added to")
    func anything() {
        for start in [0, 1, UInt64.max / 2] {
            for counts in [0, UInt64.max, 1 << 32] {
                var window = RateWindow(start: start, counts: counts)
                _ = window.rate(now: 77, period: 1)
                window.add(1, now: 78, period: 1)
                _ = window.rate(now: .max / 2, period: 1_000)
            }
        }
    }
}
