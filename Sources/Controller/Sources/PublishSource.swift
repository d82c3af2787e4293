public import Kubernetes
import Synchronization

/// Follows the Service that brings traffic to this process, and of a NodePort Service the nodes behind it; or the pods that serve it
/// and their nodes.
public final class PublishSource: Sendable {
    private let client: APIClient
    private let place: Place
    private let report: @Sendable (String, InformerCondition) -> Void
    private let deliver: @Sendable ([LoadBalancerAddress]) -> Void
    private let state = Mutex(State())

    /// What is followed.
    public enum Place: Sendable {
        case service(ObjectKey)
        case pods(ObjectSelection)
    }

    private struct State: Sendable {
        var published = PublishedService()
        /// Parts of what is followed that have not come yet.
        var missing = 0
        var followsNodes = false
        var delivered: [LoadBalancerAddress]?
        var stops: [@Sendable () -> Void] = []
    }

    /// A source that has not started. `deliver` hears of the addresses when they change, `report` of each informer's condition.
    public init(
        _ client: APIClient, _ place: Place, prefersInternal: Bool = false,
        report: @escaping @Sendable (_ part: String, InformerCondition) -> Void,
        deliver: @escaping @Sendable ([LoadBalancerAddress]) -> Void
    ) {
        self.client = client
        self.place = place
        self.report = report
        self.deliver = deliver
        state.withLock { $0.published.prefersInternal = prefersInternal }
    }

    /// Begins to follow.
    public func start() {
        switch place {
        case .service(let key):
            follow(.one(key), "Service \(key)") { (state: inout State, _: ObjectKey, service: Service?) in
                state.published.set(service)
            }
        case .pods(let selection):
            // Before both have come nothing is settled.
            state.withLock { $0.missing += 1 }
            follow(selection, "Pod") { (state: inout State, key: ObjectKey, pod: Pod?) in
                state.published.set(pod, named: key.name)
            }
            followNodes()
            state.withLock { $0.missing -= 1 }
        }
    }

    /// Ends following.
    public func stop() {
        let stops = state.withLock { state in
            defer { state.stops = [] }
            return state.stops
        }
        for stop in stops { stop() }
    }

    private func follow<Object: DecodableObject>(
        _ selection: ObjectSelection, _ part: String,
        _ set: @escaping @Sendable (inout State, ObjectKey, Object?) -> Void
    ) {
        let report = report
        let informer = Informer<Object>(
            client, selecting: selection, onCondition: { report(part, $0) },
            deliver: { [weak self] batch in self?.take(batch, set) })
        state.withLock { state in
            state.missing += 1
            state.stops.append { informer.stop() }
        }
        informer.start()
    }

    private func take<Object: DecodableObject>(
        _ batch: ObjectBatch<Object>, _ set: @Sendable (inout State, ObjectKey, Object?) -> Void
    ) {
        let (addresses, startsNodes) = state.withLock { state in
            for change in batch.changes {
                switch change {
                case .upserted(let object): set(&state, object.meta.key, object)
                case .deleted(let key): set(&state, key, nil)
                }
            }
            if batch.isInitial { state.missing -= 1 }
            return settle(&state)
        }
        if startsNodes { followNodesOfService() }
        if let addresses { deliver(addresses) }
    }

    /// What is to be delivered, if all of it is known and new; and whether nodes have to be followed first.
    private func settle(_ state: inout State) -> ([LoadBalancerAddress]?, Bool) {
        guard state.missing == 0 else { return (nil, false) }
        if state.published.needsNodes, !state.followsNodes {
            state.followsNodes = true
            return (nil, true)
        }
        let addresses = state.published.addresses
        guard addresses != state.delivered else { return (nil, false) }
        state.delivered = addresses
        return (addresses, false)
    }

    private func followNodesOfService() {
        guard case .service(let key) = place else { return }
        let slices = ObjectSelection(
            namespace: key.namespace, labelSelector: "kubernetes.io/service-name=\(key.name)")
        follow(slices, "EndpointSlice of \(key)") {
            (state: inout State, key: ObjectKey, slice: EndpointSlice?) in
            state.published.set(slice, named: key.name)
        }
        followNodes()
    }

    private func followNodes() {
        follow(ObjectSelection(), "Node") { (state: inout State, key: ObjectKey, node: Node?) in
            state.published.set(node, named: key.name)
        }
    }
}
