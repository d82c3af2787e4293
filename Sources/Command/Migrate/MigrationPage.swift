import Controller
import Model

/// The report of `sluice migrate` as one page that needs nothing else: no script, no other file.
struct MigrationPage {
    private let report: MigrationReport

    init(_ report: MigrationReport) { self.report = report }

    var text: String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>From ingress-nginx to Sluice</title><style>\(MigrationPage.style)</style></head><body>
        <h1>From ingress-nginx to Sluice</h1>
        <p>\(headline)</p>
        <ul class="tiles">\(tiles)</ul>
        \(problems)<h2>By name</h2>
        <table><thead><tr><th>annotation, key or flag</th><th>objects</th><th>verdict</th><th>why, or how it differs</th></tr></thead><tbody>
        \(totals)</tbody></table>
        <h2>By object</h2>
        \(objects)</body></html>

        """
    }

    private var headline: String {
        let others =
            report.strangers == 0 ? "" : " \(report.strangers) of other controllers were passed over."
        let end = report.isClean ? "All of it is kept." : "Not all of it is kept."
        return "\(report.ingresses) Ingresses were looked at.\(others) <strong>\(end)</strong>"
    }

    private var tiles: String {
        MigrationFinding.Verdict.allCases.map { verdict in
            "<li class=\"\(verdict.rawValue)\"><b>\(report.count(verdict))</b> \(verdict.word)</li>"
        }.joined()
    }

    private var problems: String {
        guard !report.problems.isEmpty else { return "" }
        let items = report.problems.map { "<li>\(MigrationPage.escaped("\($0)"))</li>" }.joined()
        return "<h2>Could not be read</h2><ul>\(items)</ul>\n"
    }

    private var totals: String {
        report.totals.map { total in
            "<tr><td><code>\(MigrationPage.escaped(total.name))</code></td><td>\(total.count)</td>"
                + "<td>\(MigrationPage.badge(total.verdict))</td><td>\(MigrationPage.escaped(total.note))</td></tr>\n"
        }.joined()
    }

    private var objects: String {
        report.objects.map { object in
            let name = "\(object.kind) \(object.origin.namespace)/\(object.origin.name)"
            let place =
                object.place.map { " <small>\(MigrationPage.escaped("\($0.file):\($0.line)"))</small>" } ?? ""
            return
                "<details\(object.verdict.isKept ? "" : " open")><summary>\(MigrationPage.badge(object.verdict)) "
                + "\(MigrationPage.escaped(name))\(place)</summary><table><tbody>\n"
                + object.findings.map(MigrationPage.row).joined() + "</tbody></table></details>\n"
        }.joined()
    }

    private static func row(_ finding: MigrationFinding) -> String {
        let advice = finding.advice.map { "<br><em>\(escaped($0))</em>" } ?? ""
        return "<tr><td>\(badge(finding.verdict))</td><td><code>\(escaped(finding.name))</code></td>"
            + "<td>\(escaped(finding.note))\(advice)</td></tr>\n"
    }

    private static func badge(_ verdict: MigrationFinding.Verdict) -> String {
        "<span class=\"badge \(verdict.rawValue)\">\(verdict.word)</span>"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    private static let style = """
        :root{color-scheme:light dark;--line:#8884;--good:#1a7f37;--fair:#9a6700;--bad:#cf222e;--dim:#6e7781}
        body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
        table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top}
        code{overflow-wrap:anywhere}small{color:var(--dim)}summary{cursor:pointer;padding:.4rem 0}
        .tiles{display:flex;flex-wrap:wrap;gap:.6rem;list-style:none;padding:0}
        .tiles li{border:1px solid var(--line);border-left:.3rem solid;border-radius:.4rem;padding:.4rem .9rem}.tiles b{font-size:1.3rem}
        .badge{display:inline-block;min-width:5.5rem;text-align:center;border:1px solid;border-radius:1rem;padding:0 .5rem;font-size:.85rem}
        .honoured{color:var(--good)}.differs,.pending{color:var(--fair)}.refused,.invalid,.unknown{color:var(--bad)}.needless{color:var(--dim)}
        @media (prefers-color-scheme:dark){:root{--good:#3fb950;--fair:#d29922;--bad:#f85149;--dim:#8b949e}}
        """
}
