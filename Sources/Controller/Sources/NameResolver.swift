import CSystem
import Glibc
import Synchronization

/// Keeps the addresses of external names as DNS has them, and sends them to a pipeline whenever they change.
///
/// A few threads of its own ask, so that a name whose server is silent does not keep the others waiting; each name is asked for
/// again when its answer has ended. Failures keep the last addresses (`NameSchedule` says how long).
public final class NameResolver: Sendable {
    private let schedule = Mutex(NameSchedule())
    private let isStopped = Atomic(false)
    private let lookup: NameLookup
    private let send: @Sendable (_ name: String, _ addresses: [String]) -> Void
    /// Wakes the threads: names have changed, or they are to end.
    private let bell: Int32
    /// Questions at once.
    private let threads: Int

    /// A resolver that tells a pipeline. `allowsLocal`: whether names may lead to loopback and link-local addresses.
    public convenience init(pipeline: Pipeline, allowsLocal: Bool) {
        self.init(lookup: NameLookup(allowsLocal: allowsLocal)) { pipeline.send(.addresses(of: $0, $1)) }
    }

    /// A resolver of the names that the operator has given: they may lead anywhere, and there are few.
    public convenience init(ofChosenNames pipeline: Pipeline) {
        self.init(lookup: NameLookup(), threads: 2) { pipeline.send(.chosenAddresses(of: $0, $1)) }
    }

    init(
        lookup: NameLookup, threads: Int = 8,
        send: @escaping @Sendable (_ name: String, _ addresses: [String]) -> Void
    ) {
        self.lookup = lookup
        self.threads = threads
        self.send = send
        bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    }

    deinit { close(bell) }

    /// Begins to work; false if the system refuses even one thread.
    public func start() -> Bool {
        let threads = (0..<self.threads).compactMap { _ in WatchThread.start { [self] in run() } }
        // Nobody waits for them: they may be in the middle of asking a server that is silent.
        for thread in threads { pthread_detach(thread) }
        return !threads.isEmpty
    }

    /// Keeps exactly these names resolved.
    public func follow(_ names: Set<String>) {
        schedule.withLock { $0.follow(names, at: monotonicNow()) }
        eventfd_write(bell, 1)
    }

    /// Ends the work, if not at once then after the questions that are under way. Nothing is told after this.
    public func stop() {
        isStopped.store(true, ordering: .relaxed)
        eventfd_write(bell, 1)
    }

    private func run() {
        // Whoever ends wakes the next.
        defer { eventfd_write(bell, 1) }
        while !isStopped.load(ordering: .relaxed) {
            switch schedule.withLock({ $0.step(at: monotonicNow()) }) {
            case .ask(let name):
                // Another one looks for what else is due while this one waits for its answer.
                eventfd_write(bell, 1)
                let answer = lookup.addresses(of: name)
                let news = schedule.withLock { $0.answered(name, answer, at: monotonicNow()) }
                guard !isStopped.load(ordering: .relaxed) else { return }
                if let news { send(name, news) }
            case .wait(let time): wait(until: time)
            }
        }
    }

    private func wait(until time: UInt64?) {
        var milliseconds: Int32 = -1
        if let time {
            let now = monotonicNow()
            // Up to the next millisecond: down would spin.
            milliseconds = Int32(clamping: (time > now ? time - now : 0) / 1_000_000 + 1)
        }
        var descriptor = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
        poll(&descriptor, 1, milliseconds)
        var count: eventfd_t = 0
        eventfd_read(bell, &count)
    }
}
