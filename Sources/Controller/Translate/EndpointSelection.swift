import Kubernetes
import Model

/// From a Service's slices to the servers of one of its ports: pure, and in an order that does not depend on arrival.
struct EndpointSelection {
    let service: Service
    let slices: [EndpointSlice]

    /// The servers that take new requests: ready ones that do not terminate; only if there is none, those that
    /// terminate but still serve (KEP-1669).
    func servers(for port: Service.Port) -> [Server] {
        let candidates = slices.flatMap { self.candidates(of: $0, port) }
        var chosen = candidates.filter { $0.endpoint.isReady && !$0.endpoint.isTerminating }
        if chosen.isEmpty {
            chosen = candidates.filter { $0.endpoint.isServing && $0.endpoint.isTerminating }
        }
        return unique(preferredFamily(chosen))
    }

    private struct Candidate {
        var endpoint: EndpointSlice.Endpoint
        var port: Int
        var isV6: Bool
    }

    /// Of the family that the slice declares; manifests written by hand may declare none.
    private func candidates(of slice: EndpointSlice, _ port: Service.Port) -> [Candidate] {
        let declared = IPFamily(rawValue: slice.addressType)
        guard declared != nil || slice.addressType.isEmpty else { return [] }
        return slice.ports.filter {
            $0.name == port.name && $0.transport == "TCP" && (1...65_535).contains($0.port)
        }
        .flatMap { slicePort in
            slice.endpoints.compactMap { endpoint in
                guard let family = IPFamily(of: endpoint.address), family == declared ?? family else {
                    return nil
                }
                return Candidate(endpoint: endpoint, port: slicePort.port, isV6: family == .v6)
            }
        }
    }

    /// A pod of a dual-stack Service stands in two slices: it counts once, by the Service's first family if it has it.
    private func preferredFamily(_ candidates: [Candidate]) -> [Candidate] {
        guard candidates.contains(where: \.isV6), candidates.contains(where: { !$0.isV6 }) else {
            return candidates
        }
        let prefersV6 = service.ipFamilies.first == "IPv6"
        let preferred = Set(candidates.filter { $0.isV6 == prefersV6 }.map(\.endpoint.targetUID))
        return candidates.filter {
            $0.isV6 == prefersV6 || $0.endpoint.targetUID.isEmpty
                || !preferred.contains($0.endpoint.targetUID)
        }
    }

    /// An endpoint can stand in two slices for a moment: by address and port it is one.
    private func unique(_ candidates: [Candidate]) -> [Server] {
        var seen: Set<String> = []
        let servers = candidates.compactMap { candidate -> Server? in
            let place = "\(candidate.endpoint.address):\(candidate.port)"
            guard seen.insert(place).inserted else { return nil }
            return Server(
                address: candidate.endpoint.address, port: UInt16(clamping: candidate.port),
                identity: candidate.endpoint.targetUID, name: candidate.endpoint.targetName)
        }
        return servers.sorted { ($0.address, $0.port) < ($1.address, $1.port) }
    }
}
