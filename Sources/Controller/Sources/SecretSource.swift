import Kubernetes
import Synchronization

/// Follows Secrets: those of the TLS type as a list, those of other types that Ingresses name as `SecretFollowing` decides.
final class SecretSource: Sendable {
    /// Makes an informer that has not started; one of a list is shown in the metrics.
    typealias MakeInformer =
        @Sendable (
            ObjectSelection, _ part: String, _ isListed: Bool,
            _ deliver: @escaping @Sendable (ObjectBatch<Secret>) -> Void
        ) -> Informer<Secret>

    private let scope: ClusterScope
    private let pipeline: Pipeline
    private let make: MakeInformer
    private let state = Mutex(State())

    /// A watch by name is a stream of its own: with those of the other kinds they fit into the hundred that one connection
    /// carries anywhere. Beyond these, one list for each namespace is cheaper.
    private static let mostNamed = 64
    /// Neither the listed type nor what is never named by an Ingress but may be large or many.
    private static let otherTypes =
        "type!=kubernetes.io/tls,type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token"

    private struct State: Sendable {
        var following = SecretFollowing(limit: SecretSource.mostNamed)
        var named: [ObjectKey: Informer<Secret>] = [:]
        var lists: [Informer<Secret>] = []
    }

    init(scope: ClusterScope, pipeline: Pipeline, make: @escaping MakeInformer) {
        self.scope = scope
        self.pipeline = pipeline
        self.make = make
    }

    /// Begins with the list by type.
    func start() {
        let kind = Secret.resource.kind
        state.withLock { state in
            for namespace in scope.namespaces {
                let tls = ObjectSelection(namespace: namespace, fieldSelector: "type=\(Secret.tlsType)")
                follow(tls, ClusterScope.part(kind, in: namespace), as: .type, &state)
            }
            guard let key = scope.outsideSecret else { return }
            follow(.one(key), ClusterScope.part(kind, of: key), as: .type, &state)
        }
    }

    /// Follows these beside the list by type, and no others.
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

    private func follow(
        _ selection: ObjectSelection, _ part: String, as holder: SecretFollowing.Holder, _ state: inout State
    ) {
        let informer = make(selection, part, true) { [self] batch in
            take(batch, from: holder, scope: selection.namespace)
        }
        state.lists.append(informer)
        informer.start()
    }

    /// What is sent while locked is sent in the order in which it was decided.
    private func take(_ batch: ObjectBatch<Secret>, from holder: SecretFollowing.Holder, scope: String = "") {
        state.withLock { state in
            pipeline.send(.secrets(state.following.admit(batch, from: holder, scope: scope)))
            settle(&state)
        }
    }

    private func settle(_ state: inout State) {
        let steps = state.following.settle()
        for key in steps.stop { state.named.removeValue(forKey: key)?.stop() }
        if !steps.gone.isEmpty {
            pipeline.send(.secrets(ObjectBatch(changes: steps.gone.map { .deleted($0) }, receivedAt: 0)))
        }
        for key in steps.start {
            let informer = make(.one(key), "Secret \(key)", false) { [self] in take($0, from: .name) }
            state.named[key] = informer
            informer.start()
        }
        guard steps.startsRest else { return }
        for namespace in scope.namespaces {
            let rest = ObjectSelection(namespace: namespace, fieldSelector: SecretSource.otherTypes)
            follow(rest, ClusterScope.part("Secret of other types", in: namespace), as: .rest, &state)
        }
    }
}

extension ObjectSelection {
    /// One object, by its name.
    static func one(_ key: ObjectKey) -> ObjectSelection {
        ObjectSelection(namespace: key.namespace, fieldSelector: "metadata.name=\(key.name)")
    }
}
