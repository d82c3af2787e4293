import Testing

@testable import Engine

@Suite("Times of late")
struct TimeWindowTests {
    private func sums(_ count: UInt64, total: UInt64) -> TimeSums { TimeSums(count: count, total: total) }

    @Test("few requests all count")
    func few() {
        var window = TimeWindow()
        window.look(at: sums(10, total: 100))
        #expect(window.recent(of: sums(10, total: 100)) == sums(10, total: 100))
    }

    @Test("what is long ago does not count any more")
    func old() {
        var window = TimeWindow()
        for i in 1...4 { window.look(at: sums(UInt64(i) * 512, total: UInt64(i) * 512_000)) }
        let recent = window.recent(of: sums(4 * 512 + 1, total: 4 * 512_000))
        #expect(recent == sums(513, total: 512_000))
    }

    @Test("between looks there may be any number of requests")
    func many() {
        var window = TimeWindow()
        window.look(at: sums(100_000, total: 0))
        window.look(at: sums(200_000, total: 100_000))
        #expect(window.recent(of: sums(200_000, total: 100_000)) == sums(100_000, total: 100_000))
    }

    @Test("when servers have gone their times have, too")
    func gone() {
        var window = TimeWindow()
        window.look(at: sums(1_000, total: 1_000))
        window.look(at: sums(2_000, total: 2_000))
        window.look(at: sums(3, total: 30))
        #expect(window.recent(of: sums(3, total: 30)) == sums(3, total: 30))
    }
}
