import Kubernetes
import Model

/// From a Service's slices to the servers of one of its ports: pure, and in an order that does not depend on arrival.
struct EndpointSelection {
    let service: Service
    let slices: [EndpointSlice]
    /// Only pods count, which have a name.
    var isOfPods = false
    /// Where this process is, if that counts: endpoints of slices all of which are meant for zones are left to these zones, as far
    /// as there is one for this.
    var zone: String?

    /// The servers that take new requests: ready ones that do not terminate; only if there is none, those that
    /// terminate but still serve (KEP-1669).
    func servers(for port: Service.Port) -> [Server] {
        let candidates = slices.flatMap { self.candidates(of: $0, port) }
        let ready = candidates.filter { $0.endpoint.isReady && !$0.endpoint.isTerminating }
        var chosen = ready.filter(\.isOfZone)
        if chosen.isEmpty { chosen = ready }
        if chosen.isEmpty {
            chosen = candidates.filter { $0.endpoint.isServing && $0.endpoint.isTerminating }
        }
        return unique(preferredFamily(chosen))
    }

    /// Whether a slice leaves each of its endpoints to zones: one that does not would be in none.
    private func isDivided(_ slice: EndpointSlice) -> Bool {
        zone != nil && slice.endpoints.allSatisfy { !$0.zones.isEmpty }
    }

    private struct Candidate {
        var endpoint: EndpointSlice.Endpoint
        var port: Int
        var isV6: Bool
        var isOfZone: Bool
    }

    /// Of the family that the slice declares; manifests written by hand may declare none.
    private func candidates(of slice: EndpointSlice, _ port: Service.Port) -> [Candidate] {
        let declared = IPFamily(rawValue: slice.addressType)
        guard declared != nil || slice.addressType.isEmpty else { return [] }
        let isDivided = isDivided(slice)
        return slice.ports.filter {
            $0.name == port.name && $0.transport == "TCP" && (1...65_535).contains($0.port)
        }
        .flatMap { slicePort in
            slice.endpoints.compactMap { endpoint in
                guard let family = IPFamily(of: endpoint.address), family == declared ?? family else {
                    return nil
                }
                let isPod = endpoint.targetKind == "Pod" && !endpoint.targetName.isEmpty
                guard isPod || !isOfPods else { return nil }
                return Candidate(
                    endpoint: endpoint, port: slicePort.port, isV6: family == .v6,
                    isOfZone: !isDivided || endpoint.zones.contains(zone ?? ""))
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

extension Service {
    /// Whether its endpoints may be left to zones: `service.kubernetes.io/topology-mode: Auto`.
    var prefersZones: Bool {
        meta.annotations["service.kubernetes.io/topology-mode"]?.lowercased() == "auto"
    }
}
