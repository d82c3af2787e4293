import Engine
import Model

/// What waits for a collector, and when it is sent: decisions alone, time is a value.
///
/// ```
///   add ─► waiting ─► (enough of them, or the first has waited) ─► under way ─► taken, refused, or later again: 5 times at most
/// ```
struct SpanQueue {
    /// Spans of one request to a collector.
    struct Delivery {
        let tracing: Tracing
        let batches: [SpanBatch]
        let count: Int
        /// How often it has been tried.
        fileprivate(set) var attempts = 0
        /// When it may be tried, nanoseconds.
        fileprivate var dueAt: UInt64
    }

    /// What is to be done now.
    enum Step {
        case send(Delivery)
        /// Nothing until then; nil is until there is more.
        case wait(until: UInt64?)
    }

    /// What a collector has made of a delivery.
    enum Answer: Equatable {
        /// It has it, but for so many spans.
        case taken(refusing: Int)
        /// It will never take it.
        case refused
        /// It may take it later: as many seconds as it says.
        case later(seconds: UInt64?)
    }

    /// What has become of spans.
    struct Tally: Equatable {
        var exported = 0
        var rejected = 0
        var failed = 0
    }

    private struct Waiting {
        let batch: SpanBatch
        let since: UInt64
    }

    private var waiting: [Waiting] = []
    private var underWay: Delivery?
    /// Nothing more will come: what there is goes at once, and is tried once.
    var isEnding = false

    static let mostAttempts = 5
    private static let second: UInt64 = 1_000_000_000
    /// The first pause between two attempts; each is twice as long as the one before.
    private static let firstPause = second
    private static let longestPause = 30 * second

    /// How many spans it holds.
    var count: Int { waiting.reduce(underWay?.count ?? 0) { $0 + $1.batch.count } }

    /// Takes a batch.
    mutating func add(_ batch: SpanBatch, now: UInt64) { waiting.append(Waiting(batch: batch, since: now)) }

    /// What is to be done at `now`. What it says to send is under way until `note` is told what came of it.
    mutating func next(now: UInt64) -> Step {
        if underWay == nil { underWay = gathered(now: now) }
        guard let delivery = underWay else {
            guard let first = waiting.first else { return .wait(until: nil) }
            return .wait(until: first.since &+ SpanQueue.delay(of: first.batch))
        }
        guard isEnding || now >= delivery.dueAt else { return .wait(until: delivery.dueAt) }
        underWay?.attempts += 1
        return .send(underWay ?? delivery)
    }

    /// Those that go together: the oldest and what follows for the same collector, as long as there is room.
    private mutating func gathered(now: UInt64) -> Delivery? {
        guard let first = waiting.first else { return nil }
        let tracing = first.batch.tracing
        var (places, count) = (0, 0)
        var isFull = false
        for entry in waiting {
            guard entry.batch.tracing == tracing,
                count == 0 || count + entry.batch.count <= tracing.batching.together
            else {
                isFull = true
                break
            }
            (places, count) = (places + 1, count + entry.batch.count)
        }
        isFull = isFull || count >= tracing.batching.together
        guard isFull || isEnding || now >= first.since &+ SpanQueue.delay(of: first.batch) else { return nil }
        let batches = waiting[..<places].map(\.batch)
        waiting.removeFirst(places)
        return Delivery(tracing: tracing, batches: batches, count: count, dueAt: now)
    }

    private static func delay(of batch: SpanBatch) -> UInt64 {
        UInt64(clamping: batch.tracing.batching.delay) &* 1_000_000
    }

    /// Notes what came of what was under way. `jitter` is from 0 to 1, so that replicas do not come back together.
    mutating func note(_ answer: Answer, now: UInt64, jitter: Double) -> Tally {
        guard let delivery = underWay else { return Tally() }
        switch answer {
        case .taken(let refusing):
            underWay = nil
            let rejected = max(0, min(refusing, delivery.count))
            return Tally(exported: delivery.count - rejected, rejected: rejected)
        case .refused:
            underWay = nil
            return Tally(rejected: delivery.count)
        case .later(let seconds):
            guard !isEnding, delivery.attempts < SpanQueue.mostAttempts else {
                underWay = nil
                return Tally(failed: delivery.count)
            }
            underWay?.dueAt = now &+ SpanQueue.pause(after: delivery.attempts, asked: seconds, jitter: jitter)
            return Tally()
        }
    }

    /// What nobody waits for any more.
    mutating func giveUp() -> Tally {
        defer { (waiting, underWay) = ([], nil) }
        return Tally(failed: count)
    }

    /// At least what the collector asks for, two minutes at most.
    private static func pause(after attempts: Int, asked: UInt64?, jitter: Double) -> UInt64 {
        let own = min(firstPause << UInt64(max(0, min(attempts - 1, 10))), longestPause)
        let spread = UInt64(Double(own) * (0.8 + 0.4 * max(0, min(1, jitter))))
        return max(spread, min(asked ?? 0, 120) * second)
    }
}
