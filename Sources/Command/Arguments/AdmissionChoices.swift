/// How the admission webhook is reached and certified.
struct AdmissionChoices: Sendable, Equatable {
    let port: UInt16
    /// Where reviews are handed in.
    let path: String
    /// Where its certificate is: in a Secret, or in files; one of the two.
    let secret: NamespacedName?
    let files: Files?
    /// The ValidatingWebhookConfiguration that is kept up to date with a certificate of ours; nil leaves both to others.
    let webhook: String?
    /// The Service that API servers find it by: the certificate of ours is for its name.
    let service: NamespacedName?

    /// A chain and its key, in PEM.
    struct Files: Sendable, Equatable {
        let certificate: String
        let key: String
    }
}

extension AdmissionChoices {
    /// Reads them from a command line; nil if the webhook is off.
    init?(_ arguments: Arguments) throws(UsageError) {
        let port = arguments.value("admission-port").flatMap { ValueForm.port($0) } ?? 0
        guard port != 0 else {
            for name in [
                "admission-secret", "admission-webhook", "admission-service", "admission-certificate",
                "admission-key",
            ]
            where arguments.value(name) != nil {
                throw .conflict("--\(name): says nothing without --admission-port")
            }
            return nil
        }
        secret = arguments.value("admission-secret").flatMap(NamespacedName.init)
        files = try AdmissionChoices.files(arguments)
        guard (secret == nil) != (files == nil) else {
            throw .conflict(
                "--admission-port: needs --admission-secret, where the webhook's certificate is, or --admission-certificate"
            )
        }
        (self.port, path) = (port, arguments.value("admission-path") ?? "/validate")
        webhook = arguments.value("admission-webhook")
        service = arguments.value("admission-service").flatMap(NamespacedName.init)
        guard (webhook == nil) == (service == nil) else {
            throw .conflict("--admission-webhook and --admission-service: both or neither of them")
        }
        guard webhook == nil || secret != nil else {
            throw .conflict("--admission-webhook: the certificate that is kept stands in --admission-secret")
        }
    }

    private static func files(_ arguments: Arguments) throws(UsageError) -> Files? {
        switch (arguments.value("admission-certificate"), arguments.value("admission-key")) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return Files(certificate: certificate, key: key)
        default: throw .conflict("--admission-certificate and --admission-key: both or neither of them")
        }
    }
}
