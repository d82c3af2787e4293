import Testing

@testable import Engine

@Suite("Histogram")
struct HistogramTests {
    @Test("a bound belongs to the bucket it closes, one nanosecond more to the next")
    func edges() {
        #expect(Histogram.bucket(of: 0) == 0)
        for (i, bound) in Histogram.bounds.enumerated() {
            let nanoseconds = UInt64((bound * 1e9).rounded())
            #expect(Histogram.bucket(of: nanoseconds) == i, "\(bound) s")
            #expect(Histogram.bucket(of: nanoseconds + 1) == i + 1, "\(bound) s and a little")
        }
        #expect(Histogram.bucket(of: .max) == Histogram.bounds.count)
    }

    @Test("durations are counted once and added up")
    func record() {
        let histogram = Histogram()
        for duration in [UInt64(500_000), 1_000_000, 2_000_000, 40_000_000_000] { histogram.record(duration) }
        let counts = (0...Histogram.bounds.count).map { histogram.count($0) }
        let sum = histogram.sum.value
        #expect(counts == [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(sum == 40_003_500_000)
    }
}
