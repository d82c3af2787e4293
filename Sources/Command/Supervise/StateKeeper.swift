import Controller
import Engine
import Glibc
import Synchronization
import Wire

/// Gives the supervisor what a successor of this engine needs: the state of the cluster, once all workers have adopted what it became.
///
/// ```
///   pipeline ──state──► [thread] ── adopted? ──► bytes ──► sealed file in memory ──► supervisor      and a pause
/// ```
/// A file is handed over when it is whole, so a death in between leaves the one before. The pause is a second, or fifty times as long
/// as the file took: keeping the state costs a fiftieth of a processor at most.
final class StateKeeper: Sendable {
    private let place: EnginePlace
    private let engine: Engine
    private let log: Logger
    /// Whether there is a state to keep; files of manifests keep themselves.
    private let writes: Bool
    private let orders = Mailbox<Order>()
    private let thread = Mutex<Thread?>(nil)

    private enum Order: Sendable {
        case keep(KeptState, done: @Sendable () -> Void)
        case stop
    }

    /// One that has not started.
    init(_ place: EnginePlace, _ engine: Engine, _ log: Logger, writes: Bool) {
        (self.place, self.engine, self.log, self.writes) = (place, engine, log, writes)
    }

    /// Keeps a state; returns at once. The next one may come when `done` is called.
    func keep(_ state: KeptState, done: @escaping @Sendable () -> Void) {
        orders.post(.keep(state, done: done))
    }

    /// Begins: everything runs.
    func start() throws(StartError) {
        let started = Thread(name: "keeper") { self.run() }
        guard started != nil else { throw StartError("no thread to keep the state") }
        thread.withLock { $0 = started }
    }

    /// Ends, without what is not handed over yet.
    func stop() {
        orders.post(.stop)
        thread.withLock { $0.take() }?.join()
    }

    private func run() {
        var (hasServed, hasWarned) = (false, false)
        while true {
            wait(-1)
            for order in orders.takeAll() {
                guard case .keep(let state, let done) = order, waitUntilAdopted() else { return }
                if !hasServed { place.serves() }
                hasServed = true
                let began = Clock.now()
                if writes, !write(state), !hasWarned {
                    log.warning(
                        "the state can not be kept: an engine that dies has to wait for the API server")
                    hasWarned = true
                }
                let pause = max(1_000, (Clock.now() &- began) / 1_000_000 * 50)
                wait(Int32(clamping: pause))
                done()
            }
        }
    }

    /// Until something is ordered: while a state is being kept, that can only be the end.
    @discardableResult
    private func wait(_ milliseconds: Int32) -> Bool {
        var waited = pollfd(fd: orders.wakeUp, events: Int16(POLLIN), revents: 0)
        return poll(&waited, 1, milliseconds) > 0
    }

    /// What kills the workers must not become what a successor begins with. False: the end was ordered.
    private func waitUntilAdopted() -> Bool {
        while !engine.isSettled { if wait(2) { return false } }
        return true
    }

    private func write(_ state: KeptState) -> Bool {
        let bytes = state.encoded()
        guard let file = MemoryFile.make("sluice-state", bytes) else { return false }
        defer { close(file) }
        guard place.keeper.keep(file: file) else { return false }
        log.debug("kept the state: \(state.count) objects, \(bytes.count) bytes")
        return true
    }
}
