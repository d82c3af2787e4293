import Basics
import Model
import Synchronization
import Wire

/// What is known of one backend as long as it is configured: identity, the shared round-robin position, and a place for
/// each worker with the current servers and the counters. It survives every publish.
final class BackendState: Sendable {
    let name: FixedArray<UInt8>
    let origin: Origin
    /// The origin's name, for spans.
    let serviceName: FixedArray<UInt8>
    /// How many requests have been given a place in the rotation, over all workers: so round robin is exact over the
    /// whole process, at the price of one atomic addition per request.
    let position = Atomic<Int>(0)
    /// Requests in flight from all workers, kept only where `hash-balance-factor` asks for it.
    let inFlight = Atomic<Int>(0)
    /// Requests of all workers under way, waiting ones included, kept only where limits depend on it.
    let requests = Atomic<Int>(0)
    /// Requests of all workers that wait for a place, and those of them that any server will do for.
    let waiting = Atomic<Int>(0)
    let waitingForAny = Atomic<Int>(0)
    /// The most that have waited.
    let mostWaiting = Atomic<Int>(0)
    /// Who they are; locked only while servers are full.
    let lines = Mutex(WaitingLines())
    /// Held by who decides whether a server is ejected.
    let ejecting = Mutex(())
    /// Since when any of its servers takes requests, or none.
    let availability = Mutex(Availability(since: Clock.now()))
    let meter = TrafficMeter()
    let perWorker: FixedArray<Place>

    /// What one worker keeps of the backend.
    struct Place: ~Copyable {
        /// The servers in use; replaced by the worker between two events.
        var servers: Unmanaged<ServerSet>
        /// The worker's own requests that wait for a place, in the order they were put there.
        var queueHead: Ref<WaitingRequest>?
        var queueTail: Ref<WaitingRequest>?
        /// Allocated by the worker with the first request, then read by other threads.
        let traffic: AtomicLazyReference<TrafficBox>
        /// The same, for the worker itself: without a retain per request.
        var ownTraffic: Unmanaged<TrafficBox>?
        let load = Load()

        deinit { servers.release() }
    }

    init(name: BackendName, origin: Origin, servers: ServerSet, workers: Int) {
        self.name = FixedArray(name.description)
        self.origin = origin
        serviceName = FixedArray(origin.name)
        perWorker = FixedArray(count: workers) { _ in
            Place(servers: Unmanaged.passRetained(servers), traffic: AtomicLazyReference(), ownTraffic: nil)
        }
    }
}

extension Ref where Value == BackendState.Place {
    /// The worker's counters of this backend.
    var traffic: Unmanaged<TrafficBox> {
        if let own = self[].ownTraffic { return own }
        let own = Unmanaged.passUnretained(self[].traffic.storeIfNil(TrafficBox()))
        self[].ownTraffic = own
        return own
    }
}

extension BackendState {
    /// What there has been on all workers; any thread.
    var sessions: UInt64 {
        var sum: UInt64 = 0
        for i in 0..<perWorker.count { sum &+= perWorker[i].load.total.value }
        return sum
    }

    /// What is under way on all workers; any thread.
    var active: UInt64 {
        var sum: UInt64 = 0
        for i in 0..<perWorker.count { sum &+= perWorker[i].load.active.value }
        return sum
    }
}
