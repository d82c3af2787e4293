import Engine
import Model

/// The page of statistics: one document without outside parts and without scripts. Whatever is not ours is escaped.
struct StatisticsHTML {
    let table: StatisticsTable
    let page: StatisticsPage
    /// The program's version.
    let version: String
    /// Seconds since the start.
    let uptime: UInt64
    /// What else stands in the page's address, to keep it in links.
    let address: String

    /// The document.
    var text: String {
        StatisticsHTML.style + head + table.sections.map { section($0.proxy, $0.rows) }.joined()
            + "</main></body></html>\n"
    }

    private var head: String {
        var about = page.hidesVersion ? "" : " <span>version \(escaped(version))</span>"
        if let node = page.node { about += " <span>on \(escaped(node))</span>" }
        if let description = page.description { about += " <span>\(escaped(description))</span>" }
        let links = [
            ("all", ""), ("hide what is down", ";up"), ("without maintenance", ";no-maint"), ("CSV", ";csv"),
            ("JSON", ";json"), ("once", ";norefresh"),
        ].map { "<a href=\"\(escaped(address + $0.1))\">\($0.0)</a>" }.joined(separator: " ")
        return "<body><header><h1>Statistics</h1>\(about) <span>up for \(TimeSpan.text(uptime))</span>"
            + "<nav>\(links)</nav></header><main>\n"
    }

    private func section(_ proxy: ProxyStatistics, _ rows: [StatisticsRow]) -> String {
        let note = proxy.place.description.isEmpty ? "" : " <span>\(escaped(proxy.place.description))</span>"
        return "<section><h2>\(escaped(proxy.name))</h2>\(note)\n<table><thead><tr>"
            + StatisticsHTML.groups.map { "<th colspan=\"\($0.columns.count)\">\($0.title)</th>" }.joined()
            + "</tr><tr>"
            + StatisticsHTML.groups.flatMap(\.columns).map { "<th>\($0.title)</th>" }.joined()
            + "</tr></thead><tbody>\n" + rows.map { line($0) }.joined() + "</tbody></table></section>\n"
    }

    private func line(_ row: StatisticsRow) -> String {
        let word = row[.status]?.text ?? ""
        let state =
            word.hasPrefix("DOWN")
            ? "down" : word.hasPrefix("MAINT") ? "maint" : word.hasPrefix("DRAIN") ? "drain" : "up"
        let legend = row.legend
        let cells = StatisticsHTML.groups.flatMap(\.columns).enumerated().map { place, column in
            let text = escaped(row[column.column].map { column.shows($0) } ?? "")
            guard place == 0 else { return "<td>\(text)</td>" }
            return legend.isEmpty ? "<th>\(text)</th>" : "<th title=\"\(escaped(legend))\">\(text)</th>"
        }
        return "<tr class=\"\(row.kind.word.lowercased()) \(state)\">\(cells.joined())</tr>\n"
    }

    private struct Column {
        let title: String
        let column: StatisticsColumn
        var isTime = false

        init(_ title: String, _ column: StatisticsColumn, isTime: Bool = false) {
            (self.title, self.column, self.isTime) = (title, column, isTime)
        }

        func shows(_ value: StatisticsValue) -> String {
            guard isTime else { return value.text }
            return value.number.map { TimeSpan.text($0) } ?? "-"
        }
    }

    private static let groups: [(title: String, columns: [Column])] = [
        ("", [Column("name", .service)]),
        (
            "status",
            [
                Column("is", .status), Column("since", .lastChange, isTime: true),
                Column("check", .checkStatus),
            ]
        ),
        ("weight", [Column("now", .weight), Column("active", .active), Column("backup", .backup)]),
        ("queue", [Column("now", .queue), Column("most", .mostQueue), Column("limit", .queueLimit)]),
        ("per second", [Column("now", .rate), Column("most", .mostRate)]),
        (
            "sessions",
            [
                Column("now", .sessions), Column("most", .mostSessions), Column("limit", .sessionLimit),
                Column("all", .allSessions), Column("balanced", .balanced),
                Column("last", .lastSession, isTime: true),
            ]
        ),
        (
            "answers",
            [
                Column("2xx", .answers2xx), Column("3xx", .answers3xx), Column("4xx", .answers4xx),
                Column("5xx", .answers5xx),
            ]
        ),
        ("bytes", [Column("in", .bytesIn), Column("out", .bytesOut)]),
        ("denied", [Column("requests", .deniedRequests), Column("answers", .deniedAnswers)]),
        (
            "errors",
            [
                Column("requests", .requestErrors), Column("connections", .connectionErrors),
                Column("answers", .answerErrors),
            ]
        ),
        ("again", [Column("same", .retries), Column("other", .redispatches)]),
        (
            "checks",
            [
                Column("failed", .failedChecks), Column("downs", .downs),
                Column("down for", .downtime, isTime: true),
            ]
        ),
    ]

    /// Nothing of it is markup.
    private func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    private static let style = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Statistics</title>
        <style>
        :root { color-scheme: light dark; --bg: #f6f7f9; --card: #fff; --ink: #16202b; --soft: #647184; --line: #e2e6eb;
          --good: #16a34a; --warn: #b45309; --bad: #dc2626; --accent: #2563eb; }
        @media (prefers-color-scheme: dark) { :root { --bg: #0e141b; --card: #161e28; --ink: #e5eaf0; --soft: #8d9aab;
          --line: #263240; --good: #4ade80; --warn: #fbbf24; --bad: #f87171; --accent: #60a5fa; } }
        body { margin: 0; background: var(--bg); color: var(--ink); font: 13px/1.5 system-ui, sans-serif; }
        header { display: flex; flex-wrap: wrap; gap: 6px 18px; align-items: baseline; padding: 14px 20px;
          background: var(--card); border-bottom: 1px solid var(--line); }
        h1 { font-size: 18px; margin: 0; } h2 { font-size: 15px; margin: 12px 16px 0; display: inline-block; }
        header span, section > span { color: var(--soft); } nav { margin-left: auto; } a { color: var(--accent); }
        main { padding: 14px 20px 50px; }
        section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin-bottom: 14px;
          overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; margin-top: 6px; }
        th, td { padding: 4px 10px; border-top: 1px solid var(--line); text-align: right; white-space: nowrap;
          font-variant-numeric: tabular-nums; }
        thead th { color: var(--soft); font-weight: 500; font-size: 11px; }
        tbody th { text-align: left; font-weight: 500; }
        tr.backend, tr.frontend { background: color-mix(in srgb, var(--line) 35%, transparent); }
        tr.up td:nth-child(2) { color: var(--good); } tr.down td:nth-child(2) { color: var(--bad); }
        tr.maint td:nth-child(2), tr.drain td:nth-child(2) { color: var(--warn); }
        </style>
        </head>

        """#
}

extension StatisticsRow {
    /// What is shown of it when it is pointed at: where it is, and how servers are chosen.
    fileprivate var legend: String {
        [(StatisticsColumn.address, "address"), (.cookie, "cookie"), (.algorithm, "balance")].compactMap {
            column, name in
            self[column].map { "\(name): \($0.text)" }
        }.joined(separator: ", ")
    }
}
