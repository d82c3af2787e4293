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
struct ClusterState: Sendable {
    private(set) var ingresses: [ObjectKey: Ingress] = [:]
    private(set) var classes: [String: IngressClass] = [:]
    /// Those that the operator's selector chooses; where there is none, none is known.
    private(set) var namespaces: Set<String> = []
    private(set) var services: [ObjectKey: Service] = [:]
    /// By the Service they belong to, in the order of their names: mostly one.
    private(set) var slices: [ObjectKey: [EndpointSlice]] = [:]
    private(set) var secrets: [ObjectKey: Secret] = [:]
    private(set) var configMaps: [ObjectKey: ConfigMap] = [:]
    /// What Secrets held that have since lost their chain or key: it goes on serving.
    private(set) var usableBefore: [ObjectKey: Secret] = [:]
    /// Secrets of the type that is listed, where the list may not be read: known from before, and followed by name.
    private(set) var unlistedSecrets: Set<ObjectKey> = []
    /// Addresses of ExternalName targets, as far as they have been resolved.
    private(set) var addresses: [String: [String]] = [:]

    /// Addresses of names that the operator has given, as far as they have been resolved.
    private(set) var chosenAddresses: [String: [String]] = [:]
    /// How pods are reached.
    private(set) var podAccess = PodAccess.direct
    /// The zone of this process, once it is known.
    private(set) var zone: String?

    /// The annotations that name something.
    private(set) var prefixes = AnnotationPrefixes()

    private(set) var ingressesByHost = ReverseIndex<HostPattern>()
    private(set) var ingressesByService = ReverseIndex<ObjectKey>()
    private(set) var ingressesBySecret = ReverseIndex<ObjectKey>()
    /// Those whose annotations name it.
    private(set) var ingressesByAnnotatedSecret = ReverseIndex<ObjectKey>()
    /// The same of ConfigMaps.
    private(set) var ingressesByConfigMap = ReverseIndex<ObjectKey>()
    private(set) var ingressesByServerName = ReverseIndex<HostPattern>()
    private(set) var ingressesWithDefault: Set<ObjectKey> = []
    /// Which Service a slice was last seen to belong to: its label may change.
    private var serviceOfSlice: [ObjectKey: ObjectKey] = [:]
    private var servicesByExternalName: [String: Set<ObjectKey>] = [:]

    /// Sets or (nil) removes an Ingress.
    mutating func set(_ ingress: Ingress?, at key: ObjectKey) -> Dirty {
        var dirty = Dirty()
        // Status is written for every Ingress when addresses change; it means nothing to what is served.
        if let ingress, ingresses[key]?.meansTheSame(as: ingress) == true {
            ingresses[key] = ingress
            return dirty
        }
        if let old = ingresses[key] { noteReferences(of: old, key, &dirty, isAdded: false) }
        ingresses[key] = ingress
        if let ingress { noteReferences(of: ingress, key, &dirty, isAdded: true) }
        dirty.ingresses.insert(key)
        return dirty
    }

    /// Sets or removes an IngressClass: every Ingress that names it is looked at again.
    mutating func set(_ ingressClass: IngressClass?, at key: ObjectKey) -> Dirty {
        guard classes[key.name]?.controller != ingressClass?.controller else { return Dirty() }
        classes[key.name] = ingressClass
        var dirty = Dirty()
        for (ingressKey, ingress) in ingresses where ingress.names(class: key.name) {
            dirty.insert(IngressReferences(ingress, prefixes))
            dirty.ingresses.insert(ingressKey)
        }
        return dirty
    }

    /// Takes over which namespaces are chosen: every Ingress of those that come or go is looked at again.
    mutating func choose(_ names: Set<String>) -> Dirty {
        var dirty = Dirty()
        let changed = names.symmetricDifference(namespaces)
        guard !changed.isEmpty else { return dirty }
        namespaces = names
        dirty.touch(Set(ingresses.keys.filter { changed.contains($0.namespace) }), ingresses, prefixes)
        return dirty
    }

    /// Sets or removes a Service.
    mutating func set(_ service: Service?, at key: ObjectKey) -> Dirty {
        let old = services[key]
        services[key] = service
        noteExternalName(old?.resolvableName, service?.resolvableName, key)
        var dirty = Dirty()
        dirty.services.insert(key)
        guard old.map(\.resolution) != service.map(\.resolution) else { return dirty }
        for ingress in ingressesByService[key] {
            dirty.ingresses.insert(ingress)
            if let references = ingresses[ingress].map({ IngressReferences($0, prefixes) }) {
                dirty.hosts.formUnion(references.hosts)
                dirty.fallback = dirty.fallback || references.hasDefaultBackend
            }
        }
        dirty.fallback = true
        return dirty
    }

