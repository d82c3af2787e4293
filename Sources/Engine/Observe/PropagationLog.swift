import Basics
import Model
import Synchronization
import Wire

/// How long changes took from the API event to the last worker's adoption: `sluice_propagation_seconds{kind}`.
final class PropagationLog: Sendable {
    private let histograms = Mutex<[Change.Kind: HistogramValue]>([:])

    func record(_ kind: Change.Kind, _ nanoseconds: UInt64) {
        histograms.withLock { histograms in
            var value = histograms[kind] ?? HistogramValue(bounds: Histogram.bounds)
            value.buckets[Histogram.bucket(of: nanoseconds)] += 1
            value.sum += Double(nanoseconds) / 1e9
            histograms[kind] = value
        }
    }

    func read() -> [Change.Kind: HistogramValue] { histograms.withLock { $0 } }
}

/// Counts the workers that have adopted one publish.
final class AdoptionTracker: Sendable {
    private let remaining: Atomic<Int>
    private let kind: Change.Kind
    private let receivedAt: UInt64
    private let log: PropagationLog

    init(workers: Int, kind: Change.Kind, receivedAt: UInt64, log: PropagationLog) {
        remaining = Atomic(workers)
        self.kind = kind
        self.receivedAt = receivedAt
        self.log = log
    }

    /// Called by each worker, on its thread.
    func adopted() {
        guard remaining.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0, receivedAt > 0
        else { return }
        log.record(kind, Clock.now() &- receivedAt)
    }
}
