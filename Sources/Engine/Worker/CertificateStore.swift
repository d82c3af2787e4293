import Model
import Wire

/// Parsed certificates and the table of server names made from them. A certificate that can not serve is refused
/// with its reason, and the one it was to replace goes on serving.
struct CertificateStore {
    private let selfSigned: CertifiedKey?
    private var keys: [CertificateName: CertifiedKey] = [:]
    private var models: [CertificateName: Certificate] = [:]
    private var serverNames: [HostPattern: [CertificateName]] = [:]
    /// Names that only certificates themselves ask for.
    private var subjectNames: [CertificateName: [String]] = [:]
    private var defaultName: CertificateName?
    private(set) var table: CertificateTable

    init(selfSigned: CertifiedKey?) {
        self.selfSigned = selfSigned
        table = CertificateTable(defaultKeys: selfSigned.map { [$0] } ?? [])
    }

    /// When each certificate expires, seconds since 1970.
    var expiry: [CertificateName: Int64] { keys.mapValues(\.notAfter) }

    mutating func apply(_ change: Change) -> [Diagnostic] {
        var touchedNames = Set<String>()
        var diagnostics: [Diagnostic] = []
        for (host, names) in change.serverNames {
            serverNames[host] = names
            touchedNames.insert(host.description)
        }
        for (name, certificate) in change.certificates {
            touchedNames.formUnion(subjectNames[name] ?? [])
            if let problem = set(name, certificate) { diagnostics.append(problem) }
            touchedNames.formUnion(subjectNames[name] ?? [])
            for (host, names) in serverNames where names.contains(name) {
                touchedNames.insert(host.description)
            }
        }
        if let name = change.defaultCertificate { defaultName = name }
        for pattern in touchedNames { table.setKeys(keysServing(pattern), for: pattern) }
        if let key = defaultName.flatMap({ keys[$0] }) ?? selfSigned { table.defaultKeys = [key] }
        return diagnostics
    }

    private mutating func set(_ name: CertificateName, _ certificate: Certificate?) -> Diagnostic? {
        guard let certificate else {
            keys[name] = nil
            subjectNames[name] = nil
            models[name] = nil
            return nil
        }
        do {
            let key = try CertifiedKey(chainPEM: certificate.chainPEM, keyPEM: certificate.keyPEM)
            keys[name] = key
            models[name] = certificate
            subjectNames[name] = certificate.servesSubjectNames ? key.subjectNames : nil
            return nil
        } catch {
            let parts = name.description.split(separator: "/", maxSplits: 1).map(String.init)
            let origin = Origin(namespace: parts.count == 2 ? parts[0] : "", name: parts.last ?? "")
            let outcome =
                keys[name] == nil ? "the default certificate is served" : "the previous one goes on serving"
            return Diagnostic(
                .error, kind: "Secret", object: origin, field: "data", reason: "CertificateRefused",
                message: "\(error); \(outcome)")
        }
    }

    private func keysServing(_ pattern: String) -> [CertifiedKey] {
        let named = HostPattern(pattern).flatMap { serverNames[$0] } ?? []
        var found = named.compactMap { keys[$0] }
        for name in subjectNames.keys.sorted(by: { $0.description < $1.description })
        where subjectNames[name]?.contains(pattern) == true {
            if let key = keys[name] { found.append(key) }
        }
        return found
    }
}
