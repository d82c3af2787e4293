/// An object of a manifest file and where it stands.
public struct ManifestObject: Sendable, Equatable {
    /// The object.
    public var content: Content
    /// The line of its first character, counted from 1.
    public var line: Int

    /// An object at a line.
    public init(_ content: Content, line: Int) {
        self.content = content
        self.line = line
    }

    /// The kinds that are translated, and the rest.
    public enum Content: Sendable, Equatable {
        /// An Ingress.
        case ingress(Ingress)
        /// An IngressClass.
        case ingressClass(IngressClass)
        /// A Service.
        case service(Service)
        /// An EndpointSlice.
        case endpointSlice(EndpointSlice)
        /// A Secret; `stringData` is merged into its data.
        case secret(Secret)
        /// A ConfigMap.
        case configMap(ConfigMap)
        /// A Deployment or a DaemonSet.
        case workload(Workload)
        /// An object of another kind, which is none of our business.
        case other(kind: String, key: ObjectKey)
    }

    /// `Ingress`, `Service`, …
    public var kind: String {
        switch content {
        case .ingress: Ingress.resource.kind
        case .ingressClass: IngressClass.resource.kind
        case .service: Service.resource.kind
        case .endpointSlice: EndpointSlice.resource.kind
        case .secret: Secret.resource.kind
        case .configMap: ConfigMap.resource.kind
        case .workload(let object): object.kind
        case .other(let kind, _): kind
        }
    }

    /// The object's namespace and name.
    public var key: ObjectKey {
        switch content {
        case .ingress(let object): object.meta.key
        case .ingressClass(let object): object.meta.key
        case .service(let object): object.meta.key
        case .endpointSlice(let object): object.meta.key
        case .secret(let object): object.meta.key
        case .configMap(let object): object.meta.key
        case .workload(let object): object.meta.key
        case .other(_, let key): key
        }
    }
}
