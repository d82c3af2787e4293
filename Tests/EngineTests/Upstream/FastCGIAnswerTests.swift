import Testing
import Wire

@testable import Engine

@Suite("FastCGIAnswer")
struct FastCGIAnswerTests {
    @Test("a body has no more than its head has promised; without a promise it has what comes")
    func admitting() {
        var answer = FastCGIAnswer()
        let unbound = answer.admit(1_000)
        answer.missing = 10
        let admitted = [answer.admit(4), answer.admit(9), answer.admit(9)]
        let missing = answer.missing
        #expect(unbound == 1_000 && admitted == [4, 6, 0] && missing == 0)
    }

    @Test("a connection is kept behind an end that nothing follows")
    func keeping() {
        var answer = FastCGIAnswer()
        var kept = [answer.keepsConnection]
        answer.reset(isToBeKept: true)
        answer.ending = .complete
        kept.append(answer.keepsConnection)
        answer.hasStray = true
        kept.append(answer.keepsConnection)
        answer.reset(isToBeKept: false)
        answer.ending = .complete
        kept.append(answer.keepsConnection)
        #expect(kept == [false, true, false, false])
    }
}
