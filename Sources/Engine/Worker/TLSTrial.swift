public import Model
import Wire

/// What of a configuration's TLS can not be used, found out without serving it: for who asks about manifests before they are applied.
public struct TLSTrial {
    /// What can not be used, as it is told when it is served.
    public let findings: [Diagnostic]
    /// When the certificates that can be used end, in seconds since 1970.
    public let ends: [CertificateName: Int64]

    /// Reads every certificate with its key, what hosts demand of clients, and what servers are spoken to with.
    public init(of configuration: Configuration) {
        let change = Change(from: Configuration(), to: configuration)
        var (certificates, guards) = (CertificateStore(selfSigned: nil), ClientGuardStore())
        let authorities = AuthorityStore()
        var (hosts, servers) = (HostTLSStore(authorities), ServerTLSStore(authorities))
        var found = guards.apply(change.clientAuthentication, to: &certificates.table)
        found += hosts.apply(change.hostTLS, to: &certificates.table)
        found += certificates.apply(change)
        for backend in configuration.backends.values {
            for settings in Set(backend.servers.compactMap(\.tls)) {
                do throws(TLSSettingsError) {
                    _ = try servers.context(for: settings)
                } catch {
                    let problem = ServerTLSStore.problem(error, of: backend)
                    if !found.contains(problem) { found.append(problem) }
                }
            }
        }
        (findings, ends) = (found, certificates.expiry)
    }
}
