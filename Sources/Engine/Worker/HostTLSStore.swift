import Model
import Wire

/// How TLS is spoken under the server names that have settings of their own. Those that can not be used leave the previous
/// ones in force, or else the listener's.
struct HostTLSStore {
    private var known: [HostPattern: HostTLS] = [:]

    /// Takes a change over into the table of certificates.
    mutating func apply(
        _ change: [HostPattern: HostTLS?], to certificates: inout CertificateTable
    ) -> [Diagnostic] {
        var problems: [Diagnostic] = []
        for (host, settings) in change where known[host] != settings {
            do throws(TLSSettingsError) {
                let made = try settings.map { settings throws(TLSSettingsError) in
                    try NamedHandshake(settings)
                }
                known[host] = settings
                certificates.setHandshake(made, for: host.tablePattern)
            } catch {
                problems.append(HostTLSStore.problem(error, at: host, isNew: known[host] == nil))
            }
        }
        return problems
    }

    private static func problem(_ error: TLSSettingsError, at host: HostPattern, isNew: Bool) -> Diagnostic {
        let outcome = isNew ? "those of the listener hold" : "the previous ones stay in force"
        return Diagnostic(
            .error, kind: "Host", object: Origin(namespace: "", name: host.description), field: "tls",
            reason: "HostTLSRefused", message: "\(error); \(outcome)")
    }
}

extension NamedHandshake {
    fileprivate convenience init(_ settings: HostTLS) throws(TLSSettingsError) {
        let demand: Demand =
            switch settings.demand {
            case .listener: .listener
            case .nothing: .nothing
            case .own(let demand): .own(try ClientVerification(ofHandshakes: demand))
            }
        try self.init(
            settings.parameters.map { TLSPolicy($0) }, offersHTTP2: settings.speaksHTTP2, demand: demand)
    }
}

extension HostPattern {
    /// As tables of server names have it: the empty one is for every other name and for none.
    var tablePattern: String { self == .any ? "" : description }
}
