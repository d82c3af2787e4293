import Testing

@testable import Kubernetes

@Suite("Backoff")
struct BackoffTests {
    private let second: UInt64 = 1_000_000_000

    @Test("pauses double from 800 ms to 30 s")
    func pausesDouble() {
        var backoff = Backoff()
        let pauses = (0..<8).map { backoff.next(at: UInt64($0) * second, dice: 0) / 1_000_000 }
        #expect(pauses == [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000])
    }

    @Test("a pause is stretched by up to its own length", arguments: [0, 0.25, 0.5, 0.999])
    func pausesAreSpread(dice: Double) {
        var backoff = Backoff()
        let pause = backoff.next(at: 0, dice: dice)
        #expect(pause == 800_000_000 + UInt64(800_000_000 * dice))
    }

    @Test("two minutes without a failure forget the failures before")
    func goodTimesReset() {
        var backoff = Backoff()
        for i in 0..<6 { _ = backoff.next(at: UInt64(i) * second, dice: 0) }
        #expect(!backoff.isFresh(at: 125 * second))
        #expect(backoff.isFresh(at: 126 * second))
        #expect(backoff.next(at: 126 * second, dice: 0) == 800_000_000)
    }

    @Test("a clock that stands still does not reset")
    func standingClock() {
        var backoff = Backoff()
        _ = backoff.next(at: 5, dice: 0)
        #expect(backoff.next(at: 5, dice: 0) == 1_600_000_000)
    }
}
