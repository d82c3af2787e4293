public import Kubernetes

/// What of a cluster is followed: some namespaces or all, and what the flags name outside of them.
public struct ClusterScope: Sendable {
    /// The namespaces, each with informers of its own; one empty name for all.
    let namespaces: [String]
    /// The labels of namespaces whose Ingresses are ours; empty is all namespaces that are read.
    let namespaceSelector: String
    /// The default backend's Service, if no informer of `namespaces` brings it.
    let outsideService: ObjectKey?
    /// The default certificate's Secret, if no informer of `namespaces` brings it.
    let outsideSecret: ObjectKey?
    /// The ConfigMaps that flags name.
    let configMaps: [ObjectKey]

    /// A scope of these namespaces, empty for all. With a selector all are read: a namespace may be chosen at any time.
    public init(namespaces: [String], selector: LabelSelector? = nil, settings: TranslationSettings) {
        namespaceSelector = selector?.text ?? ""
        self.namespaces = namespaces.isEmpty ? [""] : namespaces
        func isOutside(_ key: ObjectKey) -> Bool {
            !namespaces.isEmpty && !namespaces.contains(key.namespace)
        }
        configMaps = settings.configMaps.sorted()
        outsideService = settings.defaultBackend.flatMap { isOutside($0) ? $0 : nil }
        outsideSecret = settings.defaultTLSSecret.flatMap { isOutside($0) ? $0 : nil }
    }

    /// The parts of the initial state that a pipeline has to wait for.
    public var parts: Set<String> {
        let kinds = [
            Ingress.resource.kind, Service.resource.kind, EndpointSlice.resource.kind, Secret.resource.kind,
        ]
        var parts = Set(namespaces.flatMap { scope in kinds.map { ClusterScope.part($0, in: scope) } })
        parts.insert(IngressClass.resource.kind)
        if !namespaceSelector.isEmpty { parts.insert(Namespace.resource.kind) }
        if let outsideService {
            parts.insert(ClusterScope.part(Service.resource.kind, of: outsideService))
            parts.insert(ClusterScope.part(EndpointSlice.resource.kind, of: outsideService))
        }
        if let outsideSecret { parts.insert(ClusterScope.part(Secret.resource.kind, of: outsideSecret)) }
        for key in configMaps { parts.insert(ClusterScope.part(ConfigMap.resource.kind, of: key)) }
        return parts
    }

    /// Whether objects of a namespace are read.
    func reads(_ namespace: String) -> Bool { namespaces == [""] || namespaces.contains(namespace) }

    static func part(_ kind: String, in namespace: String) -> String {
        namespace.isEmpty ? kind : "\(kind) in \(namespace)"
    }

    static func part(_ kind: String, of key: ObjectKey) -> String { "\(kind) of \(key)" }
}
