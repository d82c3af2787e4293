import Testing

@testable import Engine

@Suite("Load")
struct LoadTests {
    @Test("only more than ever asks for the most")
    func most() {
        let load = Load()
        let first = load.enter()
        load.leave()
        let again = load.enter()
        let second = load.enter()
        #expect([first, again, second] == [true, false, true])
        load.leave()
        load.leave()
        let (active, total) = (load.active.value, load.total.value)
        #expect(active == 0)
        #expect(total == 3)
    }

    @Test("when the most is forgotten the next one is the most")
    func forgotten() {
        let load = Load()
        _ = load.enter()
        load.most.raise(to: 1)
        load.leave()
        load.forgetMost()
        let most = load.most.value
        let isMore = load.enter()
        #expect(most == 0)
        #expect(isMore)
    }
}
