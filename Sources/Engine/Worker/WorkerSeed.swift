import Basics
import Model
import Wire

/// What a worker is made of, carried to its thread: the worker itself is born there and never leaves it.
///
/// `@unchecked Sendable`: the TLS context is handed over once, before the thread starts.
final class WorkerSeed: @unchecked Sendable {
    private let index: Int
    private let mailboxes: [Mailbox<WorkerMessage>]
    private let limits: ConnectionLimits
    private let compression: CompressionBudget
    private let published: PublishedWorker
    private let listeners: [(OpenedListener, ListenerPlaces.Place)]
    private let tls: TLSContext?
    private let snapshot: Snapshot
    private let log: LogWriter?
    private let format: AccessLogFormat
    private let listens: Bool
    private let keepsStatistics: Bool
    private let onRelayRefusal: @Sendable (RelayRefusal) -> Void
    private let http2: HTTP2Choices
    private let onSpans: (@Sendable (SpanBatch) -> Void)?
    private let resolver: ResolverOrders

    init(
        index: Int, mailboxes: [Mailbox<WorkerMessage>], limits: ConnectionLimits,
        compression: CompressionBudget, published: PublishedWorker,
        listeners: [(OpenedListener, ListenerPlaces.Place)], tls: TLSContext?, snapshot: Snapshot,
        log: LogWriter?, resolver: ResolverOrders,
        format: AccessLogFormat, listens: Bool, keepsStatistics: Bool,
        onRelayRefusal: @escaping @Sendable (RelayRefusal) -> Void, http2: HTTP2Choices,
        onSpans: (@Sendable (SpanBatch) -> Void)? = nil
    ) {
        self.onRelayRefusal = onRelayRefusal
        self.onSpans = onSpans
        self.resolver = resolver
        self.http2 = http2
        self.index = index
        self.mailboxes = mailboxes
        self.limits = limits
        self.compression = compression
        self.published = published
        self.listeners = listeners
        self.tls = tls
        self.snapshot = snapshot
        self.log = log
        self.format = format
        self.listens = listens
        self.keepsStatistics = keepsStatistics
    }

    /// The worker's life.
    func run() {
        let others = mailboxes.enumerated().filter { $0.offset != index }.map(\.element)
        let worker = Worker(
            index: index, mailbox: mailboxes[index], others: others, limits: limits,
            compression: compression, published: published,
            log: AccessLog(format: format, writer: log, published: published), listeners: listeners, tls: tls,
            snapshot: snapshot, http2: http2)
        worker.isListening = listens
        worker.keepsStatistics = keepsStatistics
        worker.onRelayRefusal = onRelayRefusal
        worker.spans.sink = onSpans
        worker.names.orders = resolver
        worker.run()
    }
}
