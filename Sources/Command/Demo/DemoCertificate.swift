import Kubernetes
import Wire

/// The certificate of `https://secure.localhost`, issued at every start by an authority that nobody else has.
struct DemoCertificate: Sendable {
    /// The authority's certificate, for `curl --cacert`.
    let authorityPEM: [UInt8]
    /// The Secret that manifests/examples/secure.yaml names. It exists in memory only.
    let secret: Secret

    /// Makes the authority and the certificate.
    static func make() throws(StartError) -> DemoCertificate {
        let now = Int64(clamping: Clock().realtime / 1_000_000_000)
        do {
            let authority = try GeneratedAuthority(commonName: "Sluice demo authority", now: now)
            let leaf = try authority.issue(names: ["secure.localhost"], now: now)
            var secret = Secret()
            secret.meta.namespace = "demo"
            secret.meta.name = "secure-localhost-tls"
            secret.type = "kubernetes.io/tls"
            secret.data = ["tls.crt": leaf.chainPEM, "tls.key": leaf.keyPEM]
            return DemoCertificate(authorityPEM: authority.certificatePEM, secret: secret)
        } catch {
            throw StartError("demo: no certificate: \(error)")
        }
    }
}
