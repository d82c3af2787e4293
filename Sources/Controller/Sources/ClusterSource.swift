public import Kubernetes
import Synchronization

/// Follows a cluster and sends what it sees to a pipeline: one informer for each kind and namespace.
///
/// A kind that may not be read is reported and left out: the rest is served. Secrets come by type, `kubernetes.io/tls`
/// alone, so that a cluster's other secrets do not enter this process; those that Ingresses name and that have another type are
/// followed by name, or all of the other types if very many are named. So are the ConfigMaps that somebody names.
public final class ClusterSource: Sendable {
    private let scope: ClusterScope
    private let surroundings: Surroundings
    private let secrets: ObjectSource<Secret>
    private let configMaps: ObjectSource<ConfigMap>
    /// What the pipeline has from before, until the informers know it.
    private let restored: Mutex<ClusterState>
    private let stops = Mutex<[@Sendable () -> Void]>([])

    /// A source over a scope. `report` hears of each informer's condition when it changes. What the pipeline has `restored` from before
    /// is compared with what there is.
    public init(
        client: APIClient, scope: ClusterScope, pipeline: Pipeline, restored: KeptState? = nil,
        report: @escaping @Sendable (_ part: String, InformerCondition) -> Void
    ) {
        let surroundings = Surroundings(client, pipeline, report)
        self.scope = scope
        self.surroundings = surroundings
        let state = restored?.state ?? ClusterState()
        self.restored = Mutex(state)
        secrets = ObjectSource(.secrets(of: scope), pipeline: pipeline, restored: state.secrets.values) {
            surroundings.informer($0, $1, isListed: $2, known: $3, $4)
        }
        configMaps = ObjectSource(
            .configMaps(of: scope), pipeline: pipeline, restored: state.configMaps.values
        ) {
            surroundings.informer($0, $1, isListed: $2, known: $3, $4)
        }
    }

    /// Begins to list and watch.
    public func start() {
        let state = restored.withLock { state in
            defer { state = ClusterState() }
            return state
        }
        follow(ObjectSelection(), IngressClass.resource.kind, known: state.classes.values) { .classes($0) }
        followNamespaces(state.namespaces)
        let slices = state.slices.values.flatMap(\.self)
        for namespace in scope.namespaces {
            let all = ObjectSelection(namespace: namespace)
            follow(all, part(Ingress.resource.kind, namespace), known: state.ingresses.values) {
                .ingresses($0)
            }
            follow(all, part(Service.resource.kind, namespace), known: state.services.values) {
                .services($0)
            }
            follow(all, part(EndpointSlice.resource.kind, namespace), known: slices) { .slices($0) }
        }
        if let key = scope.outsideService {
            let service = state.services[key].map { [$0] } ?? []
            follow(.one(key), ClusterScope.part(Service.resource.kind, of: key), known: service) {
                .services($0)
            }
            let selection = ObjectSelection(
                namespace: key.namespace, labelSelector: "kubernetes.io/service-name=\(key.name)")
            let known = state.slices[key] ?? []
            follow(selection, ClusterScope.part(EndpointSlice.resource.kind, of: key), known: known) {
                .slices($0)
            }
        }
        configMaps.start()
        secrets.start()
    }

    /// The API server says which namespaces the selector chooses, and tells when labels change.
    private func followNamespaces(_ known: Set<String>) {
        guard !scope.namespaceSelector.isEmpty else { return }
        let selection = ObjectSelection(labelSelector: scope.namespaceSelector)
        follow(selection, Namespace.resource.kind, known: known.map { Namespace(named: $0) }) {
            .namespaces($0)
        }
    }

    /// Ends all watches.
    public func stop() {
        let stops = stops.withLock { stops in
            defer { stops = [] }
            return stops
        }
        for stop in stops { stop() }
        secrets.stop()
        configMaps.stop()
    }

    /// What each informer of a list has counted.
    public var statistics: [(part: String, statistics: InformerStatistics)] { surroundings.statistics }

    /// Follows exactly these secrets beside those that the list by type brings.
    public func follow(secrets keys: Set<ObjectKey>) { secrets.follow(keys) }

    /// Follows exactly these ConfigMaps beside those that flags name: those that Ingresses name as far as their namespaces are
    /// read, and those that the operator's settings name wherever they are.
    public func follow(configMaps keys: Set<ObjectKey>, ofSettings own: Set<ObjectKey>) {
        configMaps.follow(keys.filter { scope.reads($0.namespace) }.union(own))
    }

    private func part(_ kind: String, _ namespace: String) -> String {
        ClusterScope.part(kind, in: namespace)
    }

    private func follow<Object: DecodableObject>(
        _ selection: ObjectSelection, _ part: String, known: some Collection<Object>,
        _ update: @escaping @Sendable (ObjectBatch<Object>) -> StateUpdate
    ) {
        let pipeline = surroundings.pipeline
        let keys = known.map(\.meta.key).filter {
            selection.namespace.isEmpty || selection.namespace == $0.namespace
        }
        let informer = surroundings.informer(selection, part, known: Set(keys)) { pipeline.send(update($0)) }
        stops.withLock { $0.append { informer.stop() } }
        informer.start()
    }
}

/// What informers are made of, and what they have counted.
private final class Surroundings: Sendable {
    let pipeline: Pipeline
    private let client: APIClient
    private let report: @Sendable (String, InformerCondition) -> Void
    private let counting = Mutex<[(part: String, read: @Sendable () -> InformerStatistics)]>([])

    init(
        _ client: APIClient, _ pipeline: Pipeline,
        _ report: @escaping @Sendable (String, InformerCondition) -> Void
    ) {
        self.client = client
        self.pipeline = pipeline
        self.report = report
    }

    var statistics: [(part: String, statistics: InformerStatistics)] {
        counting.withLock { $0 }.map { ($0.part, $0.read()) }
    }

    /// An informer that has not started. The pipeline hears when its part is complete or can not be had.
    func informer<Object: DecodableObject>(
        _ selection: ObjectSelection, _ part: String, isListed: Bool = true,
        known: Set<ObjectKey>,
        _ deliver: @escaping @Sendable (ObjectBatch<Object>) -> Void
    ) -> Informer<Object> {
        let (pipeline, report) = (pipeline, report)
        let informer = Informer<Object>(
            client, selecting: selection, known: known,
            onCondition: { condition in
                report(part, condition)
                switch condition {
                case .forbidden, .missing: pipeline.send(.unavailable(part: part))
                default: break
                }
            },
            deliver: { batch in
                deliver(batch)
                if batch.isInitial { pipeline.send(.synced(part: part)) }
            })
        if isListed { counting.withLock { $0.append((part, { informer.statistics })) } }
        return informer
    }
}
