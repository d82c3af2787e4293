/// What a setting is called, and by whom.
struct SettingName: Hashable, Sendable {
    /// As it stands in a ConfigMap, or behind the prefix of an annotation.
    var text: String
    /// Whose word it is.
    var dialect: Dialect

    /// Whose words are spoken. The same value may be written differently: what a bare number means depends on it.
    enum Dialect: String, Hashable, Sendable, CaseIterable {
        /// Ours. Times have a unit.
        case sluice
        /// ingress-nginx's: a time without a unit is seconds.
        case nginx
        /// The HAProxy controllers': a time without a unit is milliseconds.
        case haproxy
    }

    /// A word of ours.
    static func own(_ text: String) -> SettingName { SettingName(text: text, dialect: .sluice) }

    /// A word of ingress-nginx's.
    static func nginx(_ text: String) -> SettingName { SettingName(text: text, dialect: .nginx) }

    /// A word of the HAProxy controllers'.
    static func haproxy(_ text: String) -> SettingName { SettingName(text: text, dialect: .haproxy) }
}
