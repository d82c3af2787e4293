import Synchronization

/// Keeps a consumer's copy of all selected objects of one kind as the API server has them.
///
/// ```
/// let ingresses = Informer<Ingress>(client) { condition in log(condition) } deliver: { batch in mailbox.post(batch) }
/// ingresses.start()
/// ```
///
/// - The **first** batch is the complete list (`isInitial`), delivered even when it is empty: from then on this kind
///   has synced. Later batches hold only what changed; applying each in order is all a consumer has to do.
/// - Whatever was missed while the API server was away arrives as ordinary changes after the next list: there is one
///   way an object appears or changes (`upserted`) and one way it goes (`deleted`), and no event is told twice.
/// - Both closures are called on the client's thread, in order, never concurrently for one client: they post to a
///   mailbox or yield to an `AsyncStream` and return. Everything one chunk of the network held comes as one batch;
///   a lone event is delivered at once.
/// - The informer keeps a key and a resource version per object, not the object: the consumer has that.
/// - An object that cannot be read is told in `rejected` and touches no other.
/// - It ends when it is stopped or nobody holds it any more.
/// - It never gives up: while the API server refuses or is away it tries again with backoff, tells `onCondition` once
///   per change of state, and the consumer keeps what it has.
public final class Informer<Object: DecodableObject>: Sendable {
    private let client: APIClient
    private let selection: ObjectSelection
    private let known: Set<ObjectKey>
    private let consumer: InformerConsumer<Object>
    private let record: Record

    /// An informer that has not started. `known` is what its consumer has already: the first batch tells what of that is gone.
    public init(
        _ client: APIClient,
        selecting selection: ObjectSelection = ObjectSelection(), known: Set<ObjectKey> = [],
        onCondition: @escaping @Sendable (InformerCondition) -> Void = { _ in },
        deliver: @escaping @Sendable (ObjectBatch<Object>) -> Void
    ) {
        let record = Record()
        self.client = client
        self.selection = selection
        self.known = known
        self.record = record
        consumer = InformerConsumer(onCondition: onCondition, deliver: deliver) { statistics in
            record.statistics.withLock { $0 = statistics }
        }
    }

    deinit {
        stop()
    }

    /// Begins to list and watch; returns at once. Does nothing when it has begun.
    public func start() {
        let (selection, known, consumer) = (selection, known, consumer)
        let owner = ObjectIdentifier(self)
        _ = client.post { loop in
            guard loop.tenant(of: owner) == nil else { return }
            let reflector = Reflector(loop, selection: selection, known: known, consumer: consumer)
            loop.add(reflector, as: owner)
            reflector.start()
        }
    }

    /// Ends the watch; a batch that is on its way may still be delivered. Nothing is deleted.
    public func stop() {
        let owner = ObjectIdentifier(self)
        _ = client.post { loop in
            (loop.tenant(of: owner) as? Reflector<Object>)?.stop()
            loop.removeTenant(of: owner)
        }
    }

    /// What happened so far; may be read from any thread.
    public var statistics: InformerStatistics { record.statistics.withLock { $0 } }

    private final class Record: Sendable {
        let statistics = Mutex(InformerStatistics())
    }
}
