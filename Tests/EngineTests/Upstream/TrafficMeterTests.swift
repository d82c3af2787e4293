import Testing

@testable import Engine

@Suite("Looking at counters")
struct TrafficMeterTests {
    @Test("the most under way is never less than what was seen, until it is forgotten")
    func mostActive() {
        let meter = TrafficMeter()
        #expect(meter.look(sessions: 3, active: 3, now: 1).mostActive == 3)
        #expect(meter.look(sessions: 3, active: 1, now: 2).mostActive == 3)
        meter.forgetMost()
        #expect(meter.look(sessions: 3, active: 1, now: 3).mostActive == 1)
    }
}
