import Model

/// What a server line says of TLS, in any order.
struct ServerTLSDraft: Sendable {
    var settings = ServerTLS()
    /// `verify`; nil where nothing is said.
    var isVerified: Bool?
    var authorities: AuthorityText?
    var revocations: AuthorityText?

    /// The settings; as with HAProxy, a server is verified unless its line says that it is not, or says nothing and `global` does.
    func finished(_ global: GlobalSettings) throws(Refusal) -> ServerTLS {
        var settings = settings
        settings.parameters.fill(from: global.serverParameters)
        guard isVerified ?? global.verifiesServers else { return settings }
        guard let authorities else {
            throw .conflict(
                "'ssl' verifies servers: say who signs their certificates by 'ca-file', or 'verify none'")
        }
        settings.verification = .required(
            AuthorityBundle(authorities, revocations))
        return settings
    }
}
