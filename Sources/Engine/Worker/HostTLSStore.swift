import Model
import Wire

/// How TLS is spoken under the server names that have settings of their own. Those that can not be used leave the previous
/// ones in force, or else the listener's.
struct HostTLSStore {
    private var known: [HostPattern: HostTLS] = [:]
    /// What operators have said since, nil that there is nothing.
    private var edited: [HostPattern: HostTLS?] = [:]
    private let authorities: AuthorityStore

    /// Nothing yet; `authorities` are whom clients' certificates are to be from.
    init(_ authorities: AuthorityStore) { self.authorities = authorities }

    /// Takes a change over into the table of certificates.
    mutating func apply(
        _ change: [HostPattern: HostTLS?], to certificates: inout CertificateTable
    ) -> [Diagnostic] {
        var problems: [Diagnostic] = []
        for (host, settings) in change where known[host] != settings {
            do throws(TLSSettingsError) {
                let made = try settings.map { settings throws(TLSSettingsError) in
                    try NamedHandshake(settings, authorities)
                }
                known[host] = settings
                certificates.setHandshake(made, for: host.tablePattern)
            } catch {
                problems.append(HostTLSStore.problem(error, at: host, isNew: known[host] == nil))
            }
        }
        return problems
    }

    /// What holds under a name; nil is nothing of its own.
    func settings(of host: HostPattern) -> HostTLS? { edited[host] ?? known[host] }

    /// Says how TLS is spoken under names, but for those of which something is said already. What can not be used changes nothing.
    mutating func add(
        _ settings: HostTLS, for hosts: [HostPattern], to certificates: inout CertificateTable
    ) throws(TLSSettingsError) {
        let made = try NamedHandshake(settings, authorities)
        for host in hosts where self.settings(of: host) == nil {
            edited.updateValue(settings, forKey: host)
            certificates.setHandshake(made, for: host.tablePattern)
        }
    }

    /// Says nothing of these names any more.
    mutating func remove(_ hosts: [HostPattern], from certificates: inout CertificateTable) {
        for host in hosts where settings(of: host) != nil {
            edited.updateValue(nil, forKey: host)
            certificates.setHandshake(nil, for: host.tablePattern)
        }
    }

    /// Goes back to what is configured; false if there is nothing.
    mutating func restore(to certificates: inout CertificateTable) -> Bool {
        let hosts = edited.keys
        edited = [:]
        for host in hosts {
            let made = known[host].flatMap { try? NamedHandshake($0, authorities) }
            certificates.setHandshake(made, for: host.tablePattern)
        }
        return !hosts.isEmpty
    }

    private static func problem(_ error: TLSSettingsError, at host: HostPattern, isNew: Bool) -> Diagnostic {
        let outcome = isNew ? "those of the listener hold" : "the previous ones stay in force"
        return Diagnostic(
            .error, kind: "Host", object: Origin(namespace: "", name: host.description), field: "tls",
            reason: "HostTLSRefused", message: "\(error); \(outcome)")
    }
}

extension NamedHandshake {
    fileprivate convenience init(
        _ settings: HostTLS, _ authorities: AuthorityStore
    ) throws(TLSSettingsError) {
        let demand: Demand =
            switch settings.demand {
            case .listener: .listener
            case .nothing: .nothing
            case .own(let demand): .own(try ClientVerification(ofHandshakes: demand, authorities))
            }
        try self.init(
            settings.parameters.map { TLSPolicy($0) }, offersHTTP2: settings.speaksHTTP2, demand: demand)
    }
}

extension HostPattern {
    /// As tables of server names have it: the empty one is for every other name and for none.
    var tablePattern: String { self == .any ? "" : description }
}
