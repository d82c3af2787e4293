import Kubernetes
import Model

/// The servers of one port of a Service, by the first that applies: an override, the Service's own address, its external name, its
/// endpoints.
struct PoolServers {
    let settings: TranslationSettings
    let state: ClusterState

    /// `byAddress`: whether the Service's own address stands for its endpoints.
    func servers(of service: Service, at key: ObjectKey, _ port: Service.Port, byAddress: Bool) -> [Server] {
        let number = UInt16(clamping: port.port)
        if let override = settings.overrides[key] { return servers(of: override) }
        // Where pods can not be reached, no address of the cluster's can.
        if byAddress, state.podAccess == .direct, IPFamily(of: service.clusterIP) != nil {
            return [Server(address: service.clusterIP, port: number)]
        }
        if service.type == "ExternalName" {
            let external = service.externalName
            let addresses = service.resolvableName == nil ? [external] : state.addresses[external] ?? []
            return addresses.map { Server(address: $0, port: number) }
        }
        var selection = EndpointSelection(
            service: service, slices: state.slices[key] ?? [], isOfPods: state.podAccess != .direct)
        if service.prefersZones { selection.zone = settings.zone ?? state.zone }
        return selection.servers(for: port)
    }

    /// Who stands between us and the servers of a Service, where these are pods that can not be reached.
    func proxy(of service: Service, at key: ObjectKey) -> ProxiedPods? {
        guard case .proxied(let proxy) = state.podAccess, settings.overrides[key] == nil,
            service.type != "ExternalName"
        else { return nil }
        return ProxiedPods(proxy, state)
    }

    /// One server, or as many as its name has addresses.
    private func servers(of override: ServiceOverride) -> [Server] {
        let addresses = override.resolvableName.map { state.chosenAddresses[$0] ?? [] } ?? [override.host]
        return addresses.enumerated().map { index, address in
            Server(
                address: address, port: override.port,
                name: index == 0 ? "override" : "override-\(index + 1)")
        }
    }

    /// What is wrong with overrides: told of Services, which may not be there.
    var problems: [Diagnostic] {
        settings.overrides.compactMap { key, override in
            if state.service(key) == nil {
                return problem(
                    key, "OverrideUnknown",
                    "is overridden with \(override) and does not exist; nothing goes there until it does")
            }
            guard let name = override.resolvableName, state.chosenAddresses[name]?.isEmpty == true else {
                return nil
            }
            return problem(
                key, "OverrideUnresolved",
                "is overridden with \(override), and \(name) has no address; answered 503 until it has one")
        }
    }

    private func problem(_ key: ObjectKey, _ reason: String, _ message: String) -> Diagnostic {
        Diagnostic(
            .warning, kind: Service.resource.kind, object: Origin(key), reason: reason, message: message)
    }
}
