import Basics

/// Every annotation there is, found by name: those that do something, and those of others that do not.
enum AnnotationTable {
    /// In the order of documentation.
    static let rows: [AnnotationRow] =
        ClientAddress.rows + Redirects.rows + Rewrites.rows + HostNames.rows + AccessLists.rows
        + Authentication.rows + ExternalAuthentication.rows + Mirroring.rows
        + Passthrough.rows + PathChanges.rows + ClientTrust.rows + ServerTrust.rows + HostCiphers.rows
        + RequestBody.rows
        + ServerTimes.rows
        + Retrying.rows + ServerConnections.rows + HealthChecks.ofHAProxy + BackendProtocol.rows
        + FastCGIServers.rows
        + Balancing.rows
        + Limits.rows + Affinity.rows + CircuitBreaking.rows + HealthChecks.rows
        + CrossOrigin.rows + AnswerRewrites.rows
        + FieldRules.rows + FieldSources.rows + CustomErrors.rows + RequestLogging.rows + RequestTraces.rows
        + Canary.rows
        + refused + snippets
        + removed + ofHAProxy

    private static let places: [SettingName: Int] = {
        var places: [SettingName: Int] = [:]
        for (place, row) in rows.enumerated() {
            for name in row.setting.names where places[name] == nil { places[name] = place }
        }
        return places
    }()

    /// The place of a name's row.
    static func place(of name: SettingName) -> Int? { places[name] }

    /// The annotation somebody probably meant; nil if none is near.
    static func nearest(to name: SettingName) -> SettingName? {
        let names = places.keys.filter { $0.dialect == name.dialect }.map(\.text).sorted()
        guard let match = Nearest.match(name.text, among: names), Nearest.distance(name.text, match) <= 3
        else { return nil }
        return SettingName(text: match, dialect: name.dialect)
    }
}
