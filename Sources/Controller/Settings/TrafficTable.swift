/// Every key of the ConfigMap of settings. Reading, diagnostics and `docs/configmap.md` are derived from this table.
enum TrafficTable {
    /// The table, in the order of the sections.
    static let table = SettingTable(sections.flatMap(\.rows))

    /// The rows under their headings in documentation.
    static let sections: [Section] = [
        Section("Time limits", rows: timeouts),
        Section("Clients and requests", rows: clients),
        Section("TLS", rows: tls),
        Section("Who is believed, and who is let in", rows: trust),
        Section("External authentication", rows: authentication),
        Section("Answers", rows: answers + fields + errors),
        Section("Servers", rows: servers),
        Section("The access log", rows: logs),
        Section("Traces", rows: traces),
        Section("Accepted, without a meaning here", rows: withoutMeaning + ofHAProxy),
    ]

    struct Section: Sendable {
        let title: String
        let rows: [SettingRow<TrafficSettings>]

        init(_ title: String, rows: [SettingRow<TrafficSettings>]) { (self.title, self.rows) = (title, rows) }
    }

    typealias Row = SettingRow<TrafficSettings>
}
