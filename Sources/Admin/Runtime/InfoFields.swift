import Engine
import Glibc
import Model

/// The lines of `show info` that are known here, with HAProxy's names, places and kinds.
enum InfoFields {
    /// One line.
    struct Field: Sendable {
        let place: Int
        let name: String
        /// Origin, nature and scope, one letter each.
        let tags: String
        let type: String
        let value: String
        let purpose: String

        var typed: String { "\(place).\(name).1:\(tags):\(type):\(value)\n" }
    }

    /// All lines, in HAProxy's order. Those that are limits here have none, as there are no words for them.
    static func of(_ facts: RuntimeFacts, _ statistics: Statistics, now: UInt64) -> [Field] {
        let metrics = facts.engine.metrics()
        let fields =
            ofProcess(facts, metrics, now: now) + limits(facts) + rates(of: statistics)
            + peers(metrics.peers)
        return fields.sorted { $0.place < $1.place }
    }

    /// What happened in the last second and how much may, and how much was sent in all.
    private static func rates(of statistics: Statistics) -> [Field] {
        let sent = statistics.proxies.compactMap(\.frontend).reduce(0) { $0 &+ $1.traffic.bytesOut }
        return connectionRates(statistics.process) + ofTLS(statistics.process) + [
            number(
                44, "CompressBpsRateLim", "CLP", "\(statistics.process.compressionRate)",
                "Limit of CompressBpsOut beyond which HTTP compression is automatically disabled"),
            number(
                59, "BusyPolling", "MGP", "0",
                "1 if busy-polling is currently in use on the worker process, otherwise zero (config.busy-polling)"
            ),
            Field(
                place: 61, name: "TotalBytesOut", tags: "MGP", type: "u64", value: "\(sent)",
                purpose: "Total number of bytes emitted by current worker process since started"),
        ]
    }

    private static func connectionRates(_ process: ProcessStatistics) -> [Field] {
        [
            number(
                26, "ConnRate", "MRP", "\(process.connectionRate.now)",
                "Number of front connections created on this worker process over the last second"),
            number(
                27, "ConnRateLimit", "CLP", "\(process.limits.connectionRate)",
                "Hard limit for ConnRate (global.maxconnrate)"),
            number(
                28, "MaxConnRate", "MMP", "\(process.connectionRate.most)",
                "Highest ConnRate reached on this worker process since started (in connections per second)"),
            number(
                29, "SessRate", "MRP", "\(process.sessionRate.now)",
                "Number of sessions created on this worker process over the last second"),
            number(
                30, "SessRateLimit", "CLP", "\(process.limits.sessionRate)",
                "Hard limit for SessRate (global.maxsessrate)"),
            number(
                31, "MaxSessRate", "MRP", "\(process.sessionRate.most)",
                "Highest SessRate reached on this worker process since started (in sessions per second)"),
        ]
    }

    private static func ofTLS(_ process: ProcessStatistics) -> [Field] {
        [
            number(
                20, "MaxSslConns", "MMP", "\(process.limits.tlsConnections)",
                "Hard limit on the number of per-process SSL endpoints (front+back), 0=unlimited"),
            number(
                21, "CurrSslConns", "MGP", "\(process.openTLS)",
                "Current number of SSL endpoints on this worker process (front+back)"),
            number(
                32, "SslRate", "MRP", "\(process.handshakeRate.now)",
                "Number of SSL connections created on this worker process over the last second"),
            number(
                33, "SslRateLimit", "CLP", "\(process.limits.handshakeRate)",
                "Hard limit for SslRate (global.maxsslrate)"),
            number(
                34, "MaxSslRate", "MMP", "\(process.handshakeRate.most)",
                "Highest SslRate reached on this worker process since started (in connections per second)"),
        ]
    }

