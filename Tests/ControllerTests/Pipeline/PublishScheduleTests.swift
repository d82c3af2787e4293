import Testing

@testable import Controller

@Suite struct PublishScheduleTests {
    @Test("the first change of a quiet time is published at once")
    func leading() {
        var schedule = PublishSchedule(milliseconds: 100)
        #expect(schedule.decide(now: 5) == .now)
        schedule.published(at: 5)
        #expect(schedule.decide(now: 100_000_005) == .now)
    }

    @Test("a burst is published once per interval, at its end")
    func burst() {
        var schedule = PublishSchedule(milliseconds: 100)
        schedule.published(at: 1_000)
        #expect(schedule.decide(now: 1_001) == .at(100_001_000))
        #expect(schedule.decide(now: 100_000_999) == .at(100_001_000))
        #expect(schedule.decide(now: 100_001_000) == .now)
    }

    @Test("a storm without end waits no longer than the interval")
    func storm() {
        var schedule = PublishSchedule(milliseconds: 10)
        var publishes = 0
        for millisecond in 0..<1_000 as Range<UInt64> {
            guard case .now = schedule.decide(now: millisecond * 1_000_000) else { continue }
            schedule.published(at: millisecond * 1_000_000)
            publishes += 1
        }
        #expect(publishes == 100)
    }

    @Test("the end of time does not trap")
    func overflow() {
        var schedule = PublishSchedule(milliseconds: 100)
        schedule.published(at: .max)
        _ = schedule.decide(now: .max)
    }
}
