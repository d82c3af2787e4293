import Synchronization

/// Writes what its owner wants written, one after the other and not too fast, on the client's thread.
///
/// It holds no queue: whenever it may write it asks the owner for the next write, so that what waits is the owner's own state,
/// as bounded as that is, and what was overtaken is never sent. Nothing waits for it.
public final class APIWriter<Key: Sendable>: Sendable {
    private let client: APIClient
    private let seat: WriterSeat
    private let make: @Sendable (ClientLoop) -> WriterTenant<Key>
    private let counts: WriteCounts

    /// A writer that has not started. `next` and `ended` are called on the client's thread, one at a time, with the time of
    /// CLOCK_MONOTONIC in nanoseconds.
    public init(
        _ client: APIClient, rate: WriteRate,
        next: @escaping @Sendable (_ now: UInt64) -> WriteStep<Key>,
        ended: @escaping @Sendable (Key, WriteOutcome, _ now: UInt64) -> Void
    ) {
        let counts = WriteCounts()
        self.client = client
        self.counts = counts
        seat = WriterSeat()
        make = { WriterTenant($0, rate, counts, next: next, ended: ended) }
    }

    deinit { stop() }

    /// There may be something to write now. Any thread may say so, as often as it likes.
    public func wake() {
        let (seat, make) = (seat, make)
        // One wish in the mailbox is as good as a thousand.
        guard !seat.isAwaited.exchange(true, ordering: .acquiringAndReleasing) else { return }
        _ = client.post { loop in
            seat.isAwaited.store(false, ordering: .releasing)
            guard !seat.isStopped.load(ordering: .acquiring) else { return }
            let owner = ObjectIdentifier(seat)
            let tenant = (loop.tenant(of: owner) as? WriterTenant<Key>) ?? make(loop)
            loop.add(tenant, as: owner)
            tenant.pull()
        }
    }

    /// Writes nothing more; what is under way is dropped.
    public func stop() {
        let seat = seat
        seat.isStopped.store(true, ordering: .releasing)
        _ = client.post { loop in
            (loop.tenant(of: ObjectIdentifier(seat)) as? WriterTenant<Key>)?.stop()
            loop.removeTenant(of: ObjectIdentifier(seat))
        }
    }

    /// How many writes have ended how.
    public var statistics: [String: Int] { counts.known.withLock { $0 } }
}

/// What its owner tells a writer.
public enum WriteStep<Key: Sendable>: Sendable {
    /// Write this; how it ended is told with the key.
    case write(Key, APIRequest)
    /// Ask again at this time.
    case wait(until: UInt64)
    /// Nothing until `wake`.
    case idle
}

/// What a writer is found by on the client's thread.
private final class WriterSeat: Sendable {
    let isAwaited = Atomic<Bool>(false)
    let isStopped = Atomic<Bool>(false)
}

/// Counts of ended writes by how they ended.
private final class WriteCounts: Sendable {
    let known = Mutex<[String: Int]>([:])
}

/// The part of a writer that lives on the client's thread.
private final class WriterTenant<Key: Sendable>: LoopTenant {
    private(set) var deadline = UInt64.max
    private unowned let loop: ClientLoop
    private let counts: WriteCounts
    private let next: (UInt64) -> WriteStep<Key>
    private let ended: (Key, WriteOutcome, UInt64) -> Void
    private var pace: WritePace
    private var calls: [ObjectIdentifier: APICall] = [:]

    /// A write that takes longer counts as failed.
    private static var timeLimit: UInt64 { 15_000_000_000 }

    init(
        _ loop: ClientLoop, _ rate: WriteRate, _ counts: WriteCounts,
        next: @escaping (UInt64) -> WriteStep<Key>,
        ended: @escaping (Key, WriteOutcome, UInt64) -> Void
    ) {
        self.loop = loop
        self.counts = counts
        self.next = next
        self.ended = ended
        pace = WritePace(rate)
    }

    // A call outlives its tenant when the client stops.
    deinit { stop() }

    func deadlinePassed() { pull() }

    /// Sends what may be sent now.
    func pull() {
        deadline = .max
        while true {
            let now = Monotonic.now()
            switch pace.decide(at: now) {
            case .full: return
            case .wait(let time):
                deadline = time
                return
            case .go: break
            }
            switch next(now) {
            case .idle: return
            case .wait(let time):
                deadline = max(time, now &+ 1_000_000)
                return
            case .write(let key, let request):
                pace.began()
                send(request, key)
            }
        }
    }

    func stop() {
        for call in calls.values { call.cancel() }
        calls = [:]
        deadline = .max
    }

    private func send(_ request: APIRequest, _ key: Key) {
        var request = request
        request.timeLimit = Self.timeLimit
        let ticket = Ticket()
        let call = APICall(request, on: loop) { [unowned self] result in
            calls[ObjectIdentifier(ticket)] = nil
            finish(WriteOutcome(result), key)
        }
        calls[ObjectIdentifier(ticket)] = call
    }

    private func finish(_ outcome: WriteOutcome, _ key: Key) {
        let now = Monotonic.now()
        pace.ended(outcome, at: now, dice: .random(in: 0..<1))
        counts.known.withLock { $0[outcome.name, default: 0] += 1 }
        ended(key, outcome, now)
        pull()
    }

    /// Names one call among those under way.
    private final class Ticket {}
}

extension WriteOutcome {
    /// For a metric.
    fileprivate var name: String {
        switch self {
        case .done: "done"
        case .conflict: "conflict"
        case .missing: "missing"
        case .forbidden: "forbidden"
        case .rejected: "rejected"
        case .later: "failed"
        }
    }
}
