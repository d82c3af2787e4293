import Kubernetes
import Model

/// From `spec.tls` and Secrets to certificates and the names they are served under.
struct CertificateTranslation {
    let state: ClusterState
    let routes: RouteTranslation
    let uses: IngressUses
    let settings: TranslationSettings

    static func isComplete(_ secret: Secret) -> Bool {
        secret.data["tls.crt"]?.isEmpty == false && secret.data["tls.key"]?.isEmpty == false
    }

    static func name(of key: ObjectKey) -> CertificateName { CertificateName("\(key)") }

    /// The certificate of a Secret, nil if nobody who is ours names it or it can not serve.
    func certificate(of key: ObjectKey) -> Certificate? {
        let use = uses.use(of: key)
        guard use != nil || key == settings.defaultTLSSecret, let secret = state.secrets[key],
            let chain = secret.data["tls.crt"], let privateKey = secret.data["tls.key"],
            CertificateTranslation.isComplete(secret)
        else { return nil }
        return Certificate(
            chainPEM: chain, keyPEM: privateKey, servesSubjectNames: (use?.withoutHosts ?? 0) > 0)
    }

    /// The certificates of one TLS name, the oldest Ingress's first; nil if there is none.
    func certificates(for host: HostPattern) -> [CertificateName]? {
        var names: [CertificateName] = []
        for ingress in routes.oldestFirst(state.ingressesByServerName[host]) {
            for entry in ingress.tls
            where !entry.secretName.isEmpty && entry.hosts.contains(where: { HostPattern($0) == host }) {
                let key = ObjectKey(namespace: ingress.meta.namespace, name: entry.secretName)
                guard let secret = state.secrets[key], CertificateTranslation.isComplete(secret) else {
                    continue
                }
                let name = CertificateTranslation.name(of: key)
                if !names.contains(name) { names.append(name) }
            }
        }
        return names.isEmpty ? nil : names
    }
}
