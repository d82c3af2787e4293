import Admin
import Synchronization

/// What became of spans, for metrics; any thread.
final class SpanCounts: Sendable {
    /// Those that are held: on their way to the exporter's thread, waiting, or under way.
    let waiting = Atomic<Int>(0)
    /// Those that found no room.
    let dropped = Atomic<Int>(0)
    private let exported = Atomic<Int>(0)
    private let rejected = Atomic<Int>(0)
    private let failed = Atomic<Int>(0)
    /// Requests to collectors by what came of them.
    private let taken = Atomic<Int>(0)
    private let refused = Atomic<Int>(0)
    private let postponed = Atomic<Int>(0)

    func note(_ tally: SpanQueue.Tally) {
        exported.wrappingAdd(tally.exported, ordering: .relaxed)
        rejected.wrappingAdd(tally.rejected, ordering: .relaxed)
        failed.wrappingAdd(tally.failed, ordering: .relaxed)
        waiting.wrappingSubtract(tally.exported + tally.rejected + tally.failed, ordering: .relaxed)
    }

    func note(_ answer: SpanQueue.Answer) {
        switch answer {
        case .taken: taken.wrappingAdd(1, ordering: .relaxed)
        case .refused: refused.wrappingAdd(1, ordering: .relaxed)
        case .later: postponed.wrappingAdd(1, ordering: .relaxed)
        }
    }

    /// The families at this moment.
    func families() -> [MetricFamily] {
        [
            MetricFamily(
                "sluice_trace_spans_total", .counter, "Spans of traced requests, by what became of them.",
                [
                    SpanCounts.sample("exported", exported), SpanCounts.sample("rejected", rejected),
                    SpanCounts.sample("failed", failed), SpanCounts.sample("dropped", dropped),
                ]),
            MetricFamily(
                "sluice_trace_spans_waiting", .gauge, "Spans that wait for the collector.",
                Double(waiting.load(ordering: .relaxed))),
            MetricFamily(
                "sluice_trace_exports_total", .counter, "Requests to the collector, by what came of them.",
                [
                    SpanCounts.sample("taken", taken), SpanCounts.sample("refused", refused),
                    SpanCounts.sample("postponed", postponed),
                ]),
        ]
    }

    private static func sample(_ outcome: String, _ count: borrowing Atomic<Int>) -> MetricFamily.Sample {
        .init(Double(count.load(ordering: .relaxed)), ["outcome": outcome])
    }
}
