import Testing

@testable import Engine

@Suite("IdleShare")
struct IdleShareTests {
    private let millisecond: UInt64 = 1_000_000

    /// Rounds of so many milliseconds awake and asleep, from `start` on.
    private func share(_ rounds: [(awake: UInt64, asleep: UInt64)], from start: UInt64 = 77) -> IdleShare {
        var idle = IdleShare(now: start)
        var now = start
        for (awake, asleep) in rounds {
            now += awake * millisecond
            idle.sleeps(at: now)
            now += asleep * millisecond
            idle.wakes(at: now)
        }
        return idle
    }

    @Test("is all of the time before half a second is known")
    func unknown() {
        #expect(IdleShare(now: 5).percent == 100)
        #expect(share([(499, 0)]).percent == 100)
    }

    @Test(
        "is what was slept of the last window",
        arguments: [(500, 0, 0), (0, 500, 100), (400, 100, 20), (250, 250, 50), (2, 498, 99), (1, 9_999, 99)])
    func slept(awake: UInt64, asleep: UInt64, percent: Int) {
        #expect(share([(awake, asleep)]).percent == percent)
    }

    @Test("sums many short rounds")
    func rounds() {
        #expect(share(Array(repeating: (3, 1), count: 125)).percent == 25)
    }

    @Test("each window stands for itself, and holds until the next one is over")
    func windows() {
        #expect(share([(500, 0), (0, 499)]).percent == 0)
        #expect(share([(500, 0), (0, 500)]).percent == 100)
        #expect(share([(0, 500), (500, 0), (100, 300)]).percent == 0)
    }

    @Test("a clock that goes back, or jumps to its end, is survived")
    func clock() {
        var idle = IdleShare(now: 1_000 * millisecond)
        idle.sleeps(at: 1_100 * millisecond)
        idle.wakes(at: 900 * millisecond)
        #expect(idle.percent == 100)
        idle.sleeps(at: 0)
        idle.wakes(at: .max)
        #expect(idle.percent == 100)
    }
}
