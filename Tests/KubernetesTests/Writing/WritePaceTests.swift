import Testing

@testable import Kubernetes

@Suite("The pace of writes")
struct WritePaceTests {
    private static let second: UInt64 = 1_000_000_000
    private let rate = WriteRate(perSecond: 10, burst: 3, inFlight: 2)

    @Test("a burst at once, then so many a second")
    func bucket() {
        var pace = WritePace(WriteRate(perSecond: 10, burst: 3, inFlight: 100))
        var begun = 0
        var now = Self.second
        while now <= 3 * Self.second {
            switch pace.decide(at: now) {
            case .go:
                pace.began()
                begun += 1
            case .wait(let until):
                #expect(until > now)
                now = until
            case .full: Issue.record("not so many are under way")
            }
        }
        #expect((22...23).contains(begun))
    }

    @Test("no more at a time than allowed")
    func inFlight() {
        var pace = WritePace(rate)
        for _ in 0..<2 {
            #expect(pace.decide(at: Self.second) == .go)
            pace.began()
        }
        #expect(pace.decide(at: Self.second) == .full)
        pace.ended(.done([]), at: Self.second, dice: 0)
        #expect(pace.decide(at: Self.second) == .go)
    }

    @Test("a quiet time saves up one burst and no more")
    func saved() {
        var pace = WritePace(rate)
        _ = pace.decide(at: 0)
        var begun = 0
        while pace.decide(at: 1_000_000 * Self.second) == .go {
            pace.began()
            pace.ended(.done([]), at: 1_000_000 * Self.second, dice: 0)
            begun += 1
        }
        #expect(begun == 3)
    }

    @Test(
        "what the server asks for is waited for",
        arguments: [(UInt64?.none, 0.8), (1, 1.0), (30, 30.0), (.max, 600.0)])
    func retryAfter(seconds: UInt64?, waited: Double) {
        var pace = WritePace(rate)
        pace.began()
        pace.ended(.later("429", retryAfter: seconds), at: Self.second, dice: 0)
        #expect(pace.decide(at: Self.second) == .wait(until: Self.second + UInt64(waited * 1e9)))
    }

    @Test("failures in a row are paused for ever longer, 30 s at most")
    func backoff() {
        var pace = WritePace(rate)
        var now = Self.second
        var pauses: [Double] = []
        for _ in 0..<8 {
            pace.began()
            pace.ended(.later("away"), at: now, dice: 0)
            guard case .wait(let until) = pace.decide(at: now) else { continue }
            pauses.append(Double(until - now) / 1e9)
            now = until
        }
        #expect(pauses == [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30])
    }

    @Test("without permission it is tried once a minute")
    func forbidden() {
        var pace = WritePace(rate)
        pace.began()
        pace.ended(.forbidden("no"), at: Self.second, dice: 0)
        #expect(pace.decide(at: 2 * Self.second) == .wait(until: 61 * Self.second))
        #expect(pace.decide(at: 61 * Self.second) == .go)
    }

    @Test("a clock that goes back does no harm")
    func backwards() {
        var pace = WritePace(rate)
        _ = pace.decide(at: 100 * Self.second)
        #expect(pace.decide(at: 50 * Self.second) == .go)
    }
}
