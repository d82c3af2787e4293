/// What differs between two configurations: the unit of publishing.
///
/// A change costs what it holds, not what the configuration holds: publishing one Ingress among 10,000 touches one
/// host. A nil value in a dictionary removes the entry.
public struct Change: Sendable, Equatable {
    /// Replaces all frontends; nil leaves them.
    public var frontends: [Frontend]?
    /// Hosts added, replaced or (nil) removed.
    public var routes: [HostPattern: HostRoutes?]
    /// Replaces the fallback; the outer nil leaves it.
    public var fallback: RouteTarget??
    /// Backends added, replaced or (nil) removed.
    public var backends: [BackendName: Backend?]
    /// Stick tables added, replaced or (nil) removed.
    public var tables: [TableName: StickTable?]
    /// Replaces all sections of peers; nil leaves them.
    public var peers: [PeerSection]?
    /// Certificates added, replaced or (nil) removed.
    public var certificates: [CertificateName: Certificate?]
    /// Server names added, replaced or (nil) removed.
    public var serverNames: [HostPattern: [CertificateName]?]
    /// Replaces the default certificates; nil leaves them.
    public var defaultCertificates: [CertificateName]?
    /// Hosts whose clients have to show certificates added, replaced or (nil) removed.
    public var clientAuthentication: [HostPattern: ClientAuthentication?]
    /// Server names with TLS settings of their own added, replaced or (nil) removed.
    public var hostTLS: [HostPattern: HostTLS?]
    /// Replaces what rules may remember; nil leaves it.
    public var variables: VariableSettings?
    /// Replaces all user lists; nil leaves them.
    public var userLists: [UserList]?
    /// Lists of patterns added, replaced (whatever they have become since) or (nil) removed.
    public var patterns: [PatternListName: PatternList?]
    /// Sections of name servers added, replaced or (nil) removed.
    public var resolvers: [String: Resolvers?]
    /// When the event that caused this change was received, in nanoseconds of CLOCK_MONOTONIC; 0 is unknown.
    public var receivedAt: UInt64

    /// A change that changes nothing.
    public init() {
        frontends = nil
        routes = [:]
        fallback = nil
        backends = [:]
        tables = [:]
        peers = nil
        certificates = [:]
        serverNames = [:]
        defaultCertificates = nil
        clientAuthentication = [:]
        hostTLS = [:]
        variables = nil
        userLists = nil
        patterns = [:]
        resolvers = [:]
        receivedAt = 0
    }

    /// Whether applying this would leave any configuration as it is.
    public var isEmpty: Bool {
        frontends == nil && routes.isEmpty && fallback == nil && backends.isEmpty && certificates.isEmpty
            && serverNames.isEmpty && defaultCertificates == nil && clientAuthentication.isEmpty
            && tables.isEmpty && hostTLS.isEmpty && variables == nil && userLists == nil
            && patterns.isEmpty && peers == nil && resolvers.isEmpty
    }

    /// What `sluice_propagation_seconds{kind}` calls this change.
    public var kind: Kind {
        if frontends != nil || fallback != nil || !routes.isEmpty { return .routes }
        if !certificates.isEmpty || !serverNames.isEmpty || defaultCertificates != nil
            || !clientAuthentication.isEmpty || !hostTLS.isEmpty
        {
            return .certificates
        }
        return .pools
    }

    /// The kinds of change that are measured apart.
    public enum Kind: String, Sendable, CaseIterable {
        case pools, routes, certificates
    }
}

extension Configuration {
    /// Applies a change in place.
    public mutating func apply(_ change: Change) {
        if let frontends = change.frontends { self.frontends = frontends }
        if let fallback = change.fallback { self.fallback = fallback }
        if let names = change.defaultCertificates { defaultCertificates = names }
        if let lists = change.userLists { userLists = lists }
        if let variables = change.variables { self.variables = variables }
        if let peers = change.peers { self.peers = peers }
        for (host, value) in change.routes { routes[host] = value }
        for (name, value) in change.backends { backends[name] = value }
        for (name, value) in change.tables { tables[name] = value }
        for (name, value) in change.patterns { patterns[name] = value }
        for (name, value) in change.resolvers { resolvers[name] = value }
        for (name, value) in change.certificates { certificates[name] = value }
        for (host, value) in change.serverNames { serverNames[host] = value }
        for (host, value) in change.clientAuthentication { clientAuthentication[host] = value }
        for (host, value) in change.hostTLS { hostTLS[host] = value }
    }
}

extension Change {
    /// What differs between two configurations.
    public init(from old: Configuration, to new: Configuration) {
        self.init()
        if old.frontends != new.frontends { frontends = new.frontends }
        if old.fallback != new.fallback { fallback = .some(new.fallback) }
        if old.defaultCertificates != new.defaultCertificates {
            defaultCertificates = new.defaultCertificates
        }
        if old.variables != new.variables { variables = new.variables }
        if old.userLists != new.userLists { userLists = new.userLists }
        if old.peers != new.peers { peers = new.peers }
        routes = Change.difference(old.routes, new.routes)
        backends = Change.difference(old.backends, new.backends)
        tables = Change.difference(old.tables, new.tables)
        patterns = Change.difference(old.patterns, new.patterns)
        resolvers = Change.difference(old.resolvers, new.resolvers)
        certificates = Change.difference(old.certificates, new.certificates)
        serverNames = Change.difference(old.serverNames, new.serverNames)
        clientAuthentication = Change.difference(old.clientAuthentication, new.clientAuthentication)
        hostTLS = Change.difference(old.hostTLS, new.hostTLS)
    }

    private static func difference<Key: Hashable, Value: Equatable>(
        _ old: [Key: Value], _ new: [Key: Value]
    ) -> [Key: Value?] {
        var result: [Key: Value?] = [:]
        for (key, value) in new where old[key] != value { result.updateValue(value, forKey: key) }
        for key in old.keys where new[key] == nil { result.updateValue(nil, forKey: key) }
        return result
    }
}
