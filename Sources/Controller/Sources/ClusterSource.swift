public import Kubernetes
import Synchronization

/// Follows a cluster and sends what it sees to a pipeline: one informer for each kind and namespace.
///
/// A kind that may not be read is reported and left out: the rest is served. Secrets come by type, `kubernetes.io/tls`
/// alone, so that a cluster's other secrets never enter this process; one that an Ingress names and that has another type is
/// followed by name.
public final class ClusterSource: Sendable {
    private let client: APIClient
    private let namespaces: [String]
    private let pipeline: Pipeline
    private let report: @Sendable (_ part: String, InformerCondition) -> Void
    private let started = Mutex(Started())

    /// Secrets followed by name at most: each is a watch.
    private static let mostNamedSecrets = 256

    private struct Started: Sendable {
        var stops: [@Sendable () -> Void] = []
        var statistics: [(part: String, read: @Sendable () -> InformerStatistics)] = []
        var namedSecrets: [ObjectKey: NamedSecret] = [:]
    }

    private struct NamedSecret: Sendable {
        var start: @Sendable () -> Void
        var stop: @Sendable () -> Void
        /// What the watch by name has brought, which nobody else will take back when it ends.
        var holding: Holding
    }

    /// Whether a watch by name holds a Secret that the list by type does not bring.
    private final class Holding: Sendable {
        private let value = Mutex(false)
        var isOwn: Bool { value.withLock { $0 } }

        func note(_ change: ObjectChange<Secret>) {
            value.withLock { value in
                if case .upserted(let secret) = change {
                    value = secret.type != Secret.tlsType
                } else {
                    value = false
                }
            }
        }
    }

    /// The parts of the initial state that a pipeline has to wait for.
    public static func parts(namespaces: [String]) -> Set<String> {
        let scopes = namespaces.isEmpty ? [""] : namespaces
        let kinds = [
            Ingress.resource.kind, Service.resource.kind, EndpointSlice.resource.kind, Secret.resource.kind,
        ]
        return Set(scopes.flatMap { scope in kinds.map { part($0, scope) } } + [IngressClass.resource.kind])
    }

    /// A source over the given namespaces, empty for all. `report` hears of each informer's condition when it changes.
    public init(
        client: APIClient, namespaces: [String], pipeline: Pipeline,
        report: @escaping @Sendable (String, InformerCondition) -> Void
    ) {
        self.client = client
        self.namespaces = namespaces
        self.pipeline = pipeline
        self.report = report
    }

    /// Begins to list and watch.
    public func start() {
        follow(ObjectSelection(), part: IngressClass.resource.kind) { StateUpdate.classes($0) }
        for scope in namespaces.isEmpty ? [""] : namespaces {
            let all = ObjectSelection(namespace: scope)
            follow(all, part: ClusterSource.part(Ingress.resource.kind, scope)) { .ingresses($0) }
            follow(all, part: ClusterSource.part(Service.resource.kind, scope)) { .services($0) }
            follow(all, part: ClusterSource.part(EndpointSlice.resource.kind, scope)) { .slices($0) }
            let certificates = ObjectSelection(namespace: scope, fieldSelector: "type=kubernetes.io/tls")
            follow(certificates, part: ClusterSource.part(Secret.resource.kind, scope)) { .secrets($0) }
        }
    }

    /// Ends all watches.
    public func stop() {
        let stops = started.withLock { started in
            defer { (started.stops, started.namedSecrets) = ([], [:]) }
            return started.stops + started.namedSecrets.values.map(\.stop)
        }
        for stop in stops { stop() }
    }

    /// What each informer has counted.
    public var statistics: [(part: String, statistics: InformerStatistics)] {
        started.withLock { $0.statistics }.map { ($0.part, $0.read()) }
    }

    /// Follows exactly these secrets by name, up to a limit: those that no list by type brings.
    public func follow(secrets keys: Set<ObjectKey>) {
        let (ended, new) = started.withLock { started in
            let ended = started.namedSecrets.filter { !keys.contains($0.key) }
            for key in ended.keys { started.namedSecrets[key] = nil }
            let free = ClusterSource.mostNamedSecrets - started.namedSecrets.count
            let new = keys.filter { started.namedSecrets[$0] == nil }.sorted().prefix(free)
            for key in new { started.namedSecrets[key] = named(key) }
            return (ended, new.compactMap { started.namedSecrets[$0] })
        }
        for secret in new { secret.start() }
        for (key, secret) in ended {
            secret.stop()
            guard secret.holding.isOwn else { continue }
            pipeline.send(.secrets(ObjectBatch(changes: [.deleted(key)], receivedAt: 0)))
        }
    }

    private func named(_ key: ObjectKey) -> NamedSecret {
        let (pipeline, report, part, holding) = (pipeline, report, "Secret \(key)", Holding())
        let informer = Informer<Secret>(
            client,
            selecting: ObjectSelection(namespace: key.namespace, fieldSelector: "metadata.name=\(key.name)"),
            onCondition: { report(part, $0) },
            deliver: { batch in
                for change in batch.changes { holding.note(change) }
                pipeline.send(.secrets(batch))
            })
        return NamedSecret(start: { informer.start() }, stop: { informer.stop() }, holding: holding)
    }

    private static func part(_ kind: String, _ namespace: String) -> String {
        namespace.isEmpty ? kind : "\(kind) in \(namespace)"
    }

    private func follow<Object: DecodableObject>(
        _ selection: ObjectSelection, part: String,
        _ update: @escaping @Sendable (ObjectBatch<Object>) -> StateUpdate
    ) {
        let (pipeline, report) = (pipeline, report)
        let informer = Informer<Object>(
            client, selecting: selection,
            onCondition: { condition in
                report(part, condition)
                switch condition {
                case .forbidden, .missing: pipeline.send(.unavailable(part: part))
                default: break
                }
            },
            deliver: { batch in
                pipeline.send(update(batch))
                if batch.isInitial { pipeline.send(.synced(part: part)) }
            })
        started.withLock { started in
            started.stops.append { informer.stop() }
            started.statistics.append((part, { informer.statistics }))
        }
        informer.start()
    }
}
