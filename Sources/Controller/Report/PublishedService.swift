public import Kubernetes

/// Where traffic goes in, from the Service that brings it: what a cloud gave it, what its owner says, or the nodes behind it. Or from
/// the pods that serve it: their nodes.
struct PublishedService: Sendable {
    /// Whether nodes are told by the addresses that they have inside.
    var prefersInternal = false
    private var service: Service?
    private var pods: [String: Pod] = [:]
    private var slices: [String: EndpointSlice] = [:]
    private var nodes: [String: Node] = [:]

    /// Whether the nodes are part of the answer.
    var needsNodes: Bool { service?.type == "NodePort" && service?.externalIPs.isEmpty == true }

    mutating func set(_ service: Service?) { self.service = service }

    mutating func set(_ slice: EndpointSlice?, named name: String) { slices[name] = slice }

    mutating func set(_ pod: Pod?, named name: String) { pods[name] = pod }

    mutating func set(_ node: Node?, named name: String) { nodes[name] = node }

    /// The addresses, in a stable order; empty while none is known.
    var addresses: [LoadBalancerAddress] {
        guard let service else {
            let serving = pods.values.filter { $0.isReady && !$0.isEnding }
            return Set(addresses(ofNodes: Set(serving.map(\.nodeName)))).sorted()
        }
        let given = service.externalIPs.map { StatusAddress.of($0) }
        let found: [LoadBalancerAddress]
        switch service.type {
        case "LoadBalancer": found = service.loadBalancerAddresses + given
        case "NodePort": found = given.isEmpty ? nodeAddresses : given
        default: found = given
        }
        return Set(found).sorted()
    }

    /// Of the nodes on which a ready pod stands: `externalTrafficPolicy: Local` answers there only.
    private var nodeAddresses: [LoadBalancerAddress] {
        let names = Set(
            slices.values.flatMap(\.endpoints).filter { $0.isReady && !$0.isTerminating }.map(\.nodeName))
        return addresses(ofNodes: names)
    }

    private func addresses(ofNodes names: Set<String>) -> [LoadBalancerAddress] {
        names.compactMap { nodes[$0] }.flatMap { node in
            let isInternal = node.externalIPs.isEmpty || prefersInternal && !node.internalIPs.isEmpty
            return (isInternal ? node.internalIPs : node.externalIPs).map { StatusAddress.of($0) }
        }
    }
}

/// An address as the user or another object gives it.
public enum StatusAddress {
    /// The entry for an IP address, or for a name.
    public static func of(_ text: String) -> LoadBalancerAddress {
        IPFamily(of: text) == nil ? LoadBalancerAddress(hostname: text) : LoadBalancerAddress(ip: text)
    }
}
