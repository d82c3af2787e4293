import Engine
import Glibc

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

    static func of(_ facts: RuntimeFacts, _ metrics: EngineMetrics, now: UInt64) -> [Field] {
        let up = now - min(now, facts.startedAt)
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
                13, "Ulimit-n", "CLP", "\(UInt64(ProcessMetrics.descriptorLimit() ?? 0))",
                "Hard limit on the number of per-process file descriptors"),
            number(
                15, "Maxconn", "CLP", "\(facts.engine.connectionLimit)",
                "Hard limit on the number of per-process connections (configured or imposed by Ulimit-n)"),
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
            text(49, "node", "CGS", facts.node, "Node name (global.node)"),
            number(
                56, "DroppedLogs", "MCP", "\(dropped)",
                "Total number of dropped logs for current worker process since started"),
            text(64, "Build info", "POS", facts.version, "Build info"),
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
