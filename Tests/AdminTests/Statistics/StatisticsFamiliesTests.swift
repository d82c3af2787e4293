import Engine
import Model
import Testing

@testable import Admin

@Suite("Families of HAProxy's exporter")
struct StatisticsFamiliesTests {
    private func text(_ change: (inout ServerStatistics) -> Void = { _ in }) -> String {
        var server = ServerStatistics()
        server.name = "s\"1"
        server.times.total = 1_500_000_000
        server.traffic.statusClasses[2] = 7
        change(&server)
        var backend = BackendStatistics()
        backend.servers = [server]
        var statistics = Statistics()
        statistics.proxies = [
            ProxyStatistics(name: "b", place: ProxyPlace(), frontend: FrontendStatistics(), backend: backend)
        ]
        let families = StatisticsFamilies(rows: StatisticsTable(statistics: statistics).rows)
        return MetricsText.render(
            [.frontend, .backend, .server].flatMap { families.families(of: $0) })
    }

    @Test("names and labels are HAProxy's")
    func names() {
        #expect(text().contains("haproxy_frontend_sessions_total{proxy=\"b\"} 0\n"))
        #expect(text().contains("haproxy_server_current_sessions{proxy=\"b\",server=\"s\\\"1\"} 0\n"))
        #expect(
            text().contains(
                "haproxy_server_http_responses_total{proxy=\"b\",server=\"s\\\"1\",code=\"2xx\"} 7\n"))
    }

    @Test("times are seconds")
    func times() {
        #expect(
            text().contains("haproxy_server_total_time_average_seconds{proxy=\"b\",server=\"s\\\"1\"} 1.5\n"))
    }

    @Test("one state is 1 and the others are 0")
    func states() {
        let maintained = text { ($0.isUp, $0.state) = (false, .maintenance) }
        let lines = maintained.split(separator: "\n").filter { $0.hasPrefix("haproxy_server_status") }
        #expect(lines.count == 5)
        #expect(lines.filter { $0.hasSuffix(" 1") }.map { $0.contains("MAINT") } == [true])
    }

    @Test("a backend counts its servers by state, those too that are not shown")
    func sums() {
        var backend = BackendStatistics()
        for (name, isUp, isMaintained) in [("a", true, false), ("b", false, true), ("c", true, false)] {
            var server = ServerStatistics()
            (server.name, server.isUp) = (name, isUp)
            if isMaintained { server.state = .maintenance }
            backend.servers.append(server)
        }
        var statistics = Statistics()
        statistics.proxies = [
            ProxyStatistics(name: "b", place: ProxyPlace(), frontend: nil, backend: backend),
            ProxyStatistics(name: "empty", place: ProxyPlace(), frontend: nil, backend: BackendStatistics()),
        ]
        var families = StatisticsFamilies(rows: StatisticsTable(statistics: statistics).rows)
        families.hidesMaintenance = true
        let all = MetricsText.render(families.families(of: .backend) + families.families(of: .server))
        for name in ["agg_server_status", "agg_server_check_status"] {
            let lines = all.split(separator: "\n").filter { $0.hasPrefix("haproxy_backend_\(name){") }
            #expect(
                lines
                    == [("DOWN", 0), ("UP", 2), ("MAINT", 1), ("DRAIN", 0), ("NOLB", 0)].map { state, count in
                        "haproxy_backend_\(name){proxy=\"b\",state=\"\(state)\"} \(count)"
                    })
        }
        #expect(all.contains("haproxy_backend_agg_check_status{proxy=\"b\",state=\"L4OK\"} 0\n"))
        #expect(all.contains("haproxy_server_status{proxy=\"b\",server=\"a\",state=\"UP\"} 1\n"))
        #expect(!all.contains("server=\"b\""))
        #expect(!all.contains("haproxy_server_check_status"))
        families.hidesMaintenance = false
        let servers = MetricsText.render(families.families(of: .server))
        #expect(servers.contains("server=\"b\"") && !servers.contains("haproxy_backend"))
    }

    @Test("a section's description is a label of all that is said of it, where that is wanted")
    func descriptions() {
        var backend = BackendStatistics()
        backend.servers = [ServerStatistics()]
        var statistics = Statistics()
        statistics.proxies = [ProxyStatistics(name: "b", place: ProxyPlace(), backend: backend)]
        var families = StatisticsFamilies(rows: StatisticsTable(statistics: statistics).rows)
        families.descriptions = ["b": "of <b>", "other": "x"]
        let text = MetricsText.render(families.families(of: .backend) + families.families(of: .server))
        #expect(text.contains("haproxy_backend_active_servers{proxy=\"b\",desc=\"of <b>\"} 0\n"))
        #expect(text.contains("haproxy_server_weight{proxy=\"b\",desc=\"of <b>\",server=\"\"} 0\n"))
        #expect(!text.contains("proxy=\"b\"}") && !text.contains("\"x\""))
    }

    @Test("listeners that are counted for themselves have families")
    func listeners() {
        var frontend = FrontendStatistics()
        var listener = ListenerStatistics()
        (listener.name, listener.id, listener.address) = ("sock-2", 2, "127.0.0.1:80")
        (listener.connections, listener.deniedConnections, listener.open) = (7, 2, 3)
        frontend.listeners = [listener]
        var statistics = Statistics()
        statistics.proxies = [ProxyStatistics(name: "f", place: ProxyPlace(), frontend: frontend)]
        let rows = StatisticsTable(statistics: statistics).rows
        #expect(rows.map(\.kind) == [.frontend, .listener])
        let line = StatisticsText.csv(rows).split(separator: "\n").last
        #expect(line?.hasPrefix("f,sock-2,,,3,0,0,5,0,0,0,0,0,,,,,OPEN,,,,,,,,,1,2,2,,,,3,") == true)
        #expect(rows.last?[.transport]?.text == "tcpv4" && rows.last?[.address]?.text == "127.0.0.1:80")
        let text = MetricsText.render(StatisticsFamilies(rows: rows).families(of: .listener))
        #expect(text.contains("haproxy_listener_sessions_total{proxy=\"f\",listener=\"sock-2\"} 5\n"))
        #expect(text.contains("haproxy_listener_status{proxy=\"f\",listener=\"sock-2\",state=\"OPEN\"} 1\n"))
        #expect(text.contains("haproxy_listener_status{proxy=\"f\",listener=\"sock-2\",state=\"FULL\"} 0\n"))
        #expect(!text.contains("session_rate") && !text.contains("http_"))
        var table = StatisticsTable(statistics: statistics)
        table.scope.kinds = 8
        #expect(table.rows.map(\.kind) == [.listener])
        table.scope.serverID = 1
        #expect(table.rows.isEmpty)
    }

    @Test("name servers have fifteen numbers each, under HAProxy's names")
    func resolvers() {
        var counts = NameServerCounts()
        (counts.sendErrors, counts.absent) = (2, 3)
        let section = ResolversReport(
            name: "r", nameServers: [ResolversReport.NameServer(name: "n", counts: counts)])
        let text = MetricsText.render(MetricFamily.ofResolvers([section]))
        #expect(text.contains("# TYPE haproxy_resolver_send_error gauge\n"))
        #expect(text.contains("haproxy_resolver_send_error{resolver=\"r\",nameserver=\"n\"} 2\n"))
        #expect(text.contains("haproxy_resolver_nx{resolver=\"r\",nameserver=\"n\"} 3\n"))
        #expect(text.split(separator: "\n").count { $0.hasPrefix("# TYPE") } == counts.named.count)
    }

    @Test("each family is announced once")
    func families() {
        let types = text().split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
        #expect(Set(types).count == types.count)
    }
}
