import Model

/// A file of `ca-file` or `crl-file`, with what is in it.
struct AuthorityText: Sendable {
    var file: String
    var bytes: [UInt8]
}

extension AuthorityBundle {
    /// What lines say of authorities and revocations.
    convenience init(_ authorities: AuthorityText, _ revocations: AuthorityText?) {
        self.init(
            certificatesPEM: authorities.bytes, revocationsPEM: revocations?.bytes ?? [],
            certificatesFile: authorities.file, revocationsFile: revocations?.file ?? "")
    }
}
