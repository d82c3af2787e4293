import Model
import Wire

/// Which tables are shared with which peers.
extension Publisher {
    /// Whether anything is to be shared.
    var hasPeers: Bool { peerSections.contains { $0.isShared } }

    /// Takes sections over. One whose TLS can not be used leaves in force what had its name before, or nothing: nobody speaks in the
    /// clear because a file is bad.
    func setPeers(_ sections: [PeerSection]) -> [Diagnostic] {
        var (kept, security): ([PeerSection], [String: PeerSecurity]) = ([], [:])
        var problems: [Diagnostic] = []
        for section in sections {
            do throws(PeerSecurityError) {
                security[section.name] = try PeerSecurity(section, authorities)
                kept.append(section)
            } catch {
                let earlier = peerSections.first { $0.name == section.name }
                if let earlier { kept.append(earlier) }
                security[section.name] = peerSecurity[section.name]
                let outcome = earlier == nil ? "nothing is shared" : "the previous settings stay in force"
                problems.append(
                    Diagnostic(
                        .error, kind: "Peers", object: Origin(namespace: "", name: section.name),
                        field: "tls",
                        reason: "PeersTLSRefused",
                        message: "peers \(section.name): \(error.message); \(outcome)"))
            }
        }
        (peerSections, peerSecurity) = (kept, security)
        return problems
    }

    /// Sections with their tables in the order of their names, so that their numbers stay as long as they do.
    var sharedPeers: [SharedPeers] {
        peerSections.filter(\.isShared).map { section in
            let tables = tables.all.filter { $0.model.peers == section.name }
            return SharedPeers(
                section: section, security: peerSecurity[section.name] ?? PeerSecurity(),
                tables: tables.map { name, model, table in
                    SharedPeerTable(
                        name: Publisher.sharedName(of: name, section), wholeName: name.description,
                        model: model,
                        table: table)
                }.sorted { $0.name < $1.name })
        }
    }

    /// A section's own tables leave its name out: others may call it otherwise.
    private static func sharedName(of table: TableName, _ section: PeerSection) -> String {
        let prefix = section.name + "/"
        let name = table.description
        return name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count - 1)) : name
    }

    /// What servers are called where tables remember them.
    var peerServerNames: [String] {
        backends.values.filter { !$0.model.persistence.stickRules.isEmpty }.flatMap { backend in
            backend.servers.flatMap { [$0.key.name, $0.value.address.description(withPort: true)] }
        }
    }
}

extension PeerSection {
    fileprivate var isShared: Bool { !isDisabled && hasLocal }
}
