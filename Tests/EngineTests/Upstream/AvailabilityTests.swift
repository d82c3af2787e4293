import Testing

@testable import Engine

@Suite("Up and down")
struct AvailabilityTests {
    @Test("time that was down adds up")
    func adds() {
        var availability = Availability(since: 100)
        availability.note(isUp: false, now: 200)
        #expect(availability.downtime(now: 250) == 50)
        availability.note(isUp: true, now: 300)
        #expect(availability.downtime(now: 1_000) == 100)
        availability.note(isUp: false, now: 2_000)
        #expect(availability.downtime(now: 2_010) == 110)
        #expect(availability.downs == 2)
        #expect(availability.changedAt == 2_000)
    }

    @Test("what stays as it is is no change")
    func unchanged() {
        var availability = Availability(since: 100)
        availability.note(isUp: true, now: 200)
        #expect(availability == Availability(since: 100))
    }

    @Test("a clock that lags behind changes nothing")
    func lagging() {
        var availability = Availability(since: 100)
        availability.note(isUp: false, now: 200)
        #expect(availability.downtime(now: 150) == 0)
    }
}
