import Synchronization

/// A histogram of durations with one writer: bounds in Prometheus' sense, the last bucket is everything above.
struct Histogram: ~Copyable {
    /// Upper bounds in seconds.
    static let bounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]

    private let buckets: InlineArray<15, Counter>
    /// The sum of all durations in nanoseconds.
    let sum = Counter()

    init() { buckets = InlineArray { _ in Counter() } }

    /// Counts one duration in nanoseconds; the owning worker only.
    func record(_ nanoseconds: UInt64) {
        buckets[Histogram.bucket(of: nanoseconds)].add()
        sum.add(nanoseconds)
    }

    /// How many durations fell in bucket `index`.
    func count(_ index: Int) -> UInt64 { buckets[index].value }

    /// The bucket of a duration, without a loop over doubles.
    static func bucket(of nanoseconds: UInt64) -> Int {
        switch nanoseconds {
        case ...1_000_000: 0
        case ...2_500_000: 1
        case ...5_000_000: 2
        case ...10_000_000: 3
        case ...25_000_000: 4
        case ...50_000_000: 5
        case ...100_000_000: 6
        case ...250_000_000: 7
        case ...500_000_000: 8
        case ...1_000_000_000: 9
        case ...2_500_000_000: 10
        case ...5_000_000_000: 11
        case ...10_000_000_000: 12
        case ...30_000_000_000: 13
        default: 14
        }
    }
}
