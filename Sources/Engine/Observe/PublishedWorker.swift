import Basics
import Synchronization

/// What other threads read of a worker.
final class PublishedWorker: Sendable {
    /// The sequence number of the last publish it has adopted.
    let adopted = Atomic<UInt64>(0)
    let counters = FixedArray<WorkerCounters>(count: 1) { _ in WorkerCounters() }
    /// Connections of clients that are open, by the place of the listener that took them.
    let clients: FixedArray<Counter>

    /// Nothing yet; for so many places of listeners.
    init(listeners: Int = 0) { clients = FixedArray(count: listeners) { _ in Counter() } }
}
