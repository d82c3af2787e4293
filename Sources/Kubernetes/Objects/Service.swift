/// v1 Service, trimmed to what is translated.
public struct Service: KubernetesObject {
    /// Where the API serves this kind.
    public static let resource = Resource(kind: "Service", apiVersion: "v1", plural: "services")

    /// The object's metadata.
    public var meta = ObjectMeta()
    /// `spec.type`: `ClusterIP` when absent.
    public var type = "ClusterIP"
    /// `spec.externalName`, for type `ExternalName`.
    public var externalName = ""
    /// `spec.clusterIP`; `None` is a headless service.
    public var clusterIP = ""
    /// `spec.ipFamilies`: `IPv4`, `IPv6`, the preferred one first.
    public var ipFamilies: [String] = []
    /// `spec.ports`, in order.
    public var ports: [Port] = []
    /// `spec.externalIPs`.
    public var externalIPs: [String] = []
    /// `status.loadBalancer.ingress[]`, for `--publish-service`.
    public var loadBalancerAddresses: [LoadBalancerAddress] = []

    /// An empty Service.
    public init() {}

    /// One entry of `spec.ports`.
    public struct Port: Sendable, Equatable {
        /// May be empty when it is the only one.
        public var name = ""
        /// 1-65535 in a valid object.
        public var port = 0
        /// `TCP` when absent.
        public var transport = "TCP"
        /// `spec.ports[].targetPort` as text; may be empty.
        public var targetPort = ""
        /// `spec.ports[].appProtocol`; may be empty.
        public var appProtocol = ""

        /// An empty port.
        public init() {}
    }
}

/// discovery.k8s.io/v1 EndpointSlice, trimmed to what is translated.
public struct EndpointSlice: KubernetesObject {
    /// Where the API serves this kind.
    public static let resource = Resource(
        kind: "EndpointSlice", apiVersion: "discovery.k8s.io/v1", plural: "endpointslices")

    /// The object's metadata.
    public var meta = ObjectMeta()
    /// The label `kubernetes.io/service-name`; empty when absent.
    public var serviceName = ""
    /// `IPv4`, `IPv6` or `FQDN`.
    public var addressType = ""
    /// `ports`, in order; a port without a number is left out.
    public var ports: [Port] = []
    /// `endpoints`, in order; an endpoint without an address is left out.
    public var endpoints: [Endpoint] = []

    /// An empty slice.
    public init() {}

    /// One entry of `ports`.
    public struct Port: Sendable, Equatable {
        /// Matches `Service.Port.name`; empty when unnamed.
        public var name = ""
        /// 1-65535 in a valid object.
        public var port = 0
        /// `TCP` when absent.
        public var transport = "TCP"

        /// An empty port.
        public init() {}
    }

    /// One entry of `endpoints`.
    public struct Endpoint: Sendable, Equatable {
        /// The first of `addresses`; the others have no meaning.
        public var address = ""
        /// `conditions.ready`; absent means true.
        public var isReady = true
        /// `conditions.serving`; absent means the same as ready.
        public var isServing = true
        /// `conditions.terminating`; absent means false.
        public var isTerminating = false
        /// `nodeName`; may be empty.
        public var nodeName = ""
        /// `hints.forZones`: where it is meant to be used; may be empty.
        public var zones: [String] = []
        /// `targetRef.kind`, usually `Pod`; may be empty.
        public var targetKind = ""
        /// `targetRef.uid`; may be empty.
        public var targetUID = ""
        /// `targetRef.name`; may be empty.
        public var targetName = ""

        /// An empty endpoint.
        public init() {}
    }
}