    private static func limits(_ facts: RuntimeFacts) -> [Field] {
        let descriptors = "\(UInt64(ProcessMetrics.descriptorLimit() ?? 0))"
        let connections = "\(facts.engine.connectionLimit)"
        return [
            number(
                13, "Ulimit-n", "CLP", descriptors,
                "Hard limit on the number of per-process file descriptors"),
            number(
                14, "Maxsock", "CLP", descriptors,
                "Hard limit on the number of per-process sockets"),
            number(
                15, "Maxconn", "CLP", connections,
                "Hard limit on the number of per-process connections (configured or imposed by Ulimit-n)"),
            number(
                16, "Hard_maxconn", "CLP", connections,
                "Hard limit on the number of per-process connections (imposed by Memmax_MB or Ulimit-n)"),
        ]
    }

    private static func peers(_ sections: [PeerSectionReport]) -> [Field] {
        let connected = sections.reduce(0) { $0 + $1.peers.count(where: \.isConnected) }
        return [
            number(
                56, "ActivePeers", "MGP", "\(connected)",
                "Current number of verified active peers connections on the current worker process"),
            number(
                57, "ConnectedPeers", "MGP", "\(connected)",
                "Current number of peers having passed the connection step on the current worker process"),
        ]
    }

    private static func ofProcess(_ facts: RuntimeFacts, _ metrics: EngineMetrics, now: UInt64) -> [Field] {
        let up = now - min(now, facts.startedAt)
        let today = UInt64(max(0, time(nil)))
        func sum(_ value: (WorkerMetrics) -> UInt64) -> String {
            "\(metrics.workers.reduce(0) { $0 &+ value($1) })"
        }
        let dropped = metrics.logTargetDropped &+ metrics.workers.reduce(0) { $0 &+ $1.logDropped }
        return [
            text(0, "Name", "POS", "Sluice", "Product name"),
            text(1, "Version", "POS", facts.version, "Product version"),
            number(
                3, "Nbthread", "CGS", "\(metrics.workers.count)",
                "Number of started threads (global.nbthread)"),
            number(4, "Nbproc", "CGS", "1", "Number of started worker processes (historical, always 1)"),
            number(5, "Process_num", "KGP", "1", "Relative worker process number (1)"),
            number(6, "Pid", "SGP", "\(getpid())", "This worker process identifier for the system"),
            text(
                7, "Uptime", "MDP", TimeSpan.text(up),
                "How long ago this worker process was started (days+hours+minutes+seconds)"),
            number(8, "Uptime_sec", "MDP", "\(up)", "How long ago this worker process was started (seconds)"),
            number(
                17, "CurrConns", "MGP", sum(\.openClients),
                "Current number of connections on this worker process"),
            number(
                18, "CumConns", "MCP", sum(\.accepted),
                "Total number of connections on this worker process since started"),
            number(
                19, "CumReq", "MCP", sum { $0.requests &+ $0.sessions },
                "Total number of requests on this worker process since started"),
            number(
                22, "CumSslConns", "MCP", sum(\.handshakes),
                "Total number of SSL endpoints on this worker process since started (front+back)"),
            text(50, "node", "COS", facts.node, "Node name (global.node)"),
            number(
                58, "DroppedLogs", "MGP", "\(dropped)",
                "Total number of dropped logs for current worker process since started"),
            text(66, "Build info", "POS", facts.version, "Build info"),
            number(
                70, "Start_time_sec", "MDP",
                "\(today - min(up, today))",
                "Start time in seconds"),
        ]
    }

    private static func text(_ place: Int, _ name: String, _ tags: String, _ value: String, _ purpose: String)
        -> Field
    {
        Field(place: place, name: name, tags: tags, type: "str", value: value, purpose: purpose)
    }

    private static func number(
        _ place: Int, _ name: String, _ tags: String, _ value: String, _ purpose: String
    ) -> Field {
        Field(place: place, name: name, tags: tags, type: "u32", value: value, purpose: purpose)
    }

    // MARK: JSON

    static func json(_ fields: [Field]) -> String {
        JSONValue.array(
            fields.map { field in
                let value: JSONValue =
                    field.type == "str" ? .string(field.value) : .integer(Int64(field.value) ?? 0)
                return .members([
                    "field": .members(["pos": .count(field.place), "name": .string(field.name)]),
                    "processNum": 1,
                    "tags": ValueTags.json(field.tags),
                    "value": .members(["type": .string(field.type), "value": value]),
                ])
            }
        ).rendered()
    }
}
