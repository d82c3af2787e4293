import Basics
import Synchronization

/// What other threads read of a worker.
final class PublishedWorker: Sendable {
    /// The sequence number of the last publish it has adopted.
    let adopted = Atomic<UInt64>(0)
    let counters = FixedArray<WorkerCounters>(count: 1) { _ in WorkerCounters() }
    /// Connections of clients that are open, by the place of the listener that took them.
    let clients: FixedArray<Counter>
    /// What is counted of frontends, by their place.
    private let frontends = Mutex<[(name: String, traffic: FrontendTraffic)]>([])
    /// Requests that were begun at frontends which are not there any more.
    private let requestsBefore = Counter()
    /// What was not understood; common to all workers.
    let faults: FaultStore

    /// Nothing yet; for so many places of listeners.
    init(listeners: Int = 0, faults: FaultStore = FaultStore()) {
        clients = FixedArray(count: listeners) { _ in Counter() }
        self.faults = faults
    }

    /// The counters of frontends by their place. A place that has another name now begins anew: nobody refers to it by the old one.
    func keepTraffic(of names: [String]) -> [FrontendTraffic] {
        frontends.withLock { known in
            for (place, one) in known.enumerated() where place >= names.count || names[place] != one.name {
                requestsBefore.add(one.traffic.arriving.requests.value)
            }
            known = names.enumerated().map { place, name in
                place < known.count && known[place].name == name ? known[place] : (name, FrontendTraffic())
            }
            return known.map(\.traffic)
        }
    }

    /// The counters of a frontend; nil if it has had no worker yet.
    func traffic(ofFrontend name: String) -> FrontendTraffic? {
        frontends.withLock { $0.first { $0.name == name }?.traffic }
    }

    /// Requests begun.
    var requests: UInt64 {
        frontends.withLock {
            $0.reduce(requestsBefore.value) { $0 &+ $1.traffic.arriving.requests.value }
        }
    }
}
