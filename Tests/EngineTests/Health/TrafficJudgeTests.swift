import Model
import Testing

@testable import Engine

@Suite("Health: observed traffic")
struct TrafficJudgeTests {
    private func judge(_ layer: ServerObservation.Layer, limit: Int = 3) -> TrafficJudge {
        var observation = ServerObservation(layer)
        observation.errorLimit = limit
        return TrafficJudge(observation)
    }

    /// After which of the events the limit was reached.
    private func reached(_ judge: TrafficJudge, _ events: [TrafficEvent]) -> [Int] {
        var count = 0
        return events.indices.filter { i in
            let next = judge.judge(events[i], count: count)
            count = next.count
            return next.isReached
        }
    }

    @Test("failures in a row reach the limit, and then are counted anew")
    func inARow() {
        let bad = [TrafficEvent](repeating: .wrongStatus, count: 7)
        #expect(reached(judge(.answers), bad) == [2, 5])
        #expect(reached(judge(.answers, limit: 1), bad) == Array(0..<7))
    }

    @Test("one good answer makes up for all failures before it")
    func goodBetween() {
        #expect(
            reached(judge(.answers), [.wrongStatus, .wrongStatus, .answered, .wrongStatus, .wrongStatus])
                .isEmpty)
        #expect(
            reached(judge(.connections), [.connectFailed, .connectFailed, .connected, .connectFailed]).isEmpty
        )
    }

    @Test("layer 4 looks at connections only, layer 7 at answers and at refused connections")
    func layers() {
        let answers: [TrafficEvent] = [.wrongStatus, .invalidAnswer, .connectionLost, .answerTimeout]
        #expect(reached(judge(.connections, limit: 1), answers).isEmpty)
        #expect(reached(judge(.answers, limit: 1), answers) == [0, 1, 2, 3])
        #expect(reached(judge(.answers, limit: 1), [.connectFailed]) == [0])
        #expect(reached(judge(.answers, limit: 2), [.wrongStatus, .connected, .wrongStatus]) == [2])
        #expect(reached(judge(.connections, limit: 2), [.connectFailed, .answered, .connectFailed]) == [2])
    }

    @Test("a limit that makes no sense is 1", arguments: [0, -1, Int.min])
    func nonsense(limit: Int) {
        #expect(reached(judge(.answers, limit: limit), [.wrongStatus]) == [0])
    }
}
