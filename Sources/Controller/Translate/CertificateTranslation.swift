import Kubernetes
import Model

/// From `spec.tls` and Secrets to certificates and the names they are served under.
struct CertificateTranslation {
    let state: ClusterState
    let routes: RouteTranslation
    let uses: IngressUses
    let settings: TranslationSettings

    static func name(of key: ObjectKey) -> CertificateName { CertificateName("\(key)") }

    /// The certificate of a Secret, nil if nobody who is ours names it or it can not serve.
    func certificate(of key: ObjectKey) -> Certificate? {
        let use = uses.use(of: key)
        guard use.map({ $0.holders > 0 }) ?? false || key == settings.defaultTLSSecret,
            let secret = state.usableSecret(key),
            let chain = secret.data["tls.crt"], let privateKey = secret.data["tls.key"]
        else { return nil }
        return Certificate(
            chainPEM: chain, keyPEM: privateKey, servesSubjectNames: (use?.withoutHosts ?? 0) > 0)
    }

    /// Whether one of ours names a Secret that no list by type brings: it is unknown, or of another type.
    func isFollowedByName(_ key: ObjectKey) -> Bool {
        (key == settings.defaultTLSSecret || uses.use(of: key) != nil)
            && (state.secrets[key]?.type != Secret.tlsType || state.unlistedSecrets.contains(key))
    }

    /// The certificates of one TLS name, the oldest Ingress's first; nil if there is none.
    func certificates(for host: HostPattern) -> [CertificateName]? {
        var names: [CertificateName] = []
        for ingress in routes.oldestFirst(state.ingressesByServerName[host]) {
            for entry in ingress.tls
            where !entry.secretName.isEmpty && entry.hosts.contains(where: { HostPattern($0) == host }) {
                let key = ObjectKey(namespace: ingress.meta.namespace, name: entry.secretName)
                guard state.usableSecret(key) != nil else { continue }
                let name = CertificateTranslation.name(of: key)
                if !names.contains(name) { names.append(name) }
            }
        }
        return names.isEmpty ? nil : names
    }
}
