import Testing

@testable import Kubernetes

@Suite("Lease election")
struct LeaseElectionTests {
    // MARK: acquiring

    @Test("it begins with a look at the Lease")
    func begins() {
        var run = ElectionRun()
        #expect(run.take(.start) == [.get])
        #expect(run.take(.start) == [])
        #expect(!run.election.isLeading)
    }

    @Test("a Lease that is missing is made, and leads from the answer on")
    func creates() {
        var run = ElectionRun()
        run.take(.start)
        let made = LeaseWrite(version: nil, holder: "me", durationSeconds: 15, acquires: true)
        #expect(run.answer(.missing) == [.write(made)])
        #expect(!run.election.isLeading)
        let actions = run.answer(.lease(.held(by: "me", renewed: "0", version: "1")), after: 0.5)
        #expect(actions == [.lead, .tell(.leading)])
        #expect(run.election.isLeading)
    }

    @Test("who loses the race to make it looks again and follows")
    func losesCreation() {
        var run = ElectionRun()
        run.take(.start)
        run.answer(.missing)
        #expect(run.answer(.conflict) == [.get])
        let other = Lease.held(by: "other", renewed: "0", version: "1")
        #expect(run.answer(.lease(other)) == [.tell(.following("other"))])
    }

    @Test("a Lease without a holder is taken at once, as one more transition")
    func takesFree() {
        var run = ElectionRun()
        run.take(.start)
        let actions = run.answer(
            .lease(.held(by: "", renewed: "0", version: "7", seconds: 1, transitions: 4)))
        #expect(
            actions.write
                == LeaseWrite(
                    version: "7", holder: "me", durationSeconds: 15, acquires: true, transitions: 5))
    }

    @Test("a Lease that is ours already is renewed, not acquired anew")
    func keepsOwn() {
        var run = ElectionRun()
        run.take(.start)
        let actions = run.answer(.lease(.held(by: "me", renewed: "0", version: "7", transitions: 4)))
        #expect(
            actions.write
                == LeaseWrite(
                    version: "7", holder: "me", durationSeconds: 15, acquires: false, transitions: 4))
    }

    @Test("a candidate tries every 2 to 4.4 seconds", arguments: [(0.0, 2.0), (0.5, 3.2), (1.0, 4.4)])
    func pace(dice: Double, seconds: Double) {
        var run = ElectionRun.following()
        run.dice = dice
        run.takeDeadline()
        run.answer(.lease(.held(by: "other", renewed: "1", version: "2")))
        let (waited, actions) = run.takeDeadline()
        #expect(abs(waited - seconds) < 1e-6)
        #expect(actions == [.get])
    }

    @Test("a dead holder is replaced when its Lease has run out, not a pause later")
    func expires() {
        var run = ElectionRun.following()
        run.dice = 1
        let start = run.now
        var write: LeaseWrite?
        while write == nil, run.now < start + 60 * ElectionRun.second {
            let actions = run.takeDeadline().actions
            guard actions == [.get] else { break }
            write = run.answer(.lease(.held(by: "other", renewed: "0", version: "1"))).write
        }
        #expect(write?.version == "1")
        let waited = Double(run.now - start) / 1e9
        #expect(waited >= 15 && waited <= 15.3)
    }

    @Test("a Lease that is renewed is never taken, however old its own clock says it is")
    func skewedHolder() {
        var run = ElectionRun.following(.held(by: "other", renewed: "1970-01-01T00:00:00Z", version: "1"))
        for i in 2..<200 {
            let actions = run.takeDeadline().actions
            #expect(actions == [.get])
            let answer = run.answer(.lease(.held(by: "other", renewed: "1970-\(i)", version: "\(i)")))
            #expect(answer.write == nil)
        }
    }

    @Test("only a change of what the Lease says counts, not of its version")
    func versionIsNoRenewal() {
        var run = ElectionRun.following()
        var write: LeaseWrite?
        for version in 2..<30 where write == nil {
            run.takeDeadline()
            write = run.answer(.lease(.held(by: "other", renewed: "0", version: "\(version)"))).write
        }
        #expect(write != nil)
    }

    @Test(
        "a holder's own duration is respected, within reason",
        arguments: [(1, 1.0), (60, 60.0), (-5, 1.0), (0, 1.0), (Int.max, 3_600.0), (Int.min, 1.0)])
    func foreignDuration(seconds: Int, respected: Double) {
        let lease = Lease.held(by: "other", renewed: "0", version: "1", seconds: seconds)
        var run = ElectionRun.following(lease)
        let start = run.now
        var write: LeaseWrite?
        for _ in 0..<5_000 where write == nil {
            run.takeDeadline()
            write = run.answer(.lease(lease)).write
        }
        let waited = Double(run.now - start) / 1e9
        #expect(write != nil && waited >= respected && waited <= respected + 2)
    }

    @Test("transitions that cannot be counted on are not believed", arguments: [Int.max, Int.min, -1])
    func foreignTransitions(transitions: Int) {
        var run = ElectionRun()
        run.take(.start)
        let free = Lease.held(by: "", renewed: "0", version: "1", transitions: transitions)
        #expect(run.answer(.lease(free)).write?.holder == "me")
    }

    // MARK: the watch

    @Test("what the watch shows saves the candidate its own look")
    func watchPostpones() {
        var run = ElectionRun.following()
        for i in 1..<50 {
            run.take(.watched(.held(by: "other", renewed: "\(i)", version: "\(i)")), after: 3.9)
            #expect(run.take(.tick) == [])
        }
        #expect(run.takeDeadline().actions == [.get], "a watch that shows nothing more is not relied on")
    }

    @Test("a Lease that its holder gives up is taken within the spread", arguments: [0.0, 0.5, 0.999])
    func watchedRelease(dice: Double) {
        var run = ElectionRun.following()
        run.dice = dice
        let told = run.take(
            .watched(.held(by: "", renewed: "9", version: "9", seconds: 1, transitions: 2)), after: 1)
        #expect(told == [.tell(.vacant)])
        let (waited, actions) = run.takeDeadline()
        #expect(waited <= 0.3)
        #expect(actions.write?.version == "9")
        #expect(actions.write?.transitions == 3)
    }

    @Test("a watch that lags costs a conflict and nothing else")
    func staleWatch() {
        var run = ElectionRun.following()
        run.take(.watched(.held(by: "", renewed: "1", version: "2")))
        #expect(run.takeDeadline().actions.write?.version == "2")
        #expect(run.answer(.conflict) == [.get])
        let other = Lease.held(by: "third", renewed: "2", version: "3")
        #expect(run.answer(.lease(other)) == [.tell(.following("third"))])
    }

    @Test("old news of another holder does not end a lead; the API is asked")
    func staleNewsWhileLeading() {
        var run = ElectionRun.leading()
        #expect(run.take(.watched(.held(by: "other", renewed: "0", version: "0"))) == [.get])
        #expect(run.election.isLeading)
        let actions = run.answer(.lease(.held(by: "me", renewed: "0", version: "1")))
        #expect(actions.write?.holder == "me")
        #expect(run.election.isLeading)
    }

    @Test("our own renewals come back by the watch and mean nothing")
    func ownNews() {
        var run = ElectionRun.leading()
        let deadline = run.election.deadline
        #expect(run.take(.watched(.held(by: "me", renewed: "0", version: "1")), after: 0.1) == [])
        #expect(run.election.deadline == deadline)
    }

    @Test("a watch before the start or while asking changes no plan")
    func watchOutOfTurn() {
        var run = ElectionRun()
        #expect(run.take(.watched(.held(by: "", renewed: "0", version: "1"))) == [])
        run.take(.start)
        #expect(run.take(.watched(.held(by: "", renewed: "0", version: "1"))) == [])
        #expect(run.election.phase == .getting)
    }

    // MARK: renewing

    @Test("the holder renews every 2 seconds with the version of its last write")
    func renews() {
        var run = ElectionRun.leading()
        for i in 2..<100 {
            let (waited, actions) = run.takeDeadline()
            #expect(waited == 2)
            #expect(
                actions == [
                    .write(LeaseWrite(version: "\(i - 1)", holder: "me", durationSeconds: 15))
                ])
            #expect(run.answer(.lease(.held(by: "me", renewed: "\(i)", version: "\(i)"))) == [.lead])
        }
    }

    @Test("a lead ends ten seconds after the last renewal that succeeded was sent")
    func losesByTime() {
        var run = ElectionRun.leading()
        let sentAt = run.now
        var actions = run.takeDeadline().actions
        while !actions.contains(.lose) {
            run.answer(.failed("away"))
            actions = run.takeDeadline().actions
        }
        #expect(run.now - sentAt == 10 * ElectionRun.second)
        #expect(!run.election.isLeading)
        #expect(actions.contains(.get), "it stands for election again")
    }

    @Test("a request that hangs does not prolong a lead, and its answer is not waited for")
    func losesWhileAsking() {
        var run = ElectionRun.leading()
        run.takeDeadline()
        let (waited, actions) = run.takeDeadline()
        #expect(waited == 8)
        #expect(actions == [.lose, .cancel, .get])
    }

    @Test("the time counts from when a renewal was sent, not from when it was answered")
    func slowAnswers() {
        var run = ElectionRun.leading()
        run.takeDeadline()
        let sentAt = run.now
        run.answer(.lease(.held(by: "me", renewed: "1", version: "2")), after: 4)
        #expect(run.election.leadsUntil == sentAt + 10 * ElectionRun.second)
    }

    @Test("a success that is ten seconds old is none")
    func lateSuccess() {
        var run = ElectionRun()
        run.take(.start)
        run.answer(.missing)
        let actions = run.answer(.lease(.held(by: "me", renewed: "1", version: "2")), after: 10)
        #expect(!actions.contains(.lead))
        #expect(!run.election.isLeading)
    }

    @Test("trouble in between is told once and forgotten with the next renewal")
    func recovers() {
        var run = ElectionRun.leading()
        run.takeDeadline()
        #expect(run.answer(.failed("away")) == [.tell(.failing("away"))])
        run.takeDeadline()
        #expect(run.answer(.failed("away")) == [])
        run.takeDeadline()
        let renewed = run.answer(.lease(.held(by: "me", renewed: "1", version: "2")))
        #expect(renewed == [.lead, .tell(.leading)])
        #expect(run.election.isLeading)
    }

    @Test("a conflict at renewing is looked at before the lead ends")
    func conflictWhileLeading() {
        var run = ElectionRun.leading()
        run.takeDeadline()
        #expect(run.answer(.conflict) == [.get])
        #expect(run.election.isLeading)
        let actions = run.answer(.lease(.held(by: "other", renewed: "5", version: "5")))
        #expect(actions == [.lose, .tell(.following("other"))])
    }

    @Test("a renewal whose answer was lost is found to have been written")
    func lostAnswer() {
        var run = ElectionRun.leading()
        run.takeDeadline()
        run.answer(.failed("reset"))
        run.takeDeadline()
        #expect(run.answer(.conflict) == [.get])
        let actions = run.answer(.lease(.held(by: "me", renewed: "2", version: "2")))
        #expect(actions.write?.version == "2")
        #expect(run.election.isLeading)
    }

    @Test("a Lease that is deleted under its holder is made again")
    func deleted() {
        var run = ElectionRun.leading()
        run.takeDeadline()
        #expect(run.answer(.missing) == [.get])
        #expect(run.answer(.missing).write?.version == nil)
        #expect(run.answer(.lease(.held(by: "me", renewed: "0", version: "9"))).contains(.lead))
    }

    @Test("conflicts without end do not become requests without a pause")
    func endlessConflicts() {
        var run = ElectionRun()
        run.take(.start)
        var asked = 1
        for _ in 0..<1_000 {
            switch run.election.phase {
            case .getting: run.answer(.lease(.held(by: "", renewed: "0", version: "1")))
            case .writing: run.answer(.conflict)
            default: run.takeDeadline()
            }
            if run.election.phase != .waiting { asked += 1 }
        }
        let seconds = Double(run.now - 1_000 * ElectionRun.second) / 1e9
        #expect(Double(asked) <= seconds * 2 + 4)
    }

    // MARK: refusals

    @Test("without permission it never leads, says so once, and goes on trying")
    func forbidden() {
        var run = ElectionRun()
        run.take(.start)
        #expect(run.answer(.forbidden("leases is forbidden")) == [.tell(.forbidden("leases is forbidden"))])
        for _ in 0..<10 {
            #expect(run.takeDeadline().actions == [.get])
            #expect(run.answer(.forbidden("leases is forbidden")) == [])
        }
        run.takeDeadline()
        #expect(run.answer(.missing).write != nil, "the permission may come later")
    }

    @Test("Retry-After is waited for", arguments: [(1, 2.0), (7, 7.0), (100_000, 60.0)])
    func retryAfter(seconds: UInt64, waited: Double) {
        var run = ElectionRun()
        run.take(.start)
        run.answer(.failed("429", retryAfter: seconds))
        #expect(run.takeDeadline().seconds == waited)
    }

    @Test("a leader that is told to wait for longer than its lead lasts loses it in time")
    func retryAfterWhileLeading() {
        var run = ElectionRun.leading()
        run.takeDeadline()
        run.answer(.failed("429", retryAfter: 30))
        let (waited, actions) = run.takeDeadline()
        #expect(waited == 8)
        #expect(actions == [.lose, .get])
    }

    // MARK: clocks

    @Test("a clock that leaps ahead ends the lead before anything else happens")
    func leapWhileLeading() {
        var run = ElectionRun.leading()
        #expect(run.take(.tick, after: 3_600) == [.lose, .get])
    }

    @Test("a clock that leaps ahead asks the API before it takes a Lease")
    func leapWhileFollowing() {
        var run = ElectionRun.following()
        #expect(run.take(.tick, after: 3_600) == [.get])
        let other = Lease.held(by: "other", renewed: "1800", version: "900")
        #expect(run.answer(.lease(other)).write == nil)
    }

    @Test("a clock that goes back neither prolongs a lead nor loses it")
    func backwards() {
        var run = ElectionRun.leading()
        let end = run.election.leadsUntil
        run.now -= 500 * ElectionRun.second
        #expect(run.take(.tick) == [])
        #expect(run.election.leadsUntil == end)
        run.now += 500 * ElectionRun.second
        #expect(run.takeDeadline().actions.write != nil)
    }

    @Test("times at the end of the clock do not overflow")
    func endOfTime() {
        var run = ElectionRun()
        run.now = .max - 5
        run.take(.start)
        run.answer(.lease(.held(by: "other", renewed: "0", version: "1", seconds: .max)))
        #expect(run.election.deadline == .max)
    }
}
