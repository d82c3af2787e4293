import Kubernetes
import Model

/// The plans of all Ingresses that are ours. Those without annotations share one.
struct IngressPlans {
    private var plans: [ObjectKey: IngressPlan] = [:]
    private var guests: [HostPattern: Set<ObjectKey>] = [:]
    private var plain: IngressPlan
    /// Of those that ask for passwords.
    private(set) var userLists: [ObjectKey: UserList] = [:] {
        didSet { userListsRevision += 1 }
    }
    /// Counts changes of them.
    private(set) var userListsRevision = 0
    private var basis = IngressPlan.Basis()

    init(_ settings: TranslationSettings) {
        (basis.httpsPort, basis.defaultBackend) = (settings.httpsPort, settings.defaultBackend)
        basis.choices = settings.reading
        plain = .plain(basis)
    }

    /// Takes over settings for all; true if every plan is to be made anew.
    mutating func adopt(_ settings: TrafficSettings) -> Bool {
        let before = basis
        (basis.external, basis.openPaths) = (settings.authentication, settings.openPaths)
        (basis.errors, basis.pace, basis.allowedFields) = (
            settings.errors, settings.pace, settings.fields.allowed
        )
        basis.usual = settings.usual
        (basis.access, basis.maxBodySize) = (settings.lists, settings.maxBodySize)
        (basis.redirection, basis.traces) = (settings.redirection, settings.traces)
        basis.usual.trusted = settings.trust.networks
        guard basis != before else { return false }
        plain = .plain(basis)
        return true
    }

    /// The status of redirects between the names of a host.
    var redirectStatus: UInt16 { basis.redirection.status }

    /// The plan of an Ingress.
    subscript(key: ObjectKey) -> IngressPlan { plans[key] ?? plain }

    /// Whether an Ingress has annotations under our prefixes.
    func isAnnotated(_ key: ObjectKey) -> Bool { plans[key] != nil }

    /// Who wants a name beside those of the rules.
    func claimants(of host: HostPattern) -> Set<ObjectKey> { guests[host] ?? [] }

    /// The names that are served as one of these hosts are.
    func aliases(of hosts: Set<HostPattern>, holders: (HostPattern) -> Set<ObjectKey>) -> Set<HostPattern> {
        guard !guests.isEmpty else { return [] }
        var found: Set<HostPattern> = []
        for host in hosts {
            for key in holders(host) { found.formUnion(self[key].guests.keys) }
        }
        return found
    }

    /// Reads an Ingress as it is now; nil if it is gone or not ours. The answer is the names it wants, or wanted, beside those
    /// of its rules.
    mutating func set(_ ingress: Ingress?, at key: ObjectKey, _ state: ClusterState) -> Set<HostPattern> {
        let old = plans[key]
        let new = ingress.flatMap { ingress in
            AnnotationReading.isNeeded(for: ingress, basis.choices)
                ? IngressPlan(ingress, basis, secrets: state.secrets, configMaps: state.configMaps) : nil
        }
        plans[key] = new
        if userLists[key] != new?.material.users { userLists[key] = new?.material.users }
        for host in old?.guests.keys ?? [:].keys {
            guests[host]?.remove(key)
            if guests[host]?.isEmpty == true { guests[host] = nil }
        }
        for host in new?.guests.keys ?? [:].keys { guests[host, default: []].insert(key) }
        return Set(old?.guests.keys ?? [:].keys).union(new?.guests.keys ?? [:].keys)
    }
}
