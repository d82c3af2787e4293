import Engine

/// `show servers state` and `show servers conn`.
struct ServerStateCommands: Sendable {
    let statistics: @Sendable () -> Statistics

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "show servers state", "[<backend>]",
                "dump volatile server information (all or for a single backend)", .user
            ) { state($0) },
            RuntimeCommand(
                "show servers conn", "[<backend>]",
                "dump server connections status (all or for a single backend)", .user
            ) { connections($0) },
        ]
    }

    private func state(_ call: RuntimeCall) -> String {
        guard let servers = servers(call) else { return "Can't find backend.\n" }
        return ServerStateText.stateHead + servers.map(\.state).joined()
    }

    private func connections(_ call: RuntimeCall) -> String {
        guard let servers = servers(call) else { return "Can't find backend.\n" }
        let workers = servers.first?.server.idlePerWorker.count ?? 0
        return ServerStateText.connectionsHead(workers: workers) + servers.map(\.connections).joined()
    }

    /// All servers, or those of a backend; nil if there is no such backend.
    private func servers(_ call: RuntimeCall) -> [ServerStateText]? {
        let statistics = statistics()
        var proxies = StatisticsTable(statistics: statistics).numbered
        if let name = call.words.first {
            proxies.removeAll { $0.proxy.name != name || $0.proxy.backend == nil }
            guard !proxies.isEmpty else { return nil }
        }
        return proxies.flatMap { proxy, id in
            guard let backend = proxy.backend else { return [ServerStateText]() }
            return backend.servers.map {
                ServerStateText(
                    proxy: proxy, proxyID: id, backend: backend, server: $0, moment: statistics.moment)
            }
        }
    }
}
