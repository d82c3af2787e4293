import Kubernetes
import Model

/// What the selected Ingresses use of Services and Secrets, counted.
///
/// Counting keeps a change's price at what the changed Ingress holds, also where 10,000 Ingresses share one Service or one
/// wildcard certificate.
struct IngressUses {
    private var known: [ObjectKey: Uses] = [:]
    private var ports: [ObjectKey: [ServicePort: Int]] = [:]
    private var secrets: [ObjectKey: SecretUse] = [:]

    /// How many selected Ingresses name a Secret.
    struct SecretUse: Equatable {
        /// All of them.
        var holders = 0
        /// Those that name it without hosts, so that the names in the certificate count.
        var withoutHosts = 0
    }

    /// What one Ingress uses.
    fileprivate struct Uses: Equatable {
        var ports: Set<PortUse> = []
        /// Whether the Secret is named without hosts.
        var secrets: [ObjectKey: Bool] = [:]
    }

    fileprivate struct PortUse: Hashable {
        var service: ObjectKey
        var port: ServicePort
    }

    /// The ports of a Service that are referred to, existing or not.
    func ports(of service: ObjectKey) -> [ServicePort] { ports[service].map { Array($0.keys) } ?? [] }

    /// How a Secret is used; nil if it is not.
    func use(of secret: ObjectKey) -> SecretUse? { secrets[secret] }

    /// Takes an Ingress in as it is now; nil if it is gone or not selected.
    mutating func set(_ ingress: Ingress?, at key: ObjectKey) {
        let new = ingress.map { Uses($0) }
        let old = known[key]
        guard old != new else { return }
        if let old { count(old, by: -1) }
        if let new { count(new, by: 1) }
        known[key] = new
    }

    private mutating func count(_ uses: Uses, by step: Int) {
        for use in uses.ports {
            ports[use.service, default: [:]][use.port, default: 0] += step
            if ports[use.service]?[use.port] == 0 { ports[use.service]?[use.port] = nil }
            if ports[use.service]?.isEmpty == true { ports[use.service] = nil }
        }
        for (secret, isWithoutHosts) in uses.secrets {
            secrets[secret, default: SecretUse()].holders += step
            if isWithoutHosts { secrets[secret]?.withoutHosts += step }
            if secrets[secret]?.holders == 0 { secrets[secret] = nil }
        }
    }
}

extension IngressUses.Uses {
    init(_ ingress: Ingress) {
        for rule in ingress.rules where HostPattern(rule.host) != nil {
            for path in rule.paths ?? [] where RoutePlace.read(path).isUsable {
                note(path.backend, ingress.meta.namespace)
            }
        }
        if let backend = ingress.defaultBackend { note(backend, ingress.meta.namespace) }
        for entry in ingress.tls where !entry.secretName.isEmpty {
            let key = ObjectKey(namespace: ingress.meta.namespace, name: entry.secretName)
            secrets[key] = secrets[key] ?? false || entry.hosts.isEmpty
        }
    }

    private mutating func note(_ backend: IngressBackend, _ namespace: String) {
        guard case .service(let name, let port) = backend else { return }
        ports.insert(
            IngressUses.PortUse(service: ObjectKey(namespace: namespace, name: name), port: port))
    }
}
