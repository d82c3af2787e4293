import Testing

@testable import Engine

@Suite("Limits that keys share")
struct SharedPacesTests {
    @Test("who asks first is served first, and nobody at the same time")
    func order() {
        let paces = SharedPaces()
        paces.join(1, now: 1_000)
        paces.join(2, now: 1_000)
        #expect(paces.grant(100, of: 1, period: 50, now: 1_000) == 950)
        #expect(paces.grant(100, of: 1, period: 50, now: 1_000) == 1_050)
        #expect(paces.grant(100, of: 1, period: 50, now: 1_001) == 1_150)
        // Another key has its own time.
        #expect(paces.grant(100, of: 2, period: 50, now: 1_001) == 951)
    }

    @Test("of what nobody wanted a period is left")
    func credit() {
        let paces = SharedPaces()
        paces.join(1, now: 10)
        #expect(paces.grant(5, of: 1, period: 50, now: 10) == 0)
        #expect(paces.grant(5, of: 1, period: 50, now: 10_000) == 9_950)
        #expect(paces.grant(.max, of: 1, period: 50, now: 10_000) == 9_955)
        #expect(paces.grant(5, of: 1, period: 50, now: 10_000) == .max)
    }

    @Test("what was not used is given back, and what is owed is not forgotten")
    func leaving() {
        let paces = SharedPaces()
        paces.join(1, now: 1_000)
        paces.join(1, now: 1_000)
        _ = paces.grant(100, of: 1, period: 0, now: 1_000)
        _ = paces.grant(100, of: 1, period: 0, now: 1_000)
        paces.leave(1, unused: 60, now: 1_000)
        #expect(paces.count == 1)
        paces.leave(1, unused: 0, now: 1_000)
        #expect(paces.count == 1)
        paces.join(1, now: 1_010)
        #expect(paces.grant(10, of: 1, period: 0, now: 1_010) == 1_140)
        paces.leave(1, unused: 0, now: 1_150)
        #expect(paces.count == 0)
    }

    @Test("keys that nobody needs are forgotten")
    func sweep() {
        let paces = SharedPaces()
        for key in 0..<UInt64(1_024) {
            paces.join(key, now: 0)
            _ = paces.grant(1_000, of: key, period: 0, now: 0)
            if key > 0 { paces.leave(key, unused: 0, now: 0) }
        }
        #expect(paces.count == 1_024)
        paces.join(5_000, now: 2_000)
        #expect(paces.count == 2)
    }
}
