import Basics

/// Carries out what `ReflectorState` decides: sends its requests, decodes what comes, and tells the consumer what
/// that changes. Lives on the client's thread.
final class Reflector<Object: DecodableObject>: TransferReceiver, LoopTenant {
    private unowned let loop: ClientLoop
    private let selection: ObjectSelection
    private let consumer: InformerConsumer<Object>

    private var state = ReflectorState()
    private var index: ObjectIndex<Object>
    private var statistics = InformerStatistics()
    private var listBeganAt: UInt64 = 0

    /// The open request; the next ones are what has come of its answer.
    private(set) var transfer: Transfer?
    private var status = 0
    private var retryAfter: UInt64?
    private var body: [UInt8] = []
    private var decoder = WatchDecoder<Object>()
    private var batch = ObjectBatch<Object>(changes: [], receivedAt: 0)

    /// Beyond any Status; the rest of a proxy's error page is dropped.
    private static var longestRefusal: Int { 64 << 10 }
    private static var longestList: Int { 1 << 30 }

    init(
        _ loop: ClientLoop, selection: ObjectSelection, known: Set<ObjectKey> = [],
        consumer: InformerConsumer<Object>
    ) {
        index = ObjectIndex(known: known)
        self.loop = loop
        self.selection = selection
        self.consumer = consumer
    }

    func start() {
        take(.start)
        consumer.record(statistics)
    }

    func stop() {
        if let transfer { loop.cancel(transfer) }
        transfer = nil
    }

    // MARK: LoopTenant

    var deadline: UInt64 { state.deadline }

    func deadlinePassed() {
        take(.tick)
        consumer.record(statistics)
    }

    // MARK: TransferReceiver

    func received(status: Int, retryAfter: UInt64?, of transfer: Transfer) {
        self.status = status
        self.retryAfter = retryAfter
        if isAccepted { take(.accepted) }
        consumer.record(statistics)
    }

    func received(_ bytes: [UInt8], arrivedAt: UInt64, of transfer: Transfer) {
        batch.receivedAt = arrivedAt
        guard isAccepted else {
            if body.count < Self.longestRefusal { body += bytes }
            return
        }
        if state.request.kind == .list {
            gather(bytes)
        } else {
            read(bytes, of: transfer)
        }
        flush()
        consumer.record(statistics)
    }

    func ended(_ end: TransferEnd, of transfer: Transfer) {
        self.transfer = nil
        switch end {
        case .stopped: return
        case .failed(let reason) where status == 0 || isAccepted: take(.failed(reason))
        case .unauthenticated(let reason): take(.unauthenticated(reason))
        case .complete, .failed: complete()
        }
        flush()
        consumer.record(statistics)
    }

    // MARK: answers

    private var isAccepted: Bool { (200..<300).contains(status) }

    private func complete() {
        guard isAccepted else {
            var refusal = APIStatus(decoding: body, httpStatus: status)
            // The head is what the API's own flow control sets; the body may lag behind.
            if let retryAfter { refusal.retryAfterSeconds = Int(clamping: retryAfter) }
            refusal.code = status
            return take(.refused(refusal))
        }
        guard state.request.kind == .list else { return take(.closed) }
        readPage()
    }

    private func gather(_ bytes: [UInt8]) {
        body += bytes
        if body.count > Self.longestList { take(.undecodable("a list of over 1 GiB")) }
    }

    private func readPage() {
        let text = body
        body = []
        do throws(JSONError) {
            let page = try ListPage<Object>(decoding: text)
            for object in page.items { index.collect(object) }
            for object in page.rejected { reject(object) }
            take(.page(version: page.resourceVersion, continueToken: page.continueToken))
        } catch {
            take(.undecodable("a list that cannot be read: \(error)"))
        }
    }

    private func read(_ bytes: [UInt8], of transfer: Transfer) {
        decoder.append(bytes)
        do throws(JSONError) {
            // An error inside the stream drops the transfer, and with it what may follow.
            while self.transfer === transfer, let event = try decoder.next() { apply(event) }
        } catch {
            take(.undecodable("a watch event that cannot be read: \(error)"))
        }
    }

    private func apply(_ event: WatchEvent<Object>) {
        statistics.lastEventAt = batch.receivedAt
        switch event {
        case .added(let object): upsert(object, .added)
        case .modified(let object): upsert(object, .modified)
        case .deleted(let object):
            count(.deleted)
            delete(object.meta.key)
            take(.object(version: object.meta.resourceVersion))
        case .bookmark(let version, let endsInitialEvents):
            count(.bookmark)
            take(.bookmark(version: version, endsInitialEvents: endsInitialEvents))
        case .error(let status):
            count(.error)
            take(.errorEvent(status))
        case .rejected(let object):
            reject(object)
            take(.object(version: object.resourceVersion))
        }
    }

    private func upsert(_ object: Object, _ type: WatchEventType) {
        count(type)
        if state.isCollecting {
            index.collect(object)
        } else if let change = index.upsert(object) {
            batch.changes.append(change)
        }
        take(.object(version: object.meta.resourceVersion))
    }

    private func delete(_ key: ObjectKey) {
        if state.isCollecting {
            index.discard(key)
        } else if let change = index.delete(key) {
            batch.changes.append(change)
        }
    }

    private func reject(_ object: RejectedObject) {
        statistics.rejected += 1
        batch.rejected.append(object)
        if object.isDeleted {
            delete(object.key)
        } else if state.isCollecting {
            index.collect(rejected: object.key)
        }
    }

    private func count(_ type: WatchEventType) {
        statistics.events[type, default: 0] += 1
    }

    // MARK: decisions

    private func take(_ event: ReflectorState.Event) {
        let actions = state.handle(event, at: Monotonic.now(), dice: .random(in: 0..<1))
        for action in actions { perform(action) }
    }

    private func perform(_ action: ReflectorState.Action) {
        switch action {
        case .open(let request): open(request)
        case .cancel: stop()
        case .collect:
            listBeganAt = Monotonic.now()
            index.beginCollection()
        case .adopt: adopt()
        case .report(let condition):
            statistics.condition = condition
            consumer.onCondition(condition)
        case .count(let restart): statistics.restarts[restart, default: 0] += 1
        }
    }

    private func open(_ next: ListWatchRequest) {
        stop()
        status = 0
        retryAfter = nil
        body = []
        decoder = WatchDecoder()
        var request = APIRequest(next.target(of: Object.resource, selecting: selection))
        request.acceptsGzip = next.kind == .list
        // The state has its own, longer limits.
        request.timeLimit = 0
        transfer = loop.send(request, to: self)
    }

    private func adopt() {
        batch.changes += index.adoptCollection()
        batch.isInitial = !statistics.hasSynced
        statistics.hasSynced = true
        statistics.lists += 1
        statistics.lastListDuration = Monotonic.now() - listBeganAt
        flush()
    }

    /// Tells the consumer what has gathered, if anything has.
    private func flush() {
        guard batch.isInitial || !batch.changes.isEmpty || !batch.rejected.isEmpty else { return }
        statistics.objects = index.count
        let full = batch
        batch = ObjectBatch(changes: [], receivedAt: full.receivedAt)
        consumer.deliver(full)
    }
}

/// Whom a reflector tells.
struct InformerConsumer<Object: DecodableObject>: Sendable {
    let onCondition: @Sendable (InformerCondition) -> Void
    let deliver: @Sendable (ObjectBatch<Object>) -> Void
    let record: @Sendable (InformerStatistics) -> Void
}
