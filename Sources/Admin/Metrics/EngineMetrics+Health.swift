import Engine

extension EngineMetrics {
    /// Servers that are checked: how they are and how their checks went.
    func health() -> [MetricFamily] {
        let servers = checkedServers.sorted { ($0.backend, $0.address) < ($1.backend, $1.address) }
        guard !servers.isEmpty else { return [] }
        return [
            perServer("sluice_server_up", .gauge, "Whether a server's checks let it take requests.", servers)
            {
                $0.isUp ? 1 : 0
            },
            perServer(
                "sluice_server_check_failures_total", .counter,
                "Checks that failed while it could lose by it.",
                servers
            ) { Double($0.failures) },
            perServer("sluice_server_downs_total", .counter, "How often a server has gone down.", servers) {
                Double($0.downs)
            },
            perServer(
                "sluice_server_check_duration_seconds", .gauge, "How long the last check took.", servers
            ) { Double($0.milliseconds) / 1_000 },
            MetricFamily(
                "sluice_server_check_status", .gauge, "What the last check came to: 1 at its code.",
                servers.compactMap { server in
                    server.health.map {
                        .init(
                            1,
                            [
                                "backend": server.backend, "server": server.name, "address": server.address,
                                "status": $0.status.rawValue,
                            ])
                    }
                }),
        ]
    }

    private func perServer(
        _ name: String, _ kind: MetricFamily.Kind, _ help: String, _ servers: [ServerMetrics],
        _ value: (HealthReport) -> Double
    ) -> MetricFamily {
        MetricFamily(
            name, kind, help,
            servers.compactMap { server in
                server.health.map {
                    .init(
                        value($0),
                        ["backend": server.backend, "server": server.name, "address": server.address])
                }
            })
    }
}
