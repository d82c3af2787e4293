import Testing

@testable import Command

@Suite("Engine place") struct EnginePlaceTests {
    @Test("what the supervisor says is understood")
    func round() {
        let word = EnginePlace.word(restarts: 3, file: nil, sockets: [], identity: "node-1_ab:c")
        let place = EnginePlace([
            EnginePlace.variable: word, WorkerProcess.variable: "supervised:-1:-1",
        ])
        #expect(place?.restarts == 3)
        #expect(place?.identity == "node-1_ab:c")
        #expect(place?.takeState() == nil)
    }

    @Test(
        "anything else is no supervisor's word",
        arguments: [
            [:], ["SLUICE_ENGINE": "0:-1::x"], ["SLUICE_WORKER": "supervised:-1:-1"],
            ["SLUICE_ENGINE": "0:-1::x", "SLUICE_WORKER": "watched:-1:-1"],
            ["SLUICE_ENGINE": "many:-1::x", "SLUICE_WORKER": "supervised:-1:-1"],
            ["SLUICE_ENGINE": "", "SLUICE_WORKER": "supervised:-1:-1"],
        ] as [[String: String]])
    func foreign(environment: [String: String]) {
        #expect(EnginePlace(environment) == nil)
    }
}
