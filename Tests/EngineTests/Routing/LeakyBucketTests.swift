import Model
import Testing

@testable import Engine

@Suite("Leaky bucket")
struct LeakyBucketTests {
    private func rate(_ requests: Int, per period: Int = 1_000, burst: Int = 0) -> LeakyBucket.Rate {
        var limit = RateLimit(key: .everybody, requests: requests)
        (limit.period, limit.burst) = (period, burst)
        return LeakyBucket.Rate(limit)
    }

    /// At which of these times a request passes.
    private func passed(_ times: [UInt64], _ rate: LeakyBucket.Rate) -> [UInt64] {
        var bucket = LeakyBucket()
        return times.filter { bucket.take(now: $0, rate) }
    }

    // nginx: limit_req rate=10r/s lets one request pass every 100 ms.
    @Test("without a burst, requests pass as far apart as the rate says")
    func even() {
        #expect(
            passed([1000, 1050, 1099, 1100, 1199, 1200, 1201, 1500], rate(10)) == [1000, 1100, 1200, 1500])
    }

    @Test(
        "a burst passes at once beside the first one, and comes back as it leaks", arguments: [0, 1, 5, 100])
    func burst(size: Int) {
        let rate = rate(10, burst: size)
        let together = [UInt64](repeating: 5_000, count: 300)
        #expect(passed(together, rate).count == size + 1)
        var bucket = LeakyBucket()
        for _ in 0..<300 { _ = bucket.take(now: 5_000, rate) }
        // Half a second is five requests more.
        #expect((0..<300).count { _ in bucket.take(now: 5_500, rate) } == min(5, size + 1))
        #expect((0..<300).count { _ in bucket.take(now: 9_999_999, rate) } == size + 1)
    }

    @Test("refused requests do not fill it: who keeps asking still gets its rate")
    func refused() {
        let times = (0..<10_000).map { UInt64($0) + 1 }
        #expect(passed(times, rate(10)).count == 100)
        #expect(passed(times, rate(10, burst: 7)).count == 107)
    }

    @Test("rates by the minute and by the hour", arguments: [(6, 60_000), (36, 360_000), (1, 10_000)])
    func slow(requests: Int, period: Int) {
        let rate = rate(requests, per: period)
        #expect(passed([1, 9_999, 10_001, 15_000, 20_001], rate) == [1, 10_001, 20_001])
    }

    @Test("a clock that is a little behind takes nothing back")
    func clock() {
        #expect(passed([1_000, 990, 1_000, 1_099, 1_100], rate(10, burst: 1)) == [1_000, 990, 1_100])
    }

    @Test("senseless numbers neither overflow nor trap")
    func extremes() {
        for requests in [Int.min, -1, 0, .max] {
            for period in [Int.min, 0, .max] {
                let rate = rate(requests, per: period, burst: requests)
                var bucket = LeakyBucket()
                let isFirst = bucket.take(now: 0, rate)
                #expect(isFirst)
                _ = bucket.take(now: .max, rate)
                _ = bucket.take(now: 1, rate)
                #expect(bucket.excess >= 0)
            }
        }
    }
}