    /// The Service of a key, or what stands for a host outside of the cluster.
    func service(_ key: ObjectKey) -> Service? { services[key] ?? Service.outside(key) }

    /// Sets or removes an EndpointSlice.
    mutating func set(_ slice: EndpointSlice?, at key: ObjectKey) -> Dirty {
        var dirty = Dirty()
        if let old = serviceOfSlice.removeValue(forKey: key) {
            slices[old]?.removeAll { $0.meta.name == key.name }
            if slices[old]?.isEmpty == true { slices[old] = nil }
            dirty.services.insert(old)
        }
        guard let slice, !slice.serviceName.isEmpty else { return dirty }
        let service = ObjectKey(namespace: key.namespace, name: slice.serviceName)
        serviceOfSlice[key] = service
        dirty.services.insert(service)
        // Written as a list, a single one has room for itself and no more.
        guard let others = slices[service] else {
            slices[service] = [slice]
            return dirty
        }
        slices[service]?.insert(slice, at: others.firstIndex { key.name < $0.meta.name } ?? others.count)
        return dirty
    }

    /// Sets or removes a Secret.
    mutating func set(_ secret: Secret?, at key: ObjectKey) -> Dirty {
        let old = secrets[key]
        secrets[key] = secret
        unlistedSecrets.remove(key)
        if secret?.isComplete ?? true {
            usableBefore[key] = nil
        } else if let old, old.isComplete {
            usableBefore[key] = old
        }
        var dirty = Dirty()
        guard old?.data != secret?.data || old?.type != secret?.type else { return dirty }
        dirty.secrets.insert(key)
        dirty.touch(ingressesByAnnotatedSecret[key], ingresses, prefixes)
        // A rotation touches nothing else, however many Ingresses share the certificate.
        guard (old == nil) != (secret == nil) || old?.isComplete != secret?.isComplete else { return dirty }
        for ingress in ingressesBySecret[key] {
            dirty.ingresses.insert(ingress)
            if let named = ingresses[ingress].map({ IngressReferences($0, prefixes).serverNames }) {
                dirty.serverNames.formUnion(named)
            }
        }
        return dirty
    }

    /// No list will bring these Secrets, whatever their type.
    mutating func setUnlisted(_ keys: Set<ObjectKey>) -> Dirty {
        unlistedSecrets.formUnion(keys)
        var dirty = Dirty()
        dirty.secrets = keys
        return dirty
    }

    /// Sets or removes a ConfigMap.
    mutating func set(_ configMap: ConfigMap?, at key: ObjectKey) -> Dirty {
        var dirty = Dirty()
        let old = configMaps[key]
        configMaps[key] = configMap
        guard old?.data != configMap?.data else { return dirty }
        dirty.configMaps.insert(key)
        dirty.touch(ingressesByConfigMap[key], ingresses, prefixes)
        return dirty
    }

    /// The Secret as it is, or as it was when it could last serve.
    func usableSecret(_ key: ObjectKey) -> Secret? {
        guard let secret = secrets[key] else { return nil }
        return secret.isComplete ? secret : usableBefore[key]
    }

    /// Takes over the addresses of an external name.
    mutating func setAddresses(_ resolved: [String], of name: String) -> Dirty {
        let old = addresses[name]
        guard old != resolved else { return Dirty() }
        addresses[name] = resolved
        var dirty = Dirty()
        dirty.services = servicesByExternalName[name] ?? []
        dirty.services.insert(ObjectKey(namespace: "", name: name))
        // Whether a name has any address at all is told to those who use it.
        guard old?.isEmpty ?? false != resolved.isEmpty else { return dirty }
        for service in dirty.services { dirty.ingresses.formUnion(ingressesByService[service]) }
        return dirty
    }

    /// Takes over the addresses of a name that the operator has given, for Services that it stands in for.
    mutating func setChosenAddresses(_ resolved: [String], of name: String, for services: Set<ObjectKey>)
        -> Dirty
    {
        let old = chosenAddresses[name]
        guard old != resolved else { return Dirty() }
        chosenAddresses[name] = resolved
        var dirty = Dirty()
        dirty.services = services
        if case .proxied(let proxy) = podAccess, proxy.resolvableName == name {
            dirty.services.formUnion(slices.keys)
        }
        // Whether it has any address at all is told.
        dirty.fallback = old?.isEmpty ?? false != resolved.isEmpty
        return dirty
    }

