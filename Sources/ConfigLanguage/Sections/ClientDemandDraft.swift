import Model

/// What a `bind` line or a line of a `crt-list` says of clients' certificates, in any order.
struct ClientDemandDraft: Sendable {
    /// `verify`; nil is `none`.
    var demand: ClientAuthentication.Demand?
    /// `ca-file`.
    var authorities: [UInt8]?
    /// `crl-file`.
    var revocations: [UInt8]?
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
            authorities: AuthorityBundle(certificatesPEM: authorities, revocationsPEM: revocations ?? []))
        settings.demand = demand
        settings.headers = .none
        (settings.ignoredErrors, settings.ignoredAuthorityErrors) = (ignored, ignoredOfAuthorities)
        return settings
    }
}
