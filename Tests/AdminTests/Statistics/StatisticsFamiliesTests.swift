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
        return MetricsText.render(
            StatisticsFamilies.of(StatisticsTable(statistics: statistics).rows))
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

    @Test("each family is announced once")
    func families() {
        let types = text().split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
        #expect(Set(types).count == types.count)
    }
}
