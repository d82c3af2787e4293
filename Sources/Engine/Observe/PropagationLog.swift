import Basics
import Model
import Synchronization
import Wire

/// How long changes took from the API event to the last worker's adoption: `sluice_propagation_seconds{kind}`, and the latest of them
/// one by one.
final class PropagationLog: Sendable {
    private let histograms = Mutex<[Change.Kind: HistogramValue]>([:])
    /// The newest last.
    private let latest = Mutex<[RecentChange]>([])
    private static let mostRecent = 100

    /// Every worker has adopted a change.
    func record(_ change: RecentChange) {
        latest.withLock { latest in
            if latest.count == Self.mostRecent { latest.removeFirst() }
            latest.append(change)
        }
        guard let nanoseconds = change.nanoseconds else { return }
        histograms.withLock { histograms in
            var value = histograms[change.kind] ?? HistogramValue(bounds: Histogram.bounds)
            value.buckets[Histogram.bucket(of: nanoseconds)] += 1
            value.sum += Double(nanoseconds) / 1e9
            histograms[change.kind] = value
        }
    }

    func read() -> [Change.Kind: HistogramValue] { histograms.withLock { $0 } }

    /// The latest changes, the newest first.
    var recent: [RecentChange] { latest.withLock { $0.reversed() } }
}

/// Counts the workers that have adopted one publish.
final class AdoptionTracker: Sendable {
    private let remaining: Atomic<Int>
    private let change: RecentChange
    private let receivedAt: UInt64
    private let log: PropagationLog

    init(workers: Int, of change: Change, log: PropagationLog) {
        remaining = Atomic(workers)
        self.change = RecentChange(change)
        receivedAt = change.receivedAt
        self.log = log
    }

    /// Called by each worker, on its thread.
    func adopted() {
        guard remaining.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        let clock = Clock()
        var change = change
        change.adoptedAt = clock.realtime
        if receivedAt > 0 { change.nanoseconds = clock.monotonic &- receivedAt }
        log.record(change)
    }
}
