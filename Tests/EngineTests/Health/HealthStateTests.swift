import Testing

@testable import Engine

@Suite("Health: rise and fall")
struct HealthStateTests {
    /// Results as letters, `+` good and `-` bad; states after each, in HAProxy's words.
    @Test(
        "good and bad checks count as HAProxy counts them",
        arguments: [
            (2, 3, "+", ["UP"]), (2, 3, "-", ["DOWN"]), (2, 3, "+-", ["UP", "UP 2/3"]),
            (2, 3, "+--", ["UP", "UP 2/3", "UP 1/3"]), (2, 3, "+---", ["UP", "UP 2/3", "UP 1/3", "DOWN"]),
            (2, 3, "+--+", ["UP", "UP 2/3", "UP 1/3", "UP"]),
            (2, 3, "-+", ["DOWN", "DOWN 1/2"]), (2, 3, "-++", ["DOWN", "DOWN 1/2", "UP"]),
            (2, 3, "-+-", ["DOWN", "DOWN 1/2", "DOWN"]),
            (2, 3, "-+-++-", ["DOWN", "DOWN 1/2", "DOWN", "DOWN 1/2", "UP", "UP 2/3"]),
            (1, 1, "-+-+", ["DOWN", "UP", "DOWN", "UP"]), (1, 1, "++", ["UP", "UP"]),
            (1, 2, "+-+--", ["UP", "UP 1/2", "UP", "UP 1/2", "DOWN"]),
            (3, 1, "-+++-", ["DOWN", "DOWN 1/3", "DOWN 2/3", "UP", "DOWN"]),
            (3, 1, "-++-", ["DOWN", "DOWN 1/3", "DOWN 2/3", "DOWN"]),
            (
                4, 2, "-+++-++++",
                [
                    "DOWN", "DOWN 1/4", "DOWN 2/4", "DOWN 3/4", "DOWN", "DOWN 1/4", "DOWN 2/4", "DOWN 3/4",
                    "UP",
                ]
            ),
        ])
    func sequence(rise: Int, fall: Int, results: String, expected: [String]) {
        var state = HealthState(rise: rise, fall: fall)
        let states = results.map { result in
            if result == "+" { state.succeed() } else { state.fail() }
            return state.description
        }
        #expect(states == expected)
    }

    @Test(
        "a server begins up and one failure from down, whatever its settings", arguments: [1, 2, 3, 10],
        [1, 2, 3, 10])
    func beginning(rise: Int, fall: Int) {
        var state = HealthState(rise: rise, fall: fall)
        #expect(state.isUp)
        state.fail()
        #expect(state.isSurelyDown)
    }

    @Test("a server that was down begins at the very bottom")
    func beginningDown() {
        var state = HealthState(rise: 2, fall: 3, isUp: false)
        #expect(state.isSurelyDown)
        state.succeed()
        #expect(!state.isUp)
        state.succeed()
        #expect(state.isSurelyUp)
    }

    @Test("only a result that moves the counter is worth telling")
    func news() {
        var state = HealthState(rise: 2, fall: 2)
        let good = [state.succeed(), state.succeed(), state.succeed()]
        let bad = [state.fail(), state.fail(), state.fail()]
        #expect(good == [true, false, false])
        #expect(bad == [true, true, false])
    }

    @Test("settings that make no sense are the nearest that do", arguments: [0, -1, .min, .max])
    func nonsense(number: Int) {
        var state = HealthState(rise: number, fall: number)
        state.succeed()
        for _ in 0..<3 { state.fail() }
        #expect(state.rise >= 1 && state.fall >= 1)
    }

    @Test("a weakened server falls with the next failure; sudden death takes two")
    func weaken() {
        var weak = HealthState(rise: 2, fall: 5)
        weak.succeed()
        weak.weaken()
        #expect(weak.isUp)
        weak.fail()
        #expect(weak.isSurelyDown)
        var dying = HealthState(rise: 2, fall: 5)
        dying.succeed()
        dying.prepareSuddenDeath()
        dying.fail()
        #expect(dying.isUp)
        dying.fail()
        #expect(dying.isSurelyDown)
    }

    @Test("neither changes a server that is down or as weak already")
    func weakenDown() {
        var state = HealthState(rise: 2, fall: 5)
        state.fail()
        state.weaken()
        state.prepareSuddenDeath()
        #expect(state.isSurelyDown)
    }

    @Test("an agent's word counts at once")
    func agent() {
        var state = HealthState(rise: 3, fall: 3)
        state.set(isUp: false)
        #expect(state.isSurelyDown)
        state.set(isUp: true)
        #expect(state.isSurelyUp)
    }
}
