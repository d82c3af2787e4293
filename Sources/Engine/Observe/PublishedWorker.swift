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
    /// What is counted of listeners for themselves: by their place, and the frontend they had then.
    private let listeners = Mutex<[(place: Int, frontend: String, traffic: FrontendTraffic)]>([])
    /// Requests that were begun at frontends which are not there any more.
    private let requestsBefore = Counter()
    /// What was not understood; common to all workers.
    let faults: FaultStore

    /// Nothing yet; for so many places of listeners.
    init(listeners: Int = 0, faults: FaultStore = FaultStore()) {
        clients = FixedArray(count: listeners) { _ in Counter() }
        self.faults = faults
    }

    /// The counters of frontends by their place. A place that has another name now begins anew: no connection refers to it by the old
    /// one, but requests that nobody waits for may. `dropped` gets those that are gone.
    func keepTraffic(of names: [String], dropped: (FrontendTraffic) -> Void = { _ in }) -> [FrontendTraffic] {
        frontends.withLock { known in
            for (place, one) in known.enumerated() where place >= names.count || names[place] != one.name {
                requestsBefore.add(one.traffic.arriving.requests.value)
                dropped(one.traffic)
            }
            known = names.enumerated().map { place, name in
                place < known.count && known[place].name == name ? known[place] : (name, FrontendTraffic())
            }
            return known.map(\.traffic)
        }
    }

    /// The counters of a listener; they stay where they are, for its connections.
    func keepTraffic(ofListener place: Int, of frontend: String) -> FrontendTraffic {
        listeners.withLock { known in
            if let one = known.first(where: { $0.place == place && $0.frontend == frontend }) {
                return one.traffic
            }
            let traffic = FrontendTraffic()
            known.append((place, frontend, traffic))
            return traffic
        }
    }

    /// The counters of a listener; nil if it is not counted for itself.
    func traffic(ofListener place: Int, of frontend: String) -> FrontendTraffic? {
        listeners.withLock { $0.first { $0.place == place && $0.frontend == frontend }?.traffic }
    }

    /// All counters of a frontend: its own, and those of its listeners.
    func traffic(ofFrontend name: String) -> [FrontendTraffic] {
        let own = frontends.withLock { $0.first { $0.name == name }?.traffic }
        let apart = listeners.withLock { known in known.filter { $0.frontend == name }.map(\.traffic) }
        return [own].compactMap { $0 } + apart
    }

    /// What has arrived at a frontend, its listeners included: for whoever asks often.
    func sum(ofFrontend name: String, _ count: (borrowing ArrivingTraffic) -> UInt64) -> UInt64 {
        let own = frontends.withLock { known -> UInt64 in
            for one in known where one.name == name { return count(one.traffic.arriving) }
            return 0
        }
        return listeners.withLock { known in
            known.reduce(own) { $1.frontend == name ? $0 &+ count($1.traffic.arriving) : $0 }
        }
    }

    /// All counters of listeners.
    var ofListeners: [FrontendTraffic] { listeners.withLock { $0.map(\.traffic) } }

    /// Requests begun.
    var requests: UInt64 {
        let apart = ofListeners.reduce(0) { $0 &+ $1.arriving.requests.value }
        return frontends.withLock {
            $0.reduce(requestsBefore.value &+ apart) { $0 &+ $1.traffic.arriving.requests.value }
        }
    }
}
