import Testing

@testable import Engine

@Suite("Verdicts that a worker keeps")
struct VerdictStoreTests {
    private func verdict(_ text: String = "") -> VerdictStore.Verdict {
        VerdictStore.Verdict(status: 200, taken: Array(text.utf8))
    }

    @Test("they hold until their time is over")
    func time() {
        var store = VerdictStore()
        #expect(store.find([1], now: 0) == nil)
        store.keep(verdict("a"), under: [1], until: 10)
        store.keep(verdict("b"), under: [2], until: 20)
        #expect(store.find([1], now: 9) == verdict("a"))
        #expect(store.find([1], now: 10) == nil && store.count == 1)
        #expect(store.find([2], now: 10) == verdict("b"))
        #expect(store.find([2, 0], now: 10) == nil && store.find([], now: 10) == nil)
    }

    @Test("a newer one stands in place of an older one")
    func replaced() {
        var store = VerdictStore()
        store.keep(verdict("a"), under: [1], until: 10)
        let bytes = store.bytes
        store.keep(verdict("b"), under: [1], until: 30)
        #expect(store.find([1], now: 20) == verdict("b"))
        #expect(store.count == 1 && store.bytes == bytes)
    }

    @Test("their number is bounded: the oldest goes first")
    func number() {
        var store = VerdictStore(entries: 4)
        for i in 0..<10 as Range<UInt8> { store.keep(verdict(), under: [i], until: 10) }
        #expect(store.count == 4)
        let kept = (0..<10 as Range<UInt8>).map { store.find([$0], now: 0) != nil }
        #expect(kept == Array(repeating: false, count: 6) + Array(repeating: true, count: 4))
    }

    @Test("their bytes are bounded, whatever they are")
    func bytes() {
        var store = VerdictStore(entries: 1_000, bytes: 10_000)
        let long = String(repeating: "x", count: 1_000)
        for i in 0..<200 as Range<UInt8> {
            store.keep(verdict(i % 3 == 0 ? long : "y"), under: [i, i % 7], until: 10)
            #expect(store.bytes <= 10_000)
        }
        #expect(store.find([199, 199 % 7], now: 0) != nil)
        let before = store.count
        store.keep(verdict(String(repeating: "x", count: VerdictStore.mostOfOne)), under: [0], until: 10)
        #expect(store.find([0], now: 0) == nil && store.count == before)
    }
}
