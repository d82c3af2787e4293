/// v1 Node, trimmed to its addresses and its zone.
public struct Node: KubernetesObject {
    /// Where the API serves this kind.
    public static let resource = Resource(
        kind: "Node", apiVersion: "v1", plural: "nodes", isNamespaced: false)

    /// The object's metadata.
    public var meta = ObjectMeta()
    /// The label `topology.kubernetes.io/zone`; empty when absent.
    public var zone = ""
    /// `status.addresses` of type `ExternalIP`.
    public var externalIPs: [String] = []
    /// `status.addresses` of type `InternalIP`.
    public var internalIPs: [String] = []

    /// An empty node.
    public init() {}
}
