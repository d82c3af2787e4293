public import Kubernetes

/// Where traffic goes in, from the Service that brings it: what a cloud gave it, what its owner says, or the nodes behind it.
struct PublishedService: Sendable {
    private var service: Service?
    private var slices: [String: EndpointSlice] = [:]
    private var nodes: [String: Node] = [:]

    /// Whether the nodes are part of the answer.
    var needsNodes: Bool { service?.type == "NodePort" && service?.externalIPs.isEmpty == true }

    mutating func set(_ service: Service?) { self.service = service }

    mutating func set(_ slice: EndpointSlice?, named name: String) { slices[name] = slice }

    mutating func set(_ node: Node?, named name: String) { nodes[name] = node }

    /// The addresses, in a stable order; empty while none is known.
    var addresses: [LoadBalancerAddress] {
        guard let service else { return [] }
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
        return names.compactMap { nodes[$0] }.flatMap { node in
            (node.externalIPs.isEmpty ? node.internalIPs : node.externalIPs).map { StatusAddress.of($0) }
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
