import Model
import Testing

@testable import Engine

@Suite("Health: schedule")
struct CheckScheduleTests {
    private let schedule = CheckSchedule(interval: 2_000, fastInterval: 500, downInterval: 10_000)

    private func state(_ results: String, rise: Int = 2, fall: Int = 3) -> HealthState {
        var state = HealthState(rise: rise, fall: fall)
        for result in results { if result == "+" { state.succeed() } else { state.fail() } }
        return state
    }

    @Test(
        "inter when surely up, downinter when surely down, fastinter in between",
        arguments: [
            ("+", 2_000), ("+-", 500), ("+--", 500), ("-", 10_000), ("-+", 500), ("-++", 2_000), ("", 500),
        ])
    func intervals(results: String, expected: Int) {
        let state = state(results)
        #expect(schedule.delay(after: state, isServerDown: !state.isUp, random: 0) == expected)
    }

    @Test("what is not set is inter")
    func defaults() {
        let schedule = CheckSchedule(interval: 3_000)
        for results in ["", "+", "-", "+-", "-+"] {
            #expect(schedule.delay(after: state(results), isServerDown: true, random: 9) == 3_000)
        }
    }

    @Test(
        "a check that failed of a server that is up by another word is not the check of a server that is down"
    )
    func notDown() {
        #expect(schedule.delay(after: state("-"), isServerDown: false, random: 0) == 500)
    }

    @Test("a spread varies both ways and stays within its percentage")
    func spread() {
        let schedule = CheckSchedule(interval: 1_000, spread: 10)
        let delays = (0..<1_000).map {
            schedule.delay(
                after: state("+"), isServerDown: false, random: UInt64($0) &* 0x9E37_79B9_7F4A_7C15)
        }
        #expect(delays.allSatisfy { (900...1_100).contains($0) })
        #expect(delays.contains { $0 < 950 } && delays.contains { $0 > 1_050 })
    }

    @Test("nonsense is bounded: no interval of zero, no overflow", arguments: [0, -1, Int.min, Int.max])
    func nonsense(number: Int) {
        let schedule = CheckSchedule(
            interval: number, fastInterval: number, downInterval: number, spread: number)
        let delay = schedule.delay(after: state("-"), isServerDown: true, random: .max)
        #expect((1...130_000_000).contains(delay))
    }

    @Test("servers published together begin spread over the shortest interval")
    func beginnings() {
        let delays = (0..<4).map { CheckSchedule.firstDelay(place: $0, of: 4, shortest: 2_000) }
        #expect(delays == [0, 500, 1_000, 1_500])
        #expect(CheckSchedule.firstDelay(place: 0, of: 1, shortest: 2_000) == 0)
        #expect(CheckSchedule.firstDelay(place: 5, of: 0, shortest: .max) == 0)
    }
}
