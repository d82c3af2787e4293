import Model

/// The ciphers that clients of a host may use, and whose order counts.
struct HostCiphers: Sendable, Equatable {
    /// As OpenSSL names them, of TLS 1.2.
    var list: String?
    /// nil is that of the listener.
    var prefersOurs: Bool?

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("ssl-ciphers"), .own("ssl-ciphers"), form: .cipherList,
                fallback: "those of the ConfigMap",
                "The ciphers of TLS 1.2 that clients of the host may use, best first, as OpenSSL names them. The oldest Ingress of the host that has it decides."
            ) { $0.ciphers.list = $1 },
            scope: .host, phase: .connection, differs: ofHosts),
        AnnotationRow(
            SettingRow(
                .nginx("ssl-prefer-server-ciphers"), .own("ssl-prefer-server-ciphers"), form: .bool,
                fallback: "true", "Whether ours is the order that counts; `false` is the client's."
            ) { $0.ciphers.prefersOurs = $1 },
            scope: .host, phase: .connection, differs: ofHosts),
    ]

    private static let ofHosts =
        "it says nothing of Ingresses without a host; one of `*.name` holds for names below it that say nothing themselves"

    /// How TLS is spoken under the host where a listener speaks it as `listener` says; nil is as there.
    func settings(at listener: TLSParameters) -> HostTLS? {
        guard self != HostCiphers() else { return nil }
        var settings = HostTLS()
        var parameters = TLSParameters()
        (parameters.ciphers, parameters.followsClients) = (list, prefersOurs.map { !$0 })
        parameters.fill(from: listener)
        settings.parameters = parameters
        return settings
    }
}
