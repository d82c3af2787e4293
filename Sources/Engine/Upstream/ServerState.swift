import Basics
import Model
import Synchronization
import Wire

/// What is known of one server (backend + address + port + pod) as long as it is in use.
///
/// It survives every publish that keeps the server: load, idle connections and counters stay. Configuration is elsewhere
/// (`ServerSet`). Each worker has a place of its own in `perWorker`; only `inFlight` is common, and it is touched only for the
/// balancing algorithms and limits that need it (7-20 ns contended).
final class ServerState: Sendable {
    /// Where it listens.
    let address: SocketAddress
    /// The pod's name, for logs.
    let name: FixedArray<UInt8>
    /// The pod's UID: with the address, what makes the server itself.
    let identity: String
    /// Requests in flight from all workers, where someone needs to know.
    let inFlight = Atomic<Int>(0)
    /// Requests of all workers that wait for a place here or in the backend's queue, where there is a limit.
    let perWorker: FixedArray<Place>

    /// What one worker keeps of the server.
    struct Place: ~Copyable {
        /// Idle connections, most recently used first.
        var idle: Ref<ServerConnection>?
        var idleCount = 0
        /// The server is no longer configured: connections are closed when their request is done.
        var isRetired = false
        /// It refused a connection: others are preferred until then (ns).
        var suspectUntil: UInt64 = 0
        let requests = Counter()
        let active = Counter()
        let connectErrors = Counter()
    }

    init(address: SocketAddress, name: String, identity: String, workers: Int) {
        self.address = address
        self.name = FixedArray(name)
        self.identity = identity
        perWorker = FixedArray(count: workers) { _ in Place() }
    }
}
