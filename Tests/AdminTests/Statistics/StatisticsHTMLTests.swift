import Engine
import Model
import Testing

@testable import Admin

@Suite("The page of statistics")
struct StatisticsHTMLTests {
    private func page(
        _ name: String, mayChange: Bool = false, outcome: StatisticsOutcome? = nil,
        _ change: (inout StatisticsPage) -> Void = { _ in }
    ) -> String {
        var place = ProxyPlace()
        place.description = name
        var server = ServerStatistics()
        (server.name, server.address, server.cookie) = (name, name, name)
        var backend = BackendStatistics()
        backend.servers = [server]
        var statistics = Statistics()
        statistics.proxies = [
            ProxyStatistics(name: name, place: place, frontend: FrontendStatistics(), backend: backend)
        ]
        var settings = StatisticsPage()
        change(&settings)
        var html = StatisticsHTML(
            table: StatisticsTable(statistics: statistics), page: settings, version: "1.2.3", uptime: 90_061,
            address: "/stats")
        (html.mayChange, html.outcome) = (mayChange, outcome)
        return html.text
    }

    @Test(
        "nothing of what others say is markup",
        arguments: ["<script>", "\"><img src=x>", "' onload='", "&lt;", "</h9>"])
    func escaping(name: String) {
        let text = page(name) { page in
            (page.node, page.description) = (name, name)
        }
        #expect(!text.contains(name) || name == "&lt;")
        #expect(text.contains("&amp;lt;") == (name == "&lt;"))
        #expect(!text.contains("<script") && !text.contains("<img"))
    }

    @Test("each section has a line for its frontend, its servers and its backend")
    func lines() {
        let text = page("web")
        #expect(text.contains("<h2>web</h2>"))
        #expect(text.contains("<tr class=\"frontend up\"><th>FRONTEND</th>"))
        #expect(text.contains("<tr class=\"server up\">"))
        #expect(text.contains("<tr class=\"backend up\">"))
        #expect(text.contains("1d 1h01m01s"))
    }

    @Test("only whoever may change servers is shown how")
    func form() {
        #expect(!page("web").contains("<form") && !page("web").contains("type=\"checkbox\""))
        let text = page("web", mayChange: true)
        #expect(text.contains("<form method=\"post\">") && text.contains("name=\"b\" value=\"web\""))
        #expect(text.contains("<td><input type=\"checkbox\" name=\"s\" value=\"web\""))
        for offered in StatisticsAction.offered {
            #expect(text.contains("<option value=\"\(offered.action.rawValue)\">\(offered.title)</option>"))
        }
        let odd = page("\"><script>", mayChange: true)
        #expect(!odd.contains("<script") && odd.contains("value=\"&quot;&gt;&lt;script&gt;\""))
    }

    @Test("it says what came of a change")
    func notice() {
        #expect(!page("web").contains("class=\"notice"))
        #expect(page("web", outcome: .done).contains("class=\"notice good\">Action processed"))
        #expect(page("web", outcome: .denied).contains("class=\"notice bad\">Action denied"))
    }

    @Test("counters of versions of HTTP are shown where that is wanted")
    func modules() {
        #expect(!page("web").contains("sessions of"))
        #expect(page("web") { $0.showsModules = true }.contains(">sessions of</th>"))
    }

    @Test("the version is told unless it is hidden")
    func version() {
        #expect(page("web").contains("1.2.3"))
        #expect(!page("web") { $0.hidesVersion = true }.contains("1.2.3"))
    }

    @Test(
        "wishes stand behind the page's address",
        arguments: [
            ("/stats;csv", "csv", true), ("/stats;up;csv", "csv", true), ("/stats;csvx", "csv", false),
            ("/stats?x&csv", "csv", true), ("/stats", "csv", false), ("/st", "csv", false),
            ("", "csv", false),
        ])
    func wishes(target: String, word: String, has: Bool) {
        #expect(PageWishes(target, uri: "/stats").has(word[...]) == has)
    }
}
