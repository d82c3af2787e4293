import Basics
import Synchronization

/// What other threads read of a worker.
final class PublishedWorker: Sendable {
    /// The sequence number of the last publish it has adopted.
    let adopted = Atomic<UInt64>(0)
    let counters = FixedArray<WorkerCounters>(count: 1) { _ in WorkerCounters() }
}
