/// networking.k8s.io/v1 Ingress, trimmed to what is translated.
public struct Ingress: KubernetesObject {
    /// Where the API serves this kind.
    public static let resource = Resource(
        kind: "Ingress", apiVersion: "networking.k8s.io/v1", plural: "ingresses")

    /// The object's metadata.
    public var meta = ObjectMeta()
    /// `spec.ingressClassName`.
    public var className: String?
    /// `spec.defaultBackend`.
    public var defaultBackend: IngressBackend?
    /// `spec.rules`, in order.
    public var rules: [IngressRule] = []
    /// `spec.tls`, in order.
    public var tls: [IngressTLS] = []
    /// `status.loadBalancer.ingress`: where its traffic is said to go in.
    public var addresses: [LoadBalancerAddress] = []

    /// An empty Ingress.
    public init() {}
}

/// One entry of `spec.rules`.
public struct IngressRule: Sendable, Equatable {
    /// Empty or absent means every host.
    public var host = ""
    /// nil when the rule has no `http` block: the host's traffic goes to the default backend.
    public var paths: [IngressPath]?

    /// An empty rule.
    public init() {}
}

/// One entry of `spec.rules[].http.paths`.
public struct IngressPath: Sendable, Equatable {
    /// May be empty for `ImplementationSpecific`.
    public var path = ""
    /// `Exact`, `Prefix`, `ImplementationSpecific`, or as found; empty when absent.
    public var pathType = ""
    /// Where matching requests go.
    public var backend = IngressBackend.missing

    /// An empty path.
    public init() {}
}

/// A backend reference as found.
public enum IngressBackend: Sendable, Equatable {
    /// A Service port.
    case service(name: String, port: ServicePort)
    /// A typed reference, which no controller here resolves.
    case resource(kind: String, name: String)
    /// Neither.
    case missing
}

/// A port of a Service as an Ingress names it.
public enum ServicePort: Sendable, Hashable {
    /// By `spec.ports[].port`.
    case number(Int)
    /// By `spec.ports[].name`.
    case name(String)
    /// Neither or both given.
    case missing
}

/// One entry of `spec.tls`.
public struct IngressTLS: Sendable, Equatable {
    /// May be empty: the names inside the certificate then.
    public var hosts: [String] = []
    /// May be empty: the default certificate then.
    public var secretName = ""

    /// An empty entry.
    public init() {}
}

/// networking.k8s.io/v1 IngressClass.
public struct IngressClass: KubernetesObject {
    /// Where the API serves this kind.
    public static let resource = Resource(
        kind: "IngressClass", apiVersion: "networking.k8s.io/v1", plural: "ingressclasses",
        isNamespaced: false)

    /// The object's metadata.
    public var meta = ObjectMeta()
    /// `spec.controller`.
    public var controller = ""

    /// An empty class.
    public init() {}
}
