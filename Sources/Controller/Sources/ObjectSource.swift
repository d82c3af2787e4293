import Kubernetes
import Synchronization

/// Follows objects of one kind: some as lists from the beginning, and those that Ingresses or settings name as `ObjectFollowing`
/// decides.
final class ObjectSource<Object: DecodableObject>: Sendable {
    /// Makes an informer that has not started, of what the pipeline may have already; one of a list is shown in the metrics.
    typealias MakeInformer =
        @Sendable (
            ObjectSelection, _ part: String, _ isListed: Bool, _ known: Set<ObjectKey>,
            _ deliver: @escaping @Sendable (ObjectBatch<Object>) -> Void
        ) -> Informer<Object>

    /// What is followed, and as what it is told.
    struct Plan: Sendable {
        /// From the beginning.
        var lists: [List] = []
        /// In place of watches by name, where too many are named.
        var rest: [List] = []
        /// Watches by name at most.
        var mostNamed: Int
        /// Whether `lists` bring an object.
        var isListed: @Sendable (Object) -> Bool = { _ in false }
        var update: @Sendable (ObjectBatch<Object>) -> StateUpdate
    }

    struct List: Sendable {
        var selection: ObjectSelection
        var part: String
        /// The only object it may bring.
        var only: ObjectKey?
    }

    private let plan: Plan
    private let pipeline: Pipeline
    private let make: MakeInformer
    /// What the pipeline has from before, and whether a list brings it.
    private let restored: [ObjectKey: Bool]
    private let state: Mutex<State>

    private struct State: Sendable {
        var following: ObjectFollowing<Object>
        var named: [ObjectKey: Informer<Object>] = [:]
        var lists: [Informer<Object>] = []
    }

    init(
        _ plan: Plan, pipeline: Pipeline, restored: some Collection<Object>, make: @escaping MakeInformer
    ) {
        self.plan = plan
        self.restored = Dictionary(
            restored.map { ($0.meta.key, plan.isListed($0)) }, uniquingKeysWith: { $1 })
        self.pipeline = pipeline
        self.make = make
        state = Mutex(
            State(following: ObjectFollowing(limit: plan.mostNamed, isListed: plan.isListed)))
    }

    /// Begins with the lists.
    func start() {
        state.withLock { state in
            for list in plan.lists { follow(list, as: .list, &state) }
        }
    }

    /// Follows these beside the lists, and no others.
    func follow(_ keys: Set<ObjectKey>) {
        state.withLock { state in
            state.following.want(keys)
            settle(&state)
        }
    }

    func stop() {
        let informers = state.withLock { state in
            defer { (state.named, state.lists) = ([:], []) }
            return state.lists + state.named.values
        }
        for informer in informers { informer.stop() }
    }

    private func follow(_ list: List, as holder: ObjectFollowing<Object>.Holder, _ state: inout State) {
        let informer = make(list.selection, list.part, true, known(to: list, holder)) { [self] batch in
            take(batch, from: holder, scope: list.selection.namespace)
        }
        state.lists.append(informer)
        informer.start()
    }

    /// What of it there may be from before.
    private func known(
        to list: List, _ holder: ObjectFollowing<Object>.Holder
    ) -> Set<ObjectKey> {
        if let only = list.only { return restored[only] == nil ? [] : [only] }
        let namespace = list.selection.namespace
        return Set(
            restored.filter { key, isListed in
                isListed == (holder == .list) && (namespace.isEmpty || namespace == key.namespace)
            }.keys)
    }

    /// What is sent while locked is sent in the order in which it was decided.
    private func take(
        _ batch: ObjectBatch<Object>, from holder: ObjectFollowing<Object>.Holder, scope: String = ""
    ) {
        state.withLock { state in
            pipeline.send(plan.update(state.following.admit(batch, from: holder, scope: scope)))
            settle(&state)
        }
    }

    private func settle(_ state: inout State) {
        let steps = state.following.settle()
        for key in steps.stop { state.named.removeValue(forKey: key)?.stop() }
        if !steps.gone.isEmpty {
            pipeline.send(plan.update(ObjectBatch(changes: steps.gone.map { .deleted($0) }, receivedAt: 0)))
        }
        for key in steps.start {
            let known: Set<ObjectKey> = restored[key] == nil ? [] : [key]
            let informer = make(.one(key), "\(Object.resource.kind) \(key)", false, known) { [self] in
                take($0, from: .name)
            }
            state.named[key] = informer
            informer.start()
        }
        if steps.startsRest { for list in plan.rest { follow(list, as: .rest, &state) } }
    }
}

extension ObjectSelection {
    /// One object, by its name.
    static func one(_ key: ObjectKey) -> ObjectSelection {
        ObjectSelection(namespace: key.namespace, fieldSelector: "metadata.name=\(key.name)")
    }
}

// A watch by name is a stream of its own: all of them, with those of the other kinds, fit into the hundred that one connection
// carries anywhere. Beyond these, one list for each namespace is cheaper.

extension ObjectSource.Plan where Object == Secret {
    /// Secrets of the TLS type, and others that Ingresses name.
    static func secrets(of scope: ClusterScope) -> Self {
        let kind = Secret.resource.kind
        // Neither the listed type nor what is never named by an Ingress but may be large or many.
        let otherTypes =
            "type!=kubernetes.io/tls,type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token"
        var plan = Self(mostNamed: 64, isListed: { $0.type == Secret.tlsType }, update: { .secrets($0) })
        for namespace in scope.namespaces {
            func list(_ types: String, _ what: String) -> ObjectSource<Secret>.List {
                ObjectSource<Secret>.List(
                    selection: ObjectSelection(namespace: namespace, fieldSelector: types),
                    part: ClusterScope.part(what, in: namespace))
            }
            plan.lists.append(list("type=\(Secret.tlsType)", kind))
            plan.rest.append(list(otherTypes, "\(kind) of other types"))
        }
        if let key = scope.outsideSecret { plan.lists.append(.one(key)) }
        return plan
    }
}

extension ObjectSource.Plan where Object == ConfigMap {
    /// Those that flags name, and others that settings and Ingresses name.
    static func configMaps(of scope: ClusterScope) -> Self {
        var plan = Self(mostNamed: 16, update: { .configMaps($0) })
        plan.lists = scope.configMaps.map { .one($0) }
        plan.rest = scope.namespaces.map { namespace in
            ObjectSource<ConfigMap>.List(
                selection: ObjectSelection(namespace: namespace),
                part: ClusterScope.part(ConfigMap.resource.kind, in: namespace))
        }
        return plan
    }
}

extension ObjectSource.List {
    fileprivate static func one(_ key: ObjectKey) -> Self {
        Self(selection: .one(key), part: ClusterScope.part(Object.resource.kind, of: key), only: key)
    }
}
