import Testing

@testable import Command

@Suite struct ReachDecisionTests {
    @Test("while nobody is there it is looked for again, and pods have their addresses")
    func nobody() {
        var decision = ReachDecision()
        #expect(decision.take(.nobody) == .direct(again: 5))
        #expect(decision.take(.nobody) == .direct(again: 5))
    }

    @Test("where one is reachable all are taken to be")
    func reachable() {
        var decision = ReachDecision()
        #expect(decision.take(.tried(reachable: 1, of: 6)) == .direct(again: 30))
    }

    @Test("where none is reachable at the start they are reached through the API server")
    func unreachable() {
        var decision = ReachDecision()
        _ = decision.take(.nobody)
        #expect(decision.take(.tried(reachable: 0, of: 4)) == .proxied(tried: 4))
    }

    @Test("a network that has worked may be away for a moment")
    func moment() {
        var decision = ReachDecision()
        _ = decision.take(.tried(reachable: 2, of: 2))
        #expect(decision.take(.tried(reachable: 0, of: 2)) == .direct(again: 2))
        #expect(decision.take(.tried(reachable: 1, of: 2)) == .direct(again: 30))
        #expect(decision.take(.tried(reachable: 0, of: 2)) == .direct(again: 2))
        #expect(decision.take(.tried(reachable: 0, of: 2)) == .proxied(tried: 2))
    }
}
