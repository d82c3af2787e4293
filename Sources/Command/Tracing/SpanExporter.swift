import Engine
import Glibc
import Kubernetes
import Model
import Synchronization
import Wire

/// Sends spans to the collector that they name, on a thread of its own that begins with the first of them.
///
/// ```
///   worker ──take──► mailbox ──► SpanQueue ──► Poster ──► collector
/// ```
/// Workers leave batches and go on. Whatever the collector does, so many spans wait as the settings say; others are dropped and counted.
final class SpanExporter: Sendable {
    let counts = SpanCounts()
    private let log: Logger
    private let mailbox = Mailbox<Order>()
    private let thread = Mutex<Wire.Thread?>(nil)
    private let isStarted = Atomic<Bool>(false)
    private let hasEnded = Atomic<Bool>(false)
    /// When waiting ends, nanoseconds of the monotonic clock; 0 while it runs.
    private let endsAt = Atomic<UInt64>(0)

    private enum Order: Sendable {
        case spans(SpanBatch)
        case end
    }

    /// How long one request to a collector may take, in milliseconds.
    private static let timeLimit = 10_000
    /// How long what is left may take in the end, in nanoseconds.
    private static let farewell: UInt64 = 3_000_000_000

    init(log: Logger) { self.log = log }

    /// Takes a batch, or drops it; any thread. It never waits.
    func take(_ batch: SpanBatch) {
        let held = counts.waiting.wrappingAdd(batch.count, ordering: .relaxed).newValue
        guard held <= batch.tracing.batching.queue else {
            counts.waiting.wrappingSubtract(batch.count, ordering: .relaxed)
            counts.dropped.wrappingAdd(batch.count, ordering: .relaxed)
            return
        }
        if !isStarted.exchange(true, ordering: .relaxed) { start() }
        mailbox.post(.spans(batch))
    }

    private func start() {
        let started = Wire.Thread(name: "spans") { self.run() }
        if started == nil { log.error("cannot start a thread to send traces; none are sent") }
        thread.withLock { $0 = started }
    }

    /// Sends what is left, for a moment.
    func stop() {
        guard thread.withLock({ $0 != nil }) else { return }
        endsAt.store(Clock.now() &+ SpanExporter.farewell, ordering: .relaxed)
        mailbox.post(.end)
        // Looking names up can not be broken off: the process does not wait for it.
        let latest = Clock.now() &+ SpanExporter.farewell &+ 500_000_000
        while !hasEnded.load(ordering: .acquiring), Clock.now() < latest { usleep(5_000) }
        if hasEnded.load(ordering: .acquiring) { thread.withLock { $0 }?.join() }
    }

    private func run() {
        defer { hasEnded.store(true, ordering: .releasing) }
        guard let poster = Poster(userAgent: "sluice/\(Version.number)") else {
            return log.error("cannot send traces: libcurl does not start")
        }
        var (queue, health) = (SpanQueue(), Health())
        while true {
            for order in mailbox.takeAll() {
                switch order {
                case .spans(let batch): queue.add(batch, now: Clock.now())
                case .end: queue.isEnding = true
                }
            }
            guard !isOver else { return counts.note(queue.giveUp()) }
            switch queue.next(now: Clock.now()) {
            case .send(let delivery): send(delivery, of: &queue, &health, by: poster)
            case .wait(let until):
                guard !queue.isEnding else { return }
                wait(until: until)
            }
        }
    }

    private var isOver: Bool {
        let end = endsAt.load(ordering: .relaxed)
        return end != 0 && Clock.now() > end
    }

    private func wait(until: UInt64?) {
        var waited = pollfd(fd: mailbox.wakeUp, events: Int16(POLLIN), revents: 0)
        let now = Clock.now()
        let patience = until.map { $0 > now ? Int32(clamping: ($0 - now) / 1_000_000 + 1) : 0 } ?? -1
        poll(&waited, 1, patience)
    }

    private func send(
        _ delivery: SpanQueue.Delivery, of queue: inout SpanQueue, _ health: inout Health, by poster: Poster
    ) {
        guard let collector = delivery.tracing.collector else {
            return counts.note(queue.note(.refused, now: Clock.now(), jitter: 0))
        }
        let request = CollectorRequest(delivery, instance: Machine.hostName)
        let outcome = poster.post(
            request.body, to: collector, fields: CollectorRequest.fields, timeLimit: SpanExporter.timeLimit
        ) { isOver }
        let (answer, problem) = CollectorAnswer.meaning(of: outcome)
        counts.note(answer)
        tell(problem, of: collector, &health)
        counts.note(queue.note(answer, now: Clock.now(), jitter: Double.random(in: 0...1)))
    }

    /// What was last told of the collector: each change has one line.
    private struct Health {
        var problem: String?
    }

    private func tell(_ problem: String?, of collector: String, _ health: inout Health) {
        guard health.problem != problem else { return }
        health.problem = problem
        if let problem {
            log.warning("traces: \(collector): \(problem)")
        } else {
            log.info("traces: \(collector) takes spans again")
        }
    }
}
