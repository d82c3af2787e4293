import Model
import Testing

@testable import Engine

@Suite("Circuit")
struct CircuitTests {
    private static let second: UInt64 = 1_000_000_000

    private func policy(_ change: (inout CircuitBreaker) -> Void = { _ in }) -> Circuit.Policy {
        var breaker = CircuitBreaker()
        breaker.errors = 3
        change(&breaker)
        return Circuit.Policy(breaker)
    }

    private var circuit = Circuit()

    private mutating func fail(_ now: UInt64, probe: Bool = false, mayEject: Bool = true) -> UInt64? {
        circuit.fail(now: now * Self.second, isProbe: probe, policy: policy(), mayEject: { mayEject }).map {
            $0 / Self.second
        }
    }

    @Test("so many failures in a row eject, and not one less")
    mutating func threshold() {
        #expect([fail(1), fail(2), fail(3)] == [nil, nil, 30])
        #expect(circuit.isEjected)
    }

    @Test("a success between them begins anew")
    mutating func reset() {
        for now in 1...9 as ClosedRange<UInt64> {
            #expect([fail(now), fail(now)] == [nil, nil])
            circuit.succeed(now: now * Self.second, isProbe: false)
        }
        #expect(!circuit.isEjected && circuit.errors == 0)
    }

    @Test("where nobody more may be ejected it goes on, and is asked again with the next failure")
    mutating func refused() {
        #expect(
            [fail(1), fail(1), fail(1, mayEject: false), fail(1, mayEject: false)] == [nil, nil, nil, nil])
        #expect(fail(1) == 30)
    }

    @Test("a probe that fails ejects for twice as long, up to the longest")
    mutating func growth() {
        #expect([fail(0), fail(0), fail(0)].last == 30)
        var found: [UInt64?] = []
        for now in 1...6 as ClosedRange<UInt64> { found.append(fail(now * 400, probe: true)) }
        #expect(found == [60, 120, 240, 300, 300, 300])
        for _ in 0..<100 { #expect(fail(9_999, probe: true) == 300) }
    }

    @Test("what was sent before the ejection neither lengthens nor ends it")
    mutating func late() {
        _ = [fail(0), fail(0), fail(0)]
        #expect([fail(1), fail(1), fail(1), fail(1)] == [nil, nil, nil, nil])
        circuit.succeed(now: Self.second, isProbe: false)
        #expect(circuit.isEjected)
    }

    @Test("a probe that succeeds closes; soon after, it is ejected for longer, later as the first time")
    mutating func closing() {
        _ = [fail(0), fail(0), fail(0)]
        circuit.succeed(now: 31 * Self.second, isProbe: true)
        #expect(!circuit.isEjected)
        #expect([fail(40), fail(40), fail(40)] == [nil, nil, 60])
        circuit.succeed(now: 101 * Self.second, isProbe: true)
        #expect([fail(162), fail(162), fail(162)] == [nil, nil, 30])
    }

    @Test(
        "no more than so many percent are ejected, one always, the last never unless that is wanted",
        arguments: [
            (0, 1, 50, false, false), (0, 1, 50, true, true), (0, 2, 50, false, true),
            (1, 2, 50, false, false),
            (1, 2, 100, false, false), (1, 2, 100, true, true), (0, 10, 10, false, true),
            (1, 10, 10, false, false),
            (0, 10, 0, false, true), (1, 10, 0, false, false), (4, 10, 50, false, true),
            (5, 10, 50, false, false),
            (8, 10, 100, false, true), (9, 10, 100, false, false), (9, 10, 100, true, true),
        ])
    func percent(ejected: Int, servers: Int, most: Int, last: Bool, expected: Bool) {
        let policy = policy { ($0.mostEjected, $0.ejectsLast) = (most, last) }
        #expect(policy.mayEject(ejected, of: servers) == expected)
    }

    @Test("senseless numbers are taken for the nearest that make sense")
    func clamped() {
        let odd = policy {
            ($0.errors, $0.ejection, $0.longestEjection, $0.mostEjected) = (-1, -5, .max, 900)
        }
        #expect(odd.errors == 1)
        #expect(odd.first == 1_000_000)
        #expect(odd.longest == UInt64(Int32.max) * 1_000_000)
        #expect(odd.mostEjected == 100)
        #expect(policy { ($0.ejection, $0.longestEjection) = (9, 1) }.longest == 9_000_000)
    }
}
