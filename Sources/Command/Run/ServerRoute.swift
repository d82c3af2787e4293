import Controller
import Kubernetes
import Model

/// How the engine connects to an API server: what a kubeconfig says, in the engine's words.
struct ServerRoute: Sendable {
    private let endpoint: APIEndpoint
    private let verification: ServerTLS.Verification

    /// nil where the kubeconfig's address or its authorities can not be read.
    init?(_ access: ClusterAccess) throws(StartError) {
        guard let endpoint = access.endpoint else { return nil }
        guard endpoint.proxy.isEmpty else {
            throw StartError("pods are not reached through an API server that has a proxy-url in front of it")
        }
        self.endpoint = endpoint
        switch endpoint.trust {
        case .any: verification = .none
        case .authorities(let pem): verification = .required(AuthorityBundle(certificatesPEM: pem))
        case .system:
            guard let pem = ServerRoute.systemAuthorities() else {
                throw StartError(
                    "the kubeconfig names no certificate authority, and this system has no file of them")
            }
            verification = .required(AuthorityBundle(certificatesPEM: pem))
        }
    }

    /// The name to resolve; nil for an address.
    var resolvableName: String? { proxy(fields: [], certificate: nil).resolvableName }

    /// The proxy of pods for who has these credentials. They are not sent in clear.
    func proxy(with credentials: AccessCredentials) -> PodProxy {
        guard endpoint.isEncrypted else { return proxy(fields: [], certificate: nil) }
        let certificate =
            credentials.certificate.isEmpty
            ? nil : Certificate(chainPEM: credentials.certificate, keyPEM: credentials.key)
        return proxy(
            fields: credentials.fields.map { RelayCredentials.Field($0.name, $0.value) },
            certificate: certificate)
    }

    private func proxy(fields: [RelayCredentials.Field], certificate: Certificate?) -> PodProxy {
        var tls: ServerTLS?
        if endpoint.isEncrypted {
            var settings = ServerTLS()
            settings.verification = verification
            settings.serverName = .fixed(endpoint.certifiedName)
            settings.clientCertificate = certificate
            tls = settings
        }
        return PodProxy(
            host: endpoint.host, port: endpoint.port, pathPrefix: endpoint.pathPrefix, tls: tls,
            credentials: RelayCredentials(fields, reserved: PodProxyPath.reservedFields))
    }

    /// Whom the system trusts, as OpenSSL's users on most systems find it.
    private static func systemAuthorities() -> [UInt8]? {
        let files = [
            "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
        ]
        return files.lazy.compactMap { try? FileContents.read($0, upTo: 8).get() }.first { !$0.isEmpty }
    }
}
