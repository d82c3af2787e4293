import Engine
import Model
import Testing

@testable import Admin

@Suite("The page of statistics")
struct StatisticsHTMLTests {
    private func page(_ name: String, _ change: (inout StatisticsPage) -> Void = { _ in }) -> String {
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
        return StatisticsHTML(
            table: StatisticsTable(statistics: statistics), page: settings, version: "1.2.3", uptime: 90_061,
            address: "/stats"
        ).text
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
