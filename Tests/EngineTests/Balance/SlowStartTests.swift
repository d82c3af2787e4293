import Testing

@testable import Engine

@Suite("Slow start")
struct SlowStartTests {
    private static let second: UInt64 = 1_000_000_000

    @Test(
        "weight grows from one sixteenth to all of them in even steps, as HAProxy's at whole seconds",
        arguments: [(0, 1), (1, 2), (5, 9), (9, 15), (10, 16), (3_600, 16)])
    func steps(elapsed: UInt64, expected: Int) {
        let start = 77 * Self.second
        #expect(
            SlowStart.steps(startedAt: start, now: start + elapsed * Self.second, duration: 10_000)
                == expected)
    }

    @Test("without a start or a duration it is full; a clock that lags is at the beginning")
    func edges() {
        #expect(SlowStart.steps(startedAt: 0, now: 5, duration: 1_000) == 16)
        #expect(SlowStart.steps(startedAt: 3, now: 5, duration: 0) == 16)
        #expect(SlowStart.steps(startedAt: 9, now: 5, duration: 1_000) == 1)
        #expect(SlowStart.steps(startedAt: SlowStart.pending, now: 5, duration: 1_000) == 1)
        #expect(SlowStart.steps(startedAt: 1, now: .max, duration: Int(Int32.max)) == 16)
    }

    @Test(
        "a limit grows with it and is never 0, unless there is none",
        arguments: [
            (0, 100, 1), (1, 100, 10), (5, 100, 50), (5, 7, 3), (9, 100, 90), (10, 100, 100), (1, 3, 1),
            (5, 0, 0),
        ])
    func limits(elapsed: UInt64, limit: Int, expected: Int) {
        let found = SlowStart.limit(
            limit, startedAt: Self.second, now: (1 + elapsed) * Self.second, duration: 10_000)
        #expect(found == expected)
    }

    @Test("the largest limit does not overflow")
    func largestLimit() {
        let found = SlowStart.limit(.max, startedAt: 1, now: 1 + 99 * Self.second, duration: 100_000)
        #expect(found > .max / 100 * 98)
    }

    @Test("a server takes as many of sixteen turns as it has steps, evenly spread", arguments: 1...16)
    func turns(steps: Int) {
        for server in 0..<20 {
            let taken = (0..<16).filter { SlowStart.takesTurn(server, lap: UInt($0), steps: steps) }
            #expect(taken.count == steps)
            let (shortest, longest) = (16 / steps, (16 + steps - 1) / steps)
            for (one, next) in zip(taken, taken.dropFirst()) {
                #expect((shortest...longest).contains(next - one))
            }
        }
    }

    @Test("a server that has no clock yet starts at the first look, once")
    func pending() {
        let pool = TestPool(weights: [1])
        let server = pool.states[0]
        #expect(server.startOfSlowStart(now: 5) == 0)
        server.warmUp()
        #expect(server.startOfSlowStart(now: 7) == 7)
        #expect(server.startOfSlowStart(now: 9) == 7)
        server.warmUp(at: 20)
        #expect(server.startOfSlowStart(now: 30) == 20)
    }
}
