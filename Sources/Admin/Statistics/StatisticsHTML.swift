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
    /// Whether whoever looks may change servers.
    var mayChange = false
    /// What came of the last change.
    var outcome: StatisticsOutcome?

    /// The document.
    var text: String {
        StatisticsHTML.style + head + notice
            + table.sections.map { section($0.proxy, $0.id, $0.rows) }.joined()
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

    private var notice: String {
        guard let outcome else { return "" }
        return "<p class=\"notice \(outcome == .done ? "good" : "bad")\">\(escaped(outcome.sentence)) "
            + "<a href=\"\(escaped(address))\">remove this message</a></p>\n"
    }

    private func section(_ proxy: ProxyStatistics, _ id: UInt64, _ rows: [StatisticsRow]) -> String {
        let note = proxy.place.description.isEmpty ? "" : " <span>\(escaped(proxy.place.description))</span>"
        let isForm = mayChange && rows.contains { $0.kind == .server }
        let choice = isForm ? "<th></th>" : ""
        return "<section><h2>\(escaped(proxy.name))</h2>\(note)\n" + (isForm ? "<form method=\"post\">" : "")
            + "<table><thead><tr>" + choice
            + groups.map { "<th colspan=\"\($0.columns.count)\">\($0.title)</th>" }.joined()
            + "</tr><tr>" + choice
            + groups.flatMap(\.columns).map { "<th>\($0.title)</th>" }.joined()
            + "</tr></thead><tbody>\n" + rows.map { line($0, isForm) }.joined() + "</tbody></table>"
            + (isForm ? StatisticsHTML.actions(escaped(proxy.name)) : "") + "</section>\n"
    }

    /// What is done with the servers that are chosen, of a backend by its name: numbers change when backends come and go.
    private static func actions(_ backend: String) -> String {
        "<p>Choose the action to perform on the checked servers: <select name=\"action\"><option value=\"\"></option>"
            + StatisticsAction.offered.map { "<option value=\"\($0.action.rawValue)\">\($0.title)</option>" }
            .joined()
            + "</select> <input type=\"hidden\" name=\"b\" value=\"\(backend)\"><button>Apply</button></p></form>"
    }

    /// The box by which a line is chosen, in front of it.
    private func box(_ row: StatisticsRow) -> String {
        guard row.kind == .server, let name = row[.service].map({ escaped($0.text) }) else {
            return "<td></td>"
        }
        return "<td><input type=\"checkbox\" name=\"s\" value=\"\(name)\" aria-label=\"\(name)\"></td>"
    }

    private func line(_ row: StatisticsRow, _ isForm: Bool) -> String {
        let word = row[.status]?.text ?? ""
        let state =
            word.hasPrefix("DOWN")
            ? "down" : word.hasPrefix("MAINT") ? "maint" : word.hasPrefix("DRAIN") ? "drain" : "up"
        let legend = row.legend
        let cells = groups.flatMap(\.columns).enumerated().map { place, column in
            let text = escaped(row[column.column].map { column.shows($0) } ?? "")
            guard place == 0 else { return "<td>\(text)</td>" }
            return legend.isEmpty ? "<th>\(text)</th>" : "<th title=\"\(escaped(legend))\">\(text)</th>"
        }
        return
            "<tr class=\"\(row.kind.word.lowercased()) \(state)\">\(isForm ? box(row) : "")\(cells.joined())</tr>\n"
    }

    private var groups: [(title: String, columns: [Column])] {
        StatisticsHTML.groups + (page.showsModules ? StatisticsHTML.modules : [])
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

    /// What is counted of single versions of HTTP.
    private static let modules: [(title: String, columns: [Column])] = [
        (
            "sessions of",
            [
                Column("HTTP/1", .http1Sessions), Column("HTTP/2", .http2Sessions),
                Column("others", .otherSessions),
            ]
        ),
        (
            "requests of",
            [
                Column("HTTP/1", .http1Requests), Column("HTTP/2", .http2Requests),
                Column("others", .otherRequests),
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
        form > p { margin: 8px 16px; } select, button { font: inherit; }
        .notice { margin: 0 0 14px; padding: 8px 16px; border: 1px solid var(--line); border-radius: 10px;
          background: var(--card); } .notice.good { border-color: var(--good); } .notice.bad { border-color: var(--bad); }
        tr.backend, tr.frontend { background: color-mix(in srgb, var(--line) 35%, transparent); }
        tr.up th + td { color: var(--good); } tr.down th + td { color: var(--bad); }
        tr.maint th + td, tr.drain th + td { color: var(--warn); }
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
