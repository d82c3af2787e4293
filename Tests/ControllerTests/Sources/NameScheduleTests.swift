import Testing

@testable import Controller

@Suite struct NameScheduleTests {
    private let second: UInt64 = 1_000_000_000

    private func following(_ names: String..., at now: UInt64 = 0) -> NameSchedule {
        var schedule = NameSchedule()
        schedule.follow(Set(names), at: now)
        return schedule
    }

    @Test("new names are asked for at once, one after the other")
    func new() {
        var schedule = following("b", "a")
        #expect(schedule.step(at: 0) == .ask("a"))
        #expect(schedule.answered("a", .found(["10.0.0.1"], seconds: 60), at: 0) == ["10.0.0.1"])
        #expect(schedule.step(at: 0) == .ask("b"))
    }

    @Test("a name that is being asked for is nobody else's, until its answer has come")
    func asked() {
        var schedule = following("b", "a")
        #expect(schedule.step(at: 0) == .ask("a"))
        #expect(schedule.step(at: 0) == .ask("b"))
        #expect(schedule.step(at: 0) == .wait(until: nil))
        _ = schedule.answered("a", .failed, at: 0)
        #expect(schedule.step(at: 0) == .wait(until: second))
        #expect(schedule.step(at: second) == .ask("a"))
    }

    @Test(
        "an answer holds for its time to live, one second at least and five minutes at most",
        arguments: [(0, 1), (1, 1), (60, 60), (86_400, 300), (UInt32.max, 300)] as [(UInt32, UInt64)])
    func timeToLive(given: UInt32, expected: UInt64) {
        var schedule = following("a")
        _ = schedule.answered("a", .found(["10.0.0.1"], seconds: given), at: 0)
        #expect(schedule.step(at: expected * second - 1) == .wait(until: expected * second))
        #expect(schedule.step(at: expected * second) == .ask("a"))
    }

    @Test("the same addresses in another order are no news")
    func sameAddresses() {
        var schedule = following("a")
        #expect(
            schedule.answered("a", .found(["10.0.0.2", "10.0.0.1", "10.0.0.2"], seconds: 1), at: 0) == [
                "10.0.0.1", "10.0.0.2",
            ])
        #expect(schedule.answered("a", .found(["10.0.0.1", "10.0.0.2"], seconds: 1), at: 1) == nil)
        #expect(schedule.answered("a", .found(["10.0.0.3"], seconds: 1), at: 2) == ["10.0.0.3"])
    }

    @Test("a failure keeps the last addresses and is tried again later and later")
    func failure() {
        var schedule = following("a")
        _ = schedule.answered("a", .found(["10.0.0.1"], seconds: 1), at: 0)
        var delays: [UInt64] = []
        for _ in 0..<9 {
            #expect(schedule.answered("a", .failed, at: 0) == nil)
            if case .wait(let time) = schedule.step(at: 0) { delays.append((time ?? 0) / second) }
        }
        #expect(delays == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    }

    @Test("the first failure of a name says that it has no address")
    func firstFailure() {
        var schedule = following("a")
        #expect(schedule.answered("a", .failed, at: 0) == [])
        #expect(schedule.answered("a", .failed, at: 1) == nil)
        #expect(schedule.answered("a", .found(["10.0.0.1"], seconds: 1), at: 2) == ["10.0.0.1"])
    }

    @Test("a name that is gone loses its addresses when that has been said three times in a row")
    func absence() {
        var schedule = following("a")
        _ = schedule.answered("a", .found(["10.0.0.1"], seconds: 1), at: 0)
        #expect(schedule.answered("a", .absent, at: 1) == nil)
        #expect(schedule.answered("a", .absent, at: 2) == nil)
        _ = schedule.answered("a", .found(["10.0.0.1"], seconds: 1), at: 3)
        #expect(schedule.answered("a", .absent, at: 4) == nil)
        #expect(schedule.answered("a", .absent, at: 5) == nil)
        #expect(schedule.answered("a", .absent, at: 6) == [])
    }

    @Test("names that are not wanted any more are not asked for, and late answers are dropped")
    func dropped() {
        var schedule = following("a", "b")
        schedule.follow(["b"], at: 0)
        #expect(schedule.step(at: 0) == .ask("b"))
        #expect(schedule.answered("a", .found(["10.0.0.1"], seconds: 1), at: 0) == nil)
        schedule.follow([], at: 0)
        #expect(schedule.step(at: 0) == .wait(until: nil))
    }

    @Test("a name that is still wanted keeps its time")
    func kept() {
        var schedule = following("a")
        _ = schedule.answered("a", .found(["10.0.0.1"], seconds: 60), at: 0)
        schedule.follow(["a", "b"], at: second)
        #expect(schedule.step(at: second) == .ask("b"))
        _ = schedule.answered("b", .found([], seconds: 300), at: second)
        #expect(schedule.step(at: second) == .wait(until: 60 * second))
    }
}
