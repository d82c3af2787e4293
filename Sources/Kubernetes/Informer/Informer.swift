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
/// - It never gives up: while the API server refuses or is away it tries again with backoff, tells `onCondition` once
///   per change of state, and the consumer keeps what it has.
public final class Informer<Object: KubernetesObject>: Sendable {
    /// An informer that has not started.
    public init(
        _ client: APIClient,
        selecting selection: ObjectSelection = ObjectSelection(),
        onCondition: @escaping @Sendable (InformerCondition) -> Void = { _ in },
        deliver: @escaping @Sendable (ObjectBatch<Object>) -> Void
    ) {}

    /// Begins to list and watch; returns at once.
    public func start() {}

    /// Ends the watch. No closure is called after the one that may be running; nothing is deleted.
    public func stop() {}

    /// What happened so far; may be read from any thread.
    public var statistics: InformerStatistics { InformerStatistics() }
}
