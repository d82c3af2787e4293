import Engine
import Model
import Testing

@testable import Admin

@Suite("Lines of statistics")
struct StatisticsTableTests {
    private func proxy(_ name: String, id: Int = 0, servers: [ServerStatistics] = []) -> ProxyStatistics {
        var place = ProxyPlace()
        place.id = id
        var backend = BackendStatistics()
        backend.servers = servers
        return ProxyStatistics(
            name: name, place: place, frontend: FrontendStatistics(), backend: backend)
    }

    private func server(_ name: String, id: Int = 1, _ change: (inout ServerStatistics) -> Void = { _ in })
        -> ServerStatistics
    {
        var server = ServerStatistics()
        (server.name, server.id) = (name, id)
        change(&server)
        return server
    }

    private func table(_ proxies: [ProxyStatistics]) -> StatisticsTable {
        var statistics = Statistics()
        statistics.proxies = proxies
        return StatisticsTable(statistics: statistics)
    }

    private func names(_ table: StatisticsTable) -> [String] { table.rows.compactMap { $0[.service]?.text } }

    @Test("a section has its frontend, its servers and its backend")
    func order() {
        #expect(
            names(table([proxy("a", servers: [server("s"), server("t")])])) == [
                "FRONTEND", "s", "t", "BACKEND",
            ])
    }

    @Test("sections without a number get one that nobody has")
    func numbers() {
        let table = table([proxy("a"), proxy("b", id: 2), proxy("c")])
        #expect(table.sections.map(\.id) == [3, 2, 4])
    }

    @Test(
        "only what is asked for is shown",
        arguments: [
            (-1, ["FRONTEND", "s", "BACKEND"]), (1, ["FRONTEND"]), (2, ["BACKEND"]), (4, ["s"]),
            (6, ["s", "BACKEND"]), (0, []),
        ])
    func kinds(kinds: Int, wanted: [String]) {
        var table = table([proxy("a", servers: [server("s")])])
        table.scope.kinds = kinds
        #expect(names(table) == wanted)
    }

    @Test("servers in maintenance and servers that are down can be left out")
    func hidden() {
        let servers = [
            server("up"), server("down") { $0.isUp = false },
            server("maint") { ($0.isUp, $0.state) = (false, .maintenance) },
        ]
        var table = table([proxy("a", servers: servers)])
        table.scope.hidesMaintenance = true
        #expect(names(table) == ["FRONTEND", "up", "down", "BACKEND"])
        table.scope.hidesDown = true
        #expect(names(table) == ["FRONTEND", "up", "BACKEND"])
        #expect(table.rows.last?[.status]?.text == "UP (1/3)")
    }

    @Test("addresses and algorithms are not for everyone")
    func details() {
        var table = table([
            proxy("a", servers: [server("s") { ($0.address, $0.cookie) = ("1.2.3.4:80", "c") }])
        ])
        #expect(table.rows.compactMap { $0[.address] ?? $0[.cookie] ?? $0[.algorithm] }.count == 2)
        table.scope.showsDetails = false
        #expect(table.rows.allSatisfy { $0[.address] == nil && $0[.cookie] == nil && $0[.algorithm] == nil })
    }

    @Test("mode tcp has no answers")
    func mode() {
        var proxy = proxy("a", servers: [server("s")])
        proxy.place.mode = .tcp
        #expect(table([proxy]).rows.allSatisfy { $0[.answers2xx] == nil && $0[.mode]?.text == "tcp" })
    }

    @Test(
        "an operator's word comes first, then that there is no check",
        arguments: [
            (ServerAdminState.ready, "no check"), (.drain, "DRAIN"), (.maintenance, "MAINT"),
        ])
    func states(state: ServerAdminState, word: String) {
        #expect(server("s") { $0.state = state }.statusWord == word)
    }

    @Test("no count is below 0, whatever is subtracted")
    func subtraction() {
        let odd = server("s") { server in
            (server.sessions, server.traffic.pinned) = (1, 5)
            (server.traffic.retries, server.traffic.redispatches) = (1, 5)
            (server.waiting, server.limit, server.weight) = (-1, -1, -1)
        }
        var proxy = proxy("a", servers: [odd])
        proxy.frontend?.connections = 1
        proxy.frontend?.deniedConnections = 5
        proxy.backend?.traffic.pinned = 5
        let rows = table([proxy]).rows
        #expect(rows.allSatisfy { ($0[.balanced]?.number ?? 0) == 0 && ($0[.retries]?.number ?? 0) == 0 })
        #expect(rows[0][.allSessions]?.number == 0)
    }
}
