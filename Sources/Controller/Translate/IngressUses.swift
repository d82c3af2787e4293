import Kubernetes
import Model

/// What the selected Ingresses use of Services and Secrets, counted.
///
/// Counting keeps a change's price at what the changed Ingress holds, also where 10,000 Ingresses share one Service or one
/// wildcard certificate.
struct IngressUses {
    private var known: [ObjectKey: Uses] = [:]
    private var ports: [ObjectKey: PortCounts] = [:]
    private var secrets: [ObjectKey: SecretUse] = [:]
    /// How many name a ConfigMap.
    private var configMaps: [ObjectKey: Int] = [:]
    /// What canaries of a host use.
    private var canaries: [HostPattern: Set<PortUse>] = [:]

    /// How many selected Ingresses name a Secret.
    struct SecretUse: Equatable {
        /// All that have TLS with it.
        var holders = 0
        /// Those that name it without hosts, so that the names in the certificate count.
        var withoutHosts = 0
        /// Those whose annotations name it.
        var readers = 0

        fileprivate var isNobodys: Bool { holders == 0 && readers == 0 }
    }

    /// What one Ingress uses.
    fileprivate struct Uses: Equatable {
        /// Each once.
        var ports: [PortUse] = []
        /// Whether the Secret is named without hosts.
        var secrets: [ObjectKey: Bool] = [:]
        /// Those that annotations name.
        var annotated: Set<ObjectKey> = []
        var configMaps: Set<ObjectKey> = []
    }

    /// A port of a Service, and the Ingress that wants it used in its own way; nil is none.
    struct PortUse: Hashable {
        var service: ObjectKey
        var port: ServicePort
        var ingress: String?
        /// Who is asked about requests there, if that is what it is for.
        var asked: BackendName?
    }

    /// The ports of a Service that are referred to, existing or not.
    func ports(of service: ObjectKey) -> [PortUse] { ports[service]?.uses ?? [] }

    /// How a Secret is used; nil if it is not.
    func use(of secret: ObjectKey) -> SecretUse? { secrets[secret] }

    /// Whether anybody names a ConfigMap.
    func isNamed(configMap key: ObjectKey) -> Bool { configMaps[key] != nil }

    /// Takes an Ingress in as it is now; nil if it is gone or not selected. What a canary uses depends on where it stands.
    mutating func set(
        _ ingress: Ingress?, at key: ObjectKey, hasOwnBackends: Bool = false, isCanary: Bool = false,
        asking urls: [QuestionURL] = [], errors: ObjectKey? = nil, prefixes: AnnotationPrefixes
    ) {
        var new = ingress.map { Uses($0, prefixes, hasOwnBackends: hasOwnBackends, isCanary: isCanary) }
        let added =
            urls.compactMap { PortUse(asking: $0) } + [errors].compactMap { $0.map { PortUse(ofErrors: $0) } }
        for use in added where new?.ports.contains(use) == false { new?.ports.append(use) }
        let old = known[key]
        guard old != new else { return }
        if let old { count(old, by: -1) }
        if let new { count(new, by: 1) }
        known[key] = new
    }

    /// Takes in what canaries of a host use now; the answer is the Services that may have other pools.
    mutating func setCanaries(_ new: Set<PortUse>, of host: HostPattern) -> Set<ObjectKey> {
        let old = canaries[host] ?? []
        canaries[host] = new.isEmpty ? nil : new
        count(old.subtracting(new), by: -1)
        count(new.subtracting(old), by: 1)
        return Set(old.symmetricDifference(new).map(\.service))
    }

    private mutating func count(_ uses: some Collection<PortUse>, by step: Int) {
        for use in uses { ports[use.service, default: PortCounts()].count(use, by: step) }
        for use in uses where ports[use.service]?.isEmpty == true { ports[use.service] = nil }
    }

    private mutating func count(_ uses: Uses, by step: Int) {
        count(uses.ports, by: step)
        for (secret, isWithoutHosts) in uses.secrets {
            secrets[secret, default: SecretUse()].holders += step
            if isWithoutHosts { secrets[secret]?.withoutHosts += step }
            if secrets[secret]?.isNobodys == true { secrets[secret] = nil }
        }
        for key in uses.configMaps {
            configMaps[key, default: 0] += step
            if configMaps[key] == 0 { configMaps[key] = nil }
        }
        for secret in uses.annotated {
            secrets[secret, default: SecretUse()].readers += step
            if secrets[secret]?.isNobodys == true { secrets[secret] = nil }
        }
    }
}

extension IngressUses.PortUse {
    /// What answers to errors need.
    init(ofErrors service: ObjectKey) {
        self.init(service: service, port: .missing, ingress: nil, asked: BackendName(ofErrors: service))
    }

    /// What a question needs; nil if it is asked of nobody in particular.
    init?(asking url: QuestionURL) {
        guard let service = url.service, let port = url.port else { return nil }
        self.init(service: service, port: .number(port), ingress: nil, asked: url.backend)
    }
}

extension IngressUses.Uses {
    init(
        _ ingress: Ingress, _ prefixes: AnnotationPrefixes, hasOwnBackends: Bool, isCanary: Bool
    ) {
        let own = hasOwnBackends ? ingress.meta.name : nil
        let named = AnnotatedObjects(ingress, prefixes)
        (annotated, configMaps) = (named.secrets, named.configMaps)
        var found: Set<IngressUses.PortUse> = []
        for rule in ingress.rules where HostPattern(rule.host) != nil && !isCanary {
            for path in rule.paths ?? [] where RoutePlace.read(path).isUsable {
                note(path.backend, ingress.meta.namespace, of: own, &found)
            }
        }
        if let backend = ingress.defaultBackend, !isCanary {
            note(backend, ingress.meta.namespace, of: nil, &found)
        }
        for entry in ingress.tls where !entry.secretName.isEmpty {
            let key = ObjectKey(namespace: ingress.meta.namespace, name: entry.secretName)
            secrets[key] = secrets[key] ?? false || entry.hosts.isEmpty
        }
    }

    private mutating func note(
        _ backend: IngressBackend, _ namespace: String, of ingress: String?,
        _ found: inout Set<IngressUses.PortUse>
    ) {
        guard case .service(let name, let port) = backend else { return }
        let use = IngressUses.PortUse(
            service: ObjectKey(namespace: namespace, name: name), port: port, ingress: ingress)
        if found.insert(use).inserted { ports.append(use) }
    }
}
