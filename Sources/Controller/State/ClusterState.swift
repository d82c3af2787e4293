import Kubernetes
import Model

/// Everything read from the cluster, as one consistent value with reverse indexes by the names that are referenced.
///
/// ```
///   Ingress ──names──► Service ◄──label── EndpointSlice
///      ├──────names──► Secret
///      └──────names──► IngressClass
/// ```
/// Applying a change answers what must be translated again. An EndpointSlice touches its Service's pools and nothing else;
/// names are indexed whether or not the object exists, so that an object which appears heals whoever waited for it.
struct ClusterState {
    private(set) var ingresses: [ObjectKey: Ingress] = [:]
    private(set) var classes: [String: IngressClass] = [:]
    private(set) var services: [ObjectKey: Service] = [:]
    /// By the Service they belong to, then by their own name.
    private(set) var slices: [ObjectKey: [String: EndpointSlice]] = [:]
    private(set) var secrets: [ObjectKey: Secret] = [:]
    /// Addresses of ExternalName targets, as far as they have been resolved.
    private(set) var addresses: [String: [String]] = [:]

    private(set) var ingressesByHost = ReverseIndex<HostPattern>()
    private(set) var ingressesByService = ReverseIndex<ObjectKey>()
    private(set) var ingressesBySecret = ReverseIndex<ObjectKey>()
    private(set) var ingressesByServerName = ReverseIndex<HostPattern>()
    private(set) var ingressesWithDefault: Set<ObjectKey> = []
    /// Which Service a slice was last seen to belong to: its label may change.
    private var serviceOfSlice: [ObjectKey: ObjectKey] = [:]
    private var servicesByExternalName: [String: Set<ObjectKey>] = [:]

    /// Sets or (nil) removes an Ingress.
    mutating func set(_ ingress: Ingress?, at key: ObjectKey) -> Dirty {
        var dirty = Dirty()
        if let old = ingresses[key] { noteReferences(of: old, key, &dirty, isAdded: false) }
        ingresses[key] = ingress
        if let ingress { noteReferences(of: ingress, key, &dirty, isAdded: true) }
        dirty.ingresses.insert(key)
        return dirty
    }

    /// Sets or removes an IngressClass: whoever it selects may change, so every Ingress is looked at again.
    mutating func set(_ ingressClass: IngressClass?, at key: ObjectKey) -> Dirty {
        guard classes[key.name]?.controller != ingressClass?.controller else { return Dirty() }
        classes[key.name] = ingressClass
        return everything
    }

    /// Sets or removes a Service.
    mutating func set(_ service: Service?, at key: ObjectKey) -> Dirty {
        let old = services[key]
        services[key] = service
        if let name = old?.resolvableName { servicesByExternalName[name]?.remove(key) }
        if let name = service?.resolvableName { servicesByExternalName[name, default: []].insert(key) }
        var dirty = Dirty()
        dirty.services.insert(key)
        guard old?.ports != service?.ports || (old == nil) != (service == nil) else { return dirty }
        for ingress in ingressesByService[key] {
            dirty.ingresses.insert(ingress)
            if let references = ingresses[ingress].map({ IngressReferences($0) }) {
                dirty.hosts.formUnion(references.hosts)
                dirty.fallback = dirty.fallback || references.hasDefaultBackend
            }
        }
        dirty.fallback = true
        return dirty
    }

    /// Sets or removes an EndpointSlice.
    mutating func set(_ slice: EndpointSlice?, at key: ObjectKey) -> Dirty {
        var dirty = Dirty()
        if let old = serviceOfSlice.removeValue(forKey: key) {
            slices[old]?[key.name] = nil
            if slices[old]?.isEmpty == true { slices[old] = nil }
            dirty.services.insert(old)
        }
        guard let slice, !slice.serviceName.isEmpty else { return dirty }
        let service = ObjectKey(namespace: key.namespace, name: slice.serviceName)
        serviceOfSlice[key] = service
        slices[service, default: [:]][key.name] = slice
        dirty.services.insert(service)
        return dirty
    }

    /// Sets or removes a Secret.
    mutating func set(_ secret: Secret?, at key: ObjectKey) -> Dirty {
        guard secrets[key]?.data != secret?.data || (secrets[key] == nil) != (secret == nil) else {
            secrets[key] = secret
            return Dirty()
        }
        secrets[key] = secret
        var dirty = Dirty()
        dirty.secrets.insert(key)
        for ingress in ingressesBySecret[key] {
            dirty.ingresses.insert(ingress)
            if let named = ingresses[ingress].map({ IngressReferences($0).serverNames }) {
                dirty.serverNames.formUnion(named)
            }
        }
        return dirty
    }

    /// Takes over the addresses of an external name.
    mutating func setAddresses(_ resolved: [String], of name: String) -> Dirty {
        guard addresses[name] != resolved else { return Dirty() }
        addresses[name] = resolved
        var dirty = Dirty()
        dirty.services = servicesByExternalName[name] ?? []
        return dirty
    }

    /// External names that Services ask for.
    var externalNames: Set<String> { Set(servicesByExternalName.filter { !$0.value.isEmpty }.keys) }

    /// Everything there is.
    var everything: Dirty {
        var dirty = Dirty()
        dirty.hosts = Set(ingressesByHost.names)
        dirty.services = Set(ingressesByService.names)
        dirty.secrets = Set(ingressesBySecret.names)
        dirty.serverNames = Set(ingressesByServerName.names)
        dirty.ingresses = Set(ingresses.keys)
        dirty.fallback = true
        return dirty
    }

    private mutating func noteReferences(
        of ingress: Ingress, _ key: ObjectKey, _ dirty: inout Dirty, isAdded: Bool
    ) {
        let references = IngressReferences(ingress)
        if isAdded {
            ingressesByHost.add(key, naming: references.hosts)
            ingressesByService.add(key, naming: references.services)
            ingressesBySecret.add(key, naming: references.secrets)
            ingressesByServerName.add(key, naming: references.serverNames)
            if references.hasDefaultBackend { ingressesWithDefault.insert(key) }
        } else {
            ingressesByHost.remove(key, naming: references.hosts)
            ingressesByService.remove(key, naming: references.services)
            ingressesBySecret.remove(key, naming: references.secrets)
            ingressesByServerName.remove(key, naming: references.serverNames)
            ingressesWithDefault.remove(key)
        }
        dirty.hosts.formUnion(references.hosts)
        dirty.services.formUnion(references.services)
        dirty.secrets.formUnion(references.secrets)
        dirty.serverNames.formUnion(references.serverNames)
        dirty.fallback = dirty.fallback || references.hasDefaultBackend
    }
}

extension Service {
    /// The name to resolve, for an ExternalName that is no address.
    var resolvableName: String? { type == "ExternalName" && !externalName.isEmpty ? externalName : nil }
}
