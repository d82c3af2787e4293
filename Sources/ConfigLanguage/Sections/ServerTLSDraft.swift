import Model

/// What a server line says of TLS, in any order.
struct ServerTLSDraft: Sendable {
    var settings = ServerTLS()
    /// `verify`; nil where nothing is said.
    var isVerified: Bool?
    var authorities: [UInt8]?
    var revocations: [UInt8]?

    /// The settings; as with HAProxy, a server is verified unless the file says that it is not.
    func finished() throws(Refusal) -> ServerTLS {
        guard isVerified != false else { return settings }
        guard let authorities else {
            throw .conflict(
                "'ssl' verifies servers: say who signs their certificates by 'ca-file', or 'verify none'")
        }
        var settings = settings
        settings.verification = .required(
            AuthorityBundle(certificatesPEM: authorities, revocationsPEM: revocations ?? []))
        return settings
    }
}
