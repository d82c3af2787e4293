import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Answers whose bodies are waited for")
struct HeldAnswerTests {
    private func isEnough(
        _ content: Int, least: Int = 0, isWhole: Bool = false, room: Int = 4 * Sizes.initialBody
    ) -> Bool {
        var held = HeldAnswer(nil, BodyDecoder(.chunked))
        held.raw = Buffer(capacity: room)
        held.content = Buffer(capacity: 2 * Sizes.initialBody)
        for _ in 0..<content { held.content.append(UInt8(ascii: "a")) }
        (held.least, held.isWhole) = (least, isWhole)
        return held.isEnough
    }

    private func timeLeft(_ deadline: UInt64, now: UInt64, silence: Int) -> Int {
        var held = HeldAnswer(nil, BodyDecoder(.chunked))
        held.deadline = deadline
        return held.timeLeft(now: now, silence: silence)
    }

    @Test("all of the body is wanted, or so many bytes")
    func enough() {
        #expect(!isEnough(5))
        #expect(!isEnough(5, least: 6))
        #expect(isEnough(5, least: 5))
        #expect(isEnough(5, isWhole: true))
        #expect(isEnough(0, isWhole: true))
    }

    @Test("what fills the buffer is enough, with framing or without")
    func full() {
        #expect(isEnough(Sizes.initialBody, least: 1_000_000))
        #expect(!isEnough(Sizes.initialBody - 1))
        #expect(isEnough(5, room: Sizes.leastRead - 1))
        #expect(!isEnough(5, room: Sizes.leastRead))
    }

    @Test("the wait ends at its time, and a silent server's at the server's")
    func time() {
        #expect(timeLeft(0, now: 5, silence: 0) == 0)
        #expect(timeLeft(0, now: 5, silence: 30) == 30)
        #expect(timeLeft(2_000_000_000, now: 1_000_000_000, silence: 0) == 1_001)
        #expect(timeLeft(2_000_000_000, now: 1_000_000_000, silence: 30) == 30)
        #expect(timeLeft(2_000_000_000, now: 1_000_000_000, silence: 5_000) == 1_001)
        #expect(timeLeft(2_000_000_000, now: 2_000_000_001, silence: 5_000) == 1)
    }

    @Test("rules go on in the list and behind the rule that has waited")
    func places() {
        let place = AnswerPlace(list: .backend, rule: 3)
        #expect(place.first(in: .route, of: 9) == nil)
        #expect(place.first(in: .backend, of: 9) == 3)
        #expect(place.first(in: .backend, of: 2) == 2)
        #expect(place.first(in: .frontend, of: 9) == 0)
        #expect(AnswerPlace(list: .route).first(in: .route, of: 9) == 0)
    }

    private func glances(_ lines: (inout HTTPRules) -> Void) -> Bool {
        var rules = HTTPRules()
        lines(&rules)
        return rules.glancesAtAnswers
    }

    @Test("bodies that nobody waits for are looked at where rules read them")
    func glances() throws {
        let reader = HTTPRule(.capture(try Expression(.answerBody(.length)), slot: 0))
        let wait = HTTPRule(.waitForBody(BodyWait(time: 5)))
        #expect(!glances { $0.response = [HTTPRule(.allow), wait] })
        #expect(glances { $0.response = [reader] })
        #expect(glances { $0.afterResponse = [reader] })
        #expect(glances { $0.response = [HTTPRule(.allow), wait, reader] })
        #expect(!glances { $0.response = [wait, reader] })
    }
}
