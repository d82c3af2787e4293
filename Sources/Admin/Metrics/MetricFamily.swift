/// Samples of one name, as Prometheus reads them.
public struct MetricFamily: Sendable, Equatable {
    /// The full name, `sluice_…`.
    public let name: String
    /// One sentence.
    public let help: String
    /// What the numbers are.
    public let kind: Kind
    /// The numbers.
    public var samples: [Sample]

    /// What the numbers of a family are.
    public enum Kind: String, Sendable {
        /// They only grow.
        case counter
        /// They go up and down.
        case gauge
        /// Counts by upper bound.
        case histogram
    }

    /// A number and what it is about.
    public struct Sample: Sendable, Equatable {
        /// What stands behind the family's name: `_bucket`, `_sum`, `_count` or nothing.
        var suffix: String
        /// Names and values, in this order.
        var labels: [Label]
        /// The number.
        var value: Double

        /// A number from its parts.
        public init(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
            self.init(suffix: "", labels: labels.map { Label(name: $0.key, value: $0.value) }, value: value)
        }

        init(suffix: String, labels: [Label], value: Double) {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    /// A name and a value.
    public struct Label: Sendable, Equatable {
        let name: String
        let value: String
    }

    /// A family from its parts.
    public init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    /// A family of one number without labels.
    public init(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        self.init(name, kind, help, [Sample(value)])
    }
}

/// Counts of observations by upper bound.
public struct HistogramCounts: Sendable, Equatable {
    /// Upper bounds, ascending, without infinity.
    public var bounds: [Double]
    /// How many observations lie in each range, not cumulative; one more than there are bounds.
    public var counts: [UInt64]
    /// The sum of all observations.
    public var sum: Double

    /// Counts from their parts; missing counts are 0.
    public init(bounds: [Double], counts: [UInt64], sum: Double) {
        self.bounds = bounds
        self.counts = counts + Array(repeating: 0, count: max(0, bounds.count + 1 - counts.count))
        self.sum = sum
    }
}

extension MetricFamily {
    /// Adds a number with labels that were made before.
    mutating func add(_ value: Double, _ labels: [Label]) {
        samples.append(Sample(suffix: "", labels: labels, value: value))
    }

    /// Adds a histogram's samples.
    public mutating func append(_ histogram: HistogramCounts, _ labels: KeyValuePairs<String, String> = [:]) {
        append(histogram, labels: labels.map { Label(name: $0.key, value: $0.value) })
    }

    /// The same with labels that were made before.
    mutating func append(_ histogram: HistogramCounts, labels: [Label]) {
        var total: UInt64 = 0
        for (bound, count) in zip(histogram.bounds + [.infinity], histogram.counts) {
            total &+= count
            let limit = Label(name: "le", value: MetricsText.number(bound))
            samples.append(Sample(suffix: "_bucket", labels: labels + [limit], value: Double(total)))
        }
        samples.append(Sample(suffix: "_sum", labels: labels, value: histogram.sum))
        samples.append(Sample(suffix: "_count", labels: labels, value: Double(total)))
    }
}
