import Model
import Testing

@testable import Engine

@Suite("Holding bytes back")
struct ThrottleTests {
    private static let second: UInt64 = 1_000_000_000
    private static let start: UInt64 = 77 * second

    private func throttle(_ bytes: Int, period: Int = 1_000, least: Int = 0, free: Int64 = 0) -> Throttle {
        Throttle(
            1, .answer, Throttle.Rate(bytes: bytes, period: period, leastPiece: least), free: free,
            now: Self.start)
    }

    /// How many bytes pass in a time if everything that may pass does, looked at every so often.
    private func passed(_ throttle: Throttle, in time: UInt64, every step: UInt64) -> Int {
        var (throttle, sum, now) = (throttle, 0, Self.start)
        while now < Self.start + time {
            let most = throttle.allowance(now: now)
            throttle.pass(most, now: now)
            sum += most
            now += step
        }
        return sum
    }

    @Test("a piece passes at once, and the next when it is paid for")
    func pieces() {
        var throttle = throttle(1_000)
        #expect(throttle.allowance(now: Self.start) == 1_000)
        throttle.pass(1_000, now: Self.start)
        #expect(throttle.allowance(now: Self.start) == 0)
        #expect(throttle.wait(now: Self.start) == Self.second)
        #expect(throttle.wait(now: Self.start + Self.second / 4) == 3 * Self.second / 4)
        #expect(throttle.allowance(now: Self.start + Self.second - 1) == 0)
        #expect(throttle.allowance(now: Self.start + Self.second) == 1_000)
    }

    @Test("what came out longer than allowed takes longer to pay for")
    func debt() {
        var throttle = throttle(1_000)
        throttle.pass(3_500, now: Self.start)
        #expect(throttle.wait(now: Self.start) == 7 * Self.second / 2)
    }

    @Test(
        "over a time the rate is kept, however often somebody looks",
        arguments: [10_000, 1_000_000, 50_000_000, 4_000_000_000],
        [1_000_000, 8_000_000, 90_000_000] as [UInt64])
    func rate(bytes: Int, step: UInt64) {
        let sum = passed(throttle(bytes), in: 10 * Self.second, every: step)
        let piece = min(bytes, 16 * 1_024)
        #expect(sum <= 10 * bytes + piece)
        #expect(sum >= 10 * bytes - bytes / 4 - piece)
    }

    @Test("time in which nobody had anything to send is worth a period at most")
    func idleness() {
        var throttle = throttle(100_000)
        throttle.pass(16_384, now: Self.start)
        let later = Self.start + 60 * Self.second
        #expect(throttle.allowance(now: later) == 100_000)
        throttle.pass(100_000, now: later)
        #expect(throttle.allowance(now: later) == 16_384)
    }

    @Test("what is given away passes before anything is paid for")
    func free() {
        var throttle = throttle(1_000, free: 5_000)
        #expect(throttle.allowance(now: Self.start) == 6_000)
        throttle.pass(4_000, now: Self.start)
        #expect(throttle.wait(now: Self.start) == 0)
        throttle.pass(2_000, now: Self.start)
        #expect(throttle.wait(now: Self.start) == Self.second)
    }

    @Test("the least piece, but never more than the limit")
    func least() {
        #expect(throttle(100_000, least: 50_000).allowance(now: Self.start) == 50_000)
        #expect(throttle(1_000, least: 50_000).allowance(now: Self.start) == 1_000)
    }

    @Test("another rate holds from then on")
    func change() {
        var throttle = throttle(1_000)
        throttle.pass(1_000, now: Self.start)
        throttle.change(to: Throttle.Rate(bytes: 2_000, period: 1_000))
        #expect(throttle.wait(now: Self.start) == Self.second)
        #expect(throttle.allowance(now: Self.start + Self.second) == 2_000)
    }

    @Test("numbers beyond reason do not trap")
    func extremes() {
        for bytes in [Int.min, 0, 1, Int.max] {
            for period in [Int.min, 0, 1, Int.max] {
                var throttle = throttle(bytes, period: period, least: Int.max, free: .min)
                for count in [Int.min, 0, 1, Int.max] {
                    throttle.pass(count, now: 0)
                    throttle.pass(count, now: .max)
                    #expect(throttle.allowance(now: .max) >= 0)
                    #expect(throttle.wait(now: 0) >= 0)
                }
            }
        }
    }
}
