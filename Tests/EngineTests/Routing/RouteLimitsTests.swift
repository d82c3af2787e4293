import Basics
import Model
import Synchronization
import Testing

@testable import Engine

@Suite("Route limits")
struct RouteLimitsTests {
    private func limits(_ name: String = "a", key: RateKey? = nil) -> RequestLimits {
        var limits = RequestLimits(name: name)
        limits.rate = key.map { RateLimit(key: $0, requests: 1) }
        return limits
    }

    private func key(_ bits4: Int, _ bits6: Int) -> RouteLimits.Key {
        let model = limits(key: .source(bits4: bits4, bits6: bits6))
        return RouteLimits(model, counts: LimitCounts(model)).key
    }

    @Test("networks are masks, and senseless ones the nearest that make sense")
    func masks() {
        #expect(key(32, 128) == .source(mask4: 0xFFFF_FFFF, high6: .max, low6: .max))
        #expect(key(24, 64) == .source(mask4: 0xFFFF_FF00, high6: .max, low6: 0))
        #expect(key(1, 65) == .source(mask4: 0x8000_0000, high6: .max, low6: 1 << 63))
        #expect(key(0, 0) == .source(mask4: 0, high6: 0, low6: 0))
        #expect(key(99, 999) == key(32, 128))
        #expect(key(-1, -1) == key(0, 0))
    }

    @Test("counts are kept under their name as long as a route has them")
    func registry() {
        var registry = LimitRegistry()
        var first: LimitCounts? = registry.counts(of: limits())
        let others = [limits(), limits("b"), limits(key: .address)].map { registry.counts(of: $0) === first }
        #expect(others == [true, false, false])
        first?.requests.store(7, ordering: .relaxed)
        let again = registry.counts(of: limits()).requests.load(ordering: .relaxed)
        #expect(again == 7)
        first = nil
        // With many names, what nobody holds is forgotten.
        for i in 0..<70 { _ = registry.counts(of: limits("c\(i)")) }
        let renewed = registry.counts(of: limits())
        #expect(renewed.requests.load(ordering: .relaxed) == 0)
    }

    @Test("a status that can not be answered becomes 429")
    func status() {
        var model = limits()
        for (status, expected) in [(503, 503), (429, 429), (0, 429), (101, 429), (999, 429)]
            as [(UInt16, UInt16)]
        {
            model.status = status
            #expect(RouteLimits(model, counts: LimitCounts(model)).status == expected)
        }
    }
}
