import Kubernetes
import Model

/// TLS towards servers: whether they have to prove who they are, and how we do. Nothing of it counts without a Secret.
struct ServerTrust: Sendable, Equatable {
    var secret: ObjectReference?
    /// The HAProxy controllers': who signs servers' certificates, and what servers are shown.
    var authority: ObjectReference?
    var shown: ObjectReference?
    var verifies = false
    var depth = 1
    /// The name in the server's certificate, and the one it is told.
    var name: String?
    var tellsName = false
    var versions = TLSParameters.Version.tls12...TLSParameters.Version.tls12
    var ciphers: String?

    /// What ingress-nginx calls all servers where it is not told another name.
    private static let usualName = "upstream_balancer"

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("proxy-ssl-secret"), .own("proxy-ssl-secret"), form: .object, fallback: "",
                "The Secret of the certificate that servers are shown (`tls.crt`, `tls.key`) and of the authorities that sign theirs (`ca.crt`), for servers that are spoken to by HTTPS or GRPCS. Without it, or with one of another namespace, paths are answered 503. The other `proxy-ssl-` annotations mean nothing without it."
            ) { $0.serverTrust.secret = $1 },
            scope: .backend, phase: .proxying, risk: .medium,
            differs: "it holds for the paths of the Ingress alone"),
        AnnotationRow(
            SettingRow(
                .nginx("proxy-ssl-verify"), .own("proxy-ssl-verify"), form: .onOff, fallback: "off",
                "Whether servers have to show a certificate that `ca.crt` has signed for `proxy-ssl-name`. Without `ca.crt` paths are answered 503."
            ) { $0.serverTrust.verifies = $1 },
            scope: .backend, phase: .proxying),
        AnnotationRow(
            SettingRow(
                .nginx("proxy-ssl-verify-depth"), .own("proxy-ssl-verify-depth"), form: .integer(0...100),
                fallback: "1",
                "How many authorities may stand between a server's certificate and a trusted one."
            ) { $0.serverTrust.depth = max(1, $1) },
            scope: .backend, phase: .proxying, whenInvalid: .fallsBack),
        AnnotationRow(
            SettingRow(
                .nginx("proxy-ssl-name"), .own("proxy-ssl-name"), form: .cookieDomain,
                fallback: "upstream_balancer",
                "The name that servers' certificates are for, and that they are told."
            ) { $0.serverTrust.name = $1 },
            scope: .backend, phase: .proxying, risk: .high),
        AnnotationRow(
            SettingRow(
                .nginx("proxy-ssl-server-name"), .own("proxy-ssl-server-name"), form: .onOff, fallback: "off",
                "Whether servers are told the name (SNI)."
            ) { $0.serverTrust.tellsName = $1 },
            scope: .backend, phase: .proxying),
        AnnotationRow(
            SettingRow(
                .nginx("proxy-ssl-protocols"), .own("proxy-ssl-protocols"), form: .tlsVersions,
                fallback: "TLSv1.2", "Which versions of TLS are spoken to servers."
            ) { $0.serverTrust.versions = $1 },
            scope: .backend, phase: .proxying, whenInvalid: .fallsBack,
            differs: "versions before TLSv1.2 are not spoken; such a value is ignored"),
        AnnotationRow(
            SettingRow(
                .nginx("proxy-ssl-ciphers"), .own("proxy-ssl-ciphers"), form: .cipherList,
                fallback: "DEFAULT", "Ciphers of TLS 1.2, as OpenSSL has them."
            ) { $0.serverTrust.ciphers = $1 },
            scope: .backend, phase: .proxying, risk: .medium),
        AnnotationRow(
            SettingRow(
                .haproxy("server-ca"), form: .object, fallback: "",
                "Speaks TLS to servers, which have to show a certificate that `ca.crt` of this Secret has signed, or `tls.crt` of one without it, whatever name that is for. Without the Secret paths are answered 503."
            ) { $0.serverTrust.authority = $1 },
            scope: .backend, phase: .proxying, risk: .medium, whenInvalid: .refusesPaths,
            differs: ownNamespace),
        AnnotationRow(
            SettingRow(
                .haproxy("server-crt"), form: .object, fallback: "",
                "Speaks TLS to servers, and shows them `tls.crt` of this Secret with its `tls.key`. Without the Secret paths are answered 503."
            ) { $0.serverTrust.shown = $1 },
            scope: .backend, phase: .proxying, risk: .medium, whenInvalid: .refusesPaths,
            differs: ownNamespace),
    ]

    private static let ownNamespace = "Secrets of other namespaces are not read: paths are answered 503"

    /// Whether anything is said of it.
    var isOn: Bool { secret != nil || speaksAnyway }

    /// Whether TLS is spoken whatever else is said.
    private var speaksAnyway: Bool { authority != nil || shown != nil }

    /// How TLS is spoken to servers, for an Ingress of a namespace; nil if nothing is said of it.
    func settings(in namespace: String, _ secrets: [ObjectKey: Secret]) throws(AnnotationFlaw) -> ServerTLS? {
        guard let secret else { return try settingsOfHAProxy(in: namespace, secrets) }
        let data = try secret.data(in: namespace, secrets, named: "proxy-ssl-secret")
        var tls = ServerTLS()
        let authorities = data["ca.crt"].map { AuthorityBundle(certificatesPEM: $0, revocationsPEM: []) }
        if let chain = data["tls.crt"], let key = data["tls.key"] {
            tls.clientCertificate = Certificate(chainPEM: chain, keyPEM: key, servesSubjectNames: false)
        } else if authorities == nil {
            throw AnnotationFlaw(
                "proxy-ssl-secret", "SecretUnusable", "the secret has neither tls.crt and tls.key nor ca.crt")
        }
        let name = name ?? ServerTrust.usualName
        if verifies {
            guard let authorities else {
                throw AnnotationFlaw(
                    "proxy-ssl-verify", "SecretUnusable", "the secret has no ca.crt to verify with")
            }
            tls.verification = .required(authorities)
            (tls.verifiedName, tls.verifyDepth) = (name, depth)
        }
        if tellsName { tls.serverName = .fixed(name) }
        (tls.parameters.minimum, tls.parameters.maximum) = (versions.lowerBound, versions.upperBound)
        tls.parameters.ciphers = ciphers
        return tls
    }

    private func settingsOfHAProxy(
        in namespace: String, _ secrets: [ObjectKey: Secret]
    ) throws(AnnotationFlaw) -> ServerTLS? {
        guard speaksAnyway else { return nil }
        var tls = ServerTLS()
        if let authority {
            let data = try authority.data(in: namespace, secrets, named: "server-ca", of: .haproxy)
            guard let certificates = data["ca.crt"] ?? data["tls.crt"], !certificates.isEmpty else {
                throw AnnotationFlaw(
                    "server-ca", "SecretUnusable", "the secret has neither ca.crt nor tls.crt", of: .haproxy)
            }
            tls.verification = .required(AuthorityBundle(certificatesPEM: certificates, revocationsPEM: []))
        }
        if let shown {
            let data = try shown.data(in: namespace, secrets, named: "server-crt", of: .haproxy)
            guard let chain = data["tls.crt"], let key = data["tls.key"] else {
                throw AnnotationFlaw(
                    "server-crt", "SecretUnusable", "the secret lacks tls.crt or tls.key", of: .haproxy)
            }
            tls.clientCertificate = Certificate(chainPEM: chain, keyPEM: key, servesSubjectNames: false)
        }
        return tls
    }

    /// Speaks it to those servers that TLS is spoken to, or to all.
    func apply(_ settings: ServerTLS, to backend: inout Backend) {
        for i in backend.servers.indices where backend.servers[i].tls != nil || speaksAnyway {
            var tls = settings
            tls.protocols = backend.servers[i].tls?.protocols ?? []
            backend.servers[i].tls = tls
        }
    }
}
