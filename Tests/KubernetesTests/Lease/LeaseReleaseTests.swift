import Testing

@testable import Kubernetes

@Suite("Giving a Lease up")
struct LeaseReleaseTests {
    private static let freed = LeaseWrite(version: "1", holder: "", durationSeconds: 1)

    @Test("a leader stops leading first, then gives the Lease up")
    func leader() {
        var run = ElectionRun.leading()
        #expect(run.take(.release) == [.lose, .write(Self.freed)])
        #expect(run.answer(.lease(.held(by: "", renewed: "1", version: "2", seconds: 1))) == [.finish])
        #expect(run.election.deadline == .max)
    }

    @Test("a candidate that holds nothing writes nothing")
    func follower() {
        var run = ElectionRun.following()
        #expect(run.take(.release) == [.finish])
        var starting = ElectionRun()
        starting.take(.start)
        #expect(starting.take(.release) == [.cancel, .finish])
        var idle = ElectionRun()
        #expect(idle.take(.release) == [.finish])
    }

    @Test("a renewal on its way is dropped and looked after, since it may have been written")
    func whileRenewing() {
        var run = ElectionRun.leading()
        run.takeDeadline()
        #expect(run.take(.release) == [.lose, .cancel, .get])
        #expect(run.answer(.lease(.held(by: "me", renewed: "1", version: "2"))).write?.version == "2")
        #expect(run.answer(.lease(.held(by: "", renewed: "1", version: "3"))) == [.finish])
    }

    @Test("a take-over on its way is looked after too")
    func whileAcquiring() {
        var run = ElectionRun()
        run.take(.start)
        run.answer(.missing)
        #expect(run.take(.release) == [.cancel, .get])
        #expect(run.answer(.missing) == [.finish])
    }

    @Test("a conflict is looked at; what another one holds is left alone")
    func conflict() {
        var run = ElectionRun.leading()
        run.take(.release)
        #expect(run.answer(.conflict) == [.get])
        #expect(run.answer(.lease(.held(by: "other", renewed: "1", version: "2"))) == [.finish])
    }

    @Test("an API server that does not answer delays the end by three tries and no more")
    func away() {
        var run = ElectionRun.leading()
        run.take(.release)
        var tries = 1
        var waited = 0.0
        while run.answer(.failed("away")) != [.finish] {
            let (seconds, actions) = run.takeDeadline()
            #expect(actions == [.get])
            waited += seconds
            tries += 1
        }
        #expect(tries == 4)
        #expect(waited < 1)
    }

    @Test("it is given up once, and news do not bring it back")
    func once() {
        var run = ElectionRun.leading()
        run.take(.release)
        #expect(run.take(.release) == [])
        #expect(run.take(.watched(.held(by: "", renewed: "1", version: "2"))) == [])
        run.answer(.lease(.held(by: "", renewed: "1", version: "2")))
        #expect(run.take(.watched(.held(by: "", renewed: "1", version: "2"))) == [])
        #expect(run.take(.tick, after: 100) == [])
    }
}
