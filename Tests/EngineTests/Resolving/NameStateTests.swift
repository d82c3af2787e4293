import Model
import Testing
import Wire

@testable import Engine

@Suite("What is known of a name")
struct NameStateTests {
    private func asked(
        _ wanted: NameQuestion.RecordType = .ipv6, tries: Int = 3, servers: Int = 1
    ) -> NameState {
        var state = NameState(wanted, at: 1_000)
        state.begin(id: 1, tries: tries, at: 1_000)
        state.sent(to: servers, at: 1_000)
        return state
    }

    private func record(_ address: String) -> NameAnswer.Record {
        NameAnswer.Record(SocketAddress(address, port: 0) ?? SocketAddress())
    }

    @Test("a good answer is enough, whatever the other name servers say")
    func firstGoodAnswer() {
        var state = asked(servers: 3)
        #expect(state.take(.absent, at: 1_010) == .wait)
        #expect(state.take(.found, at: 1_020) == .found)
        #expect(state.status == .valid)
        #expect(state.validAt == 1_020)
    }

    @Test("when the last name server knows nothing, the other family is asked for at once")
    func otherFamily() {
        var state = asked(servers: 2)
        #expect(state.take(.empty, at: 1_010) == .wait)
        #expect(state.take(.empty, at: 1_020) == .ask(.ipv4))
        state.sent(to: 2, at: 1_020)
        #expect(state.take(.found, at: 1_030) == .found)
    }

    @Test("when neither family is there, the question is put again in time, and given up after its tries")
    func givesUp() {
        var state = asked(tries: 2)
        #expect(state.take(.absent, at: 1_010) == .ask(.ipv4))
        state.sent(to: 1, at: 1_010)
        #expect(state.take(.absent, at: 1_020) == .wait)
        #expect(state.tick(at: 2_009, patience: 1_000) == .wait)
        #expect(state.tick(at: 2_010, patience: 1_000) == .ask(.ipv6))
        state.sent(to: 1, at: 2_010)
        #expect(state.take(.absent, at: 2_020) == .ask(.ipv4))
        state.sent(to: 1, at: 2_020)
        #expect(state.take(.absent, at: 2_030) == .failed)
        #expect(state.status == .absent)
        #expect(state.reason == .absent)
    }

    @Test("silence is asked again, and is a time-out after the last try")
    func silence() {
        var state = asked(tries: 2)
        #expect(state.tick(at: 2_000, patience: 1_000) == .ask(.ipv6))
        state.sent(to: 1, at: 2_000)
        #expect(state.tick(at: 3_000, patience: 1_000) == .failed)
        #expect(state.status == .timedOut)
    }

    @Test("services have no other family")
    func services() {
        var state = asked(.service, tries: 1)
        #expect(state.take(.absent, at: 1_010) == .wait)
        #expect(state.tick(at: 2_000, patience: 1_000) == .failed)
        #expect(state.status == .absent)
    }

    @Test("it is due at once, then an interval after it has ended")
    func due() {
        var state = NameState(.ipv4, at: 0)
        #expect(state.isDue(at: 0, interval: 1_000))
        state.begin(id: 1, tries: 1, at: 0)
        #expect(!state.isDue(at: 5_000, interval: 1_000))
        state.end(at: 5_000)
        #expect(!state.isDue(at: 5_999, interval: 1_000))
        #expect(state.isDue(at: 6_000, interval: 1_000))
    }

    @Test("records stay for as long as obsolete ones are held")
    func obsolete() {
        var state = NameState(.ipv4, at: 0)
        _ = state.merge([record("10.0.0.1"), record("10.0.0.2")], at: 100, obsolete: 500)
        #expect(state.merge([record("10.0.0.2")], at: 600, obsolete: 500).isEmpty)
        #expect(state.known.count == 2)
        let gone = state.merge([record("10.0.0.2")], at: 601, obsolete: 500)
        #expect(gone.map(\.record) == [record("10.0.0.1")])
        #expect(state.known.map(\.record) == [record("10.0.0.2")])
    }

    @Test("without a hold they go with the first answer that lacks them")
    func obsoleteAtOnce() {
        var state = NameState(.ipv4, at: 0)
        _ = state.merge([record("10.0.0.1")], at: 100, obsolete: 0)
        #expect(state.merge([record("10.0.0.2")], at: 101, obsolete: 0).count == 1)
    }

    @Test(
        "how long the last good answer counts is said by what was answered since",
        arguments: [
            (.absent, 1), (.refused, 2), (.invalid, 4), (.failed, 4), (.empty, 4), (.truncated, 4),
        ] as [(NameAnswer.Outcome, Int)])
    func holds(outcome: NameAnswer.Outcome, milliseconds: Int) {
        var hold = Resolvers.Hold()
        (hold.absent, hold.refused, hold.timeout, hold.other) = (1, 2, 3, 4)
        var state = asked()
        _ = state.take(outcome, at: 1_001)
        #expect(state.hold(hold) == milliseconds)
    }
}