    /// Takes over how pods are reached: other credentials change pools and nothing else.
    mutating func setPodAccess(_ access: PodAccess) -> Dirty {
        guard podAccess != access else { return Dirty() }
        var dirty = Dirty()
        dirty.services = Set(slices.keys)
        dirty.fallback = (podAccess == .direct) != (access == .direct)
        podAccess = access
        return dirty
    }

    /// Takes over in which zone this process is.
    mutating func setZone(_ name: String) -> Dirty {
        guard zone != name else { return Dirty() }
        var dirty = Dirty()
        dirty.services = Set(slices.keys)
        zone = name
        return dirty
    }

    /// Everything there is.
    var everything: Dirty {
        var dirty = Dirty()
        dirty.hosts = Set(ingressesByHost.names)
        dirty.services = Set(ingressesByService.names)
        dirty.secrets = Set(ingressesBySecret.names).union(ingressesByAnnotatedSecret.names)
        dirty.serverNames = Set(ingressesByServerName.names)
        dirty.ingresses = Set(ingresses.keys)
        dirty.configMaps = Set(configMaps.keys)
        dirty.namedConfigMaps = Set(ingressesByConfigMap.names)
        dirty.fallback = true
        return dirty
    }

    /// Forgets the addresses of all other names.
    mutating func keepAddresses(of names: Set<String>) {
        addresses = addresses.filter { names.contains($0.key) }
    }

    private mutating func noteExternalName(_ old: String?, _ new: String?, _ service: ObjectKey) {
        guard old != new else { return }
        if let old {
            servicesByExternalName[old]?.remove(service)
            if servicesByExternalName[old]?.isEmpty == true { servicesByExternalName[old] = nil }
        }
        if let new { servicesByExternalName[new, default: []].insert(service) }
    }

    /// Takes what annotations under these prefixes name.
    mutating func follow(_ prefixes: AnnotationPrefixes) {
        guard prefixes != self.prefixes else { return }
        var dirty = Dirty()
        for (key, ingress) in ingresses { noteReferences(of: ingress, key, &dirty, isAdded: false) }
        self.prefixes = prefixes
        for (key, ingress) in ingresses { noteReferences(of: ingress, key, &dirty, isAdded: true) }
    }

    private mutating func noteReferences(
        of ingress: Ingress, _ key: ObjectKey, _ dirty: inout Dirty, isAdded: Bool
    ) {
        let references = IngressReferences(ingress, prefixes)
        if isAdded {
            ingressesByHost.add(key, naming: references.hosts)
            ingressesByService.add(key, naming: references.services)
            ingressesBySecret.add(key, naming: references.secrets)
            ingressesByAnnotatedSecret.add(key, naming: references.annotated.secrets)
            ingressesByConfigMap.add(key, naming: references.annotated.configMaps)
            ingressesByServerName.add(key, naming: references.serverNames)
            if references.hasDefaultBackend { ingressesWithDefault.insert(key) }
        } else {
            ingressesByHost.remove(key, naming: references.hosts)
            ingressesByService.remove(key, naming: references.services)
            ingressesBySecret.remove(key, naming: references.secrets)
            ingressesByAnnotatedSecret.remove(key, naming: references.annotated.secrets)
            ingressesByConfigMap.remove(key, naming: references.annotated.configMaps)
            ingressesByServerName.remove(key, naming: references.serverNames)
            ingressesWithDefault.remove(key)
        }
        dirty.insert(references)
    }
}

extension Service {
    /// The name to resolve, for an ExternalName that is no address by itself.
    var resolvableName: String? {
        guard type == "ExternalName", !externalName.isEmpty, IPFamily(of: externalName) == nil else {
            return nil
        }
        return externalName
    }

    /// What decides whether a reference to a port of this Service can be resolved, and to which backend.
    fileprivate var resolution: Resolution {
        Resolution(type: type, externalName: externalName, ports: ports)
    }

    fileprivate struct Resolution: Equatable {
        var type: String
        var externalName: String
        var ports: [Port]
    }
}

extension Secret {
    /// The type that is listed as a whole; others are followed by name.
    static let tlsType = "kubernetes.io/tls"

    /// Whether there is a chain and a key at all.
    var isComplete: Bool { data["tls.crt"]?.isEmpty == false && data["tls.key"]?.isEmpty == false }
}
