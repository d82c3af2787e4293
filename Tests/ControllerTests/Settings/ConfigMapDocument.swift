@testable import Controller

/// `docs/configmap.md`, made from the table.
enum ConfigMapDocument {
    static var text: String {
        head + TrafficTable.sections.map(section).joined(separator: "\n")
    }

    private static let head = """
        # Keys of the ConfigMap of settings

        `--configmap NAMESPACE/NAME` names it. This page is made from the table that reads it (`Sources/Controller/Settings/`, by
        `SLUICE_WRITE_DOCS=1 swift test --filter TrafficTableTests`).

        Values are strings. A *duration* has a unit (`us`, `ms`, `s`, `m`, `h`, `d`; 0 needs none); under ingress-nginx's name a bare number is seconds, under the HAProxy
        controllers' it is milliseconds, and under ours it is refused. A *size* is a number of bytes, with `k`, `m` or `g` of 1024. Lists have commas, blanks or line ends
        between two. A time limit of 0 is none. Where a setting has several names, ours counts; where one is named alone in its row, it has a meaning of its own.


        """

    private static func section(_ section: TrafficTable.Section) -> String {
        var lines = ["## \(section.title)", ""]
        let (settings, others) = (section.rows.filter(\.hasMeaning), section.rows.filter { !$0.hasMeaning })
        if !settings.isEmpty {
            lines += ["| key | also | value | default | |", "| --- | --- | --- | --- | --- |"]
            lines += settings.map(row)
        }
        if !settings.isEmpty, !others.isEmpty { lines += [""] }
        if !others.isEmpty {
            lines += ["| keys | why |", "| --- | --- |"]
            lines += others.map { "| \(names($0.names)) | \($0.sentence) |" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ row: SettingRow<TrafficSettings>) -> String {
        let first = row.names[0].text
        let others = row.names.dropFirst().filter { $0.text != first }
        return "| `\(first)` | \(names(others)) | \(value(row)) | \(row.fallback) | \(row.sentence) |"
    }

    private static func names(_ names: some Sequence<SettingName>) -> String {
        names.map { "`\($0.text)`" }.joined(separator: ", ")
    }

    private static func value(_ row: SettingRow<TrafficSettings>) -> String {
        row.type == "word" ? row.expectation : row.type
    }
}
