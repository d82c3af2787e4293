public import Kubernetes

/// What the reports to the cluster have to know of an Ingress, once what it says is served here.
public struct IngressStanding: Sendable, Equatable {
    /// The object's own, not that of one which had its name before.
    public var uid: String
    /// As it was seen last; opaque.
    public var resourceVersion: String
    /// Whether this controller serves it.
    public var isOurs: Bool
    /// What its status says.
    public var addresses: [LoadBalancerAddress]

    /// A standing from its parts.
    public init(uid: String, resourceVersion: String, isOurs: Bool, addresses: [LoadBalancerAddress]) {
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.isOurs = isOurs
        self.addresses = addresses
    }
}
