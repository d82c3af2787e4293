import Model

/// What a `bind` line or a line of a `crt-list` says of clients' certificates, in any order.
struct ClientDemandDraft: Sendable {
    /// `verify`; nil is `none`.
    var demand: ClientAuthentication.Demand?
    /// `ca-file`.
    var authorities: AuthorityText?
    /// `crl-file`.
    var revocations: AuthorityText?
    /// `crt-ignore-err`.
    var ignored = ClientAuthentication.IgnoredErrors.only([])
    /// `ca-ignore-err`.
    var ignoredOfAuthorities = ClientAuthentication.IgnoredErrors.only([])

    /// The demand; nil is none.
    func finished() throws(Refusal) -> ClientAuthentication? {
        guard let demand else { return nil }
        guard let authorities else {
            throw .conflict("'verify' asks for certificates: say who signs them by 'ca-file'")
        }
        var settings = ClientAuthentication(
            authorities: AuthorityBundle(authorities, revocations))
        settings.demand = demand
        settings.headers = .none
        (settings.ignoredErrors, settings.ignoredAuthorityErrors) = (ignored, ignoredOfAuthorities)
        return settings
    }
}
