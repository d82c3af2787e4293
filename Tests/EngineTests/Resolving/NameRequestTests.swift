import Model
import Testing
import Wire

@testable import Engine

@Suite("Names that rules ask for")
struct NameRequestTests {
    @Test("an address is answered when it is known")
    func answered() {
        var run = ResolverRun()
        run.answers["web"] = ResolverRun.addresses("10.0.0.1")
        run.ask("Web.", token: 7)
        #expect(run.answered == [7: "10.0.0.1"])
    }

    @Test("what was answered is good for as long as valid answers are held")
    func cached() {
        var run = ResolverRun { $0.hold.valid = 3_000 }
        run.answers["web"] = ResolverRun.addresses("10.0.0.1", "10.0.0.2")
        run.ask("web", token: 1)
        run.wait(2_000)
        run.ask("web", token: 2)
        #expect(run.questions.count == 1)
        #expect(run.answered == [1: "10.0.0.1", 2: "10.0.0.2"])
        run.wait(3_000)
        run.ask("web", token: 3)
        #expect(run.questions.count == 2)
    }

    @Test("who asks for what nobody knows is told so after all tries; what can be no name at once")
    func unknown() {
        var run = ResolverRun()
        run.ask("web", token: 1)
        run.ask("not a name", token: 2)
        #expect(run.answered == [2: "-"])
        run.wait(3_100)
        #expect(run.answered == [1: "-", 2: "-"])
    }

    @Test("many who ask for one name are one question")
    func together() {
        var run = ResolverRun { $0.retryTimeout = 500 }
        run.ask("web", token: 1)
        run.ask("web", token: 2)
        #expect(run.questions.count == 1)
        run.answers["web"] = ResolverRun.addresses("10.0.0.1")
        run.wait(600)
        #expect(run.answered == [1: "10.0.0.1", 2: "10.0.0.1"])
    }

    @Test("who has gone is not answered")
    func forgotten() {
        var run = ResolverRun { $0.retryTimeout = 500 }
        run.ask("web", token: 1)
        run.state.forget(token: 1)
        run.wait(5_000)
        #expect(run.answered.isEmpty)
    }
}
