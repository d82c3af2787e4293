import Engine
import Model
import Wire

/// HAProxy's exporter for Prometheus: `http-request use-service prometheus-exporter`.
struct PrometheusExporter {
    let facts: RuntimeFacts

    /// The answer to a request.
    func answer(_ request: ServiceRequest) -> ServiceAnswer {
        guard let query = ExporterQuery(request.target) else {
            return ServiceAnswer(400, type: "text/plain", body: "the query is not understood\n")
        }
        let families = families(query).filter { query.wants($0.name) }
        return ServiceAnswer(
            200, type: "text/plain; version=0.0.4", fields: "Cache-Control: no-cache\r\n",
            body: MetricsText.render(families))
    }

    private func families(_ query: ExporterQuery) -> [MetricFamily] {
        let statistics = facts.engine.statistics()
        var families = query.scopes.contains(.global) ? ofProcess(statistics) : []
        var known = StatisticsFamilies(
            rows: StatisticsTable(statistics: statistics, processLimit: facts.processLimit).rows)
        known.hidesMaintenance = query.hidesMaintenance
        if query.addsDescriptions {
            for proxy in statistics.proxies where !proxy.place.description.isEmpty {
                known.descriptions[proxy.name] = proxy.place.description
            }
        }
        let kinds: [(ExporterQuery.Scope, StatisticsRow.Kind)] = [
            (.frontend, .frontend), (.listener, .listener), (.backend, .backend), (.server, .server),
        ]
        for (scope, kind) in kinds where query.scopes.contains(scope) {
            families += known.families(of: kind)
        }
        if query.scopes.contains(.sticktable) {
            families += MetricFamily.ofTables(facts.engine.stickTables())
        }
        if query.scopes.contains(.resolver) {
            families += MetricFamily.ofResolvers(facts.engine.resolvers())
        }
        return families
    }

    /// Fields of `show info` under the names of the exporter.
    private static let names: [(field: String, name: String)] = [
        ("Nbthread", "nbthread"), ("Nbproc", "nbproc"), ("Process_num", "relative_process_id"),
        ("Uptime_sec", "uptime_seconds"), ("Start_time_sec", "start_time_seconds"), ("Ulimit-n", "max_fds"),
        ("Maxsock", "max_sockets"), ("Maxconn", "max_connections"),
        ("Hard_maxconn", "hard_max_connections"), ("CurrConns", "current_connections"),
        ("CumConns", "connections_total"), ("CumReq", "requests_total"),
        ("MaxSslConns", "max_ssl_connections"), ("CurrSslConns", "current_ssl_connections"),
        ("CumSslConns", "ssl_connections_total"), ("ConnRate", "current_connection_rate"),
        ("ConnRateLimit", "limit_connection_rate"), ("MaxConnRate", "max_connection_rate"),
        ("SessRate", "current_session_rate"), ("SessRateLimit", "limit_session_rate"),
        ("MaxSessRate", "max_session_rate"), ("SslRate", "current_ssl_rate"),
        ("SslRateLimit", "limit_ssl_rate"), ("MaxSslRate", "max_ssl_rate"),
        ("CompressBpsRateLim", "limit_http_comp"),
        ("ActivePeers", "active_peers"), ("ConnectedPeers", "connected_peers"),
        ("DroppedLogs", "dropped_logs_total"), ("BusyPolling", "busy_polling_enabled"),
        ("TotalBytesOut", "bytes_out_total"),
    ]

    private func ofProcess(_ statistics: Statistics) -> [MetricFamily] {
        let fields = InfoFields.of(facts, statistics, now: Clock.now() / 1_000_000_000)
        let numbers = Self.names.compactMap { entry -> MetricFamily? in
            guard let field = fields.first(where: { $0.name == entry.field }),
                let number = Double(field.value)
            else { return nil }
            let kind: MetricFamily.Kind = entry.name.hasSuffix("_total") ? .counter : .gauge
            return MetricFamily("haproxy_process_\(entry.name)", kind, field.purpose, number)
        }
        let node = MetricFamily(
            "haproxy_process_node", .gauge, "Node name (global.node)",
            [MetricFamily.Sample(1, ["node": facts.node])])
        let build = MetricFamily(
            "haproxy_process_build_info", .gauge, "Build info",
            [MetricFamily.Sample(1, ["version": facts.version])])
        return numbers + [node, build]
    }
}
