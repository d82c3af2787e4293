/// A column of statistics as HAProxy's exporter for Prometheus names and explains it: those of 3.2, in its order.
struct ExportedColumn {
    let column: StatisticsColumn
    /// What stands behind `haproxy_frontend_` and its like.
    let name: String
    let kinds: Kinds
    /// As HAProxy says it, with a full stop or without.
    let help: String
    /// By what its numbers are divided: times are milliseconds.
    let divisor: Double
    /// Its label `code`.
    let code: String?

    private init(
        _ column: StatisticsColumn, _ name: String, _ kinds: Kinds, _ help: String, divisor: Double = 1,
        code: String? = nil
    ) {
        (self.column, self.name, self.kinds, self.help) = (column, name, kinds, help)
        (self.divisor, self.code) = (divisor, code)
    }

    /// Of whom it is told.
    struct Kinds: OptionSet {
        let rawValue: Int
        static let frontends = Kinds(rawValue: 1)
        static let backends = Kinds(rawValue: 2)
        static let servers = Kinds(rawValue: 4)
        static let listeners = Kinds(rawValue: 8)
        static let inside: Kinds = [.backends, .servers]
        static let proxies: Kinds = [.frontends, .backends]
        static let counted: Kinds = [.frontends, .backends, .servers]
        static let arriving: Kinds = [.frontends, .listeners]
        static let everywhere: Kinds = [.frontends, .listeners, .backends, .servers]

        func has(_ kind: StatisticsRow.Kind) -> Bool { contains(Kinds(rawValue: 1 << kind.rawValue)) }
    }

    /// Whether it is told of sections of mode http alone.
    var isOfHTTP: Bool { name.hasPrefix("http_") || column == .intercepted }

    /// Whether it is told of servers that do not have it too.
    var isAlways: Bool {
        [.failedChecks, .downs, .downtime, .throttle, .idleLimit, .sessionLimit, .queueLimit].contains(column)
    }

    static let all: [ExportedColumn] = [
        ExportedColumn(.queue, "current_queue", .inside, "Number of current queued connections"),
        ExportedColumn(
            .mostQueue, "max_queue", .inside,
            "Highest value of queued connections encountered since process started"),
        ExportedColumn(
            .sessions, "current_sessions", .everywhere,
            "Number of current sessions on the frontend, backend or server"),
        ExportedColumn(
            .mostSessions, "max_sessions", .everywhere,
            "Highest value of current sessions encountered since process started"),
        ExportedColumn(
            .sessionLimit, "limit_sessions", .everywhere,
            "Frontend/listener/server's maxconn, backend's fullconn"),
        ExportedColumn(
            .allSessions, "sessions_total", .everywhere, "Total number of sessions since process started"),
        ExportedColumn(
            .bytesIn, "bytes_in_total", .everywhere, "Total number of request bytes since process started"),
        ExportedColumn(
            .bytesOut, "bytes_out_total", .everywhere, "Total number of response bytes since process started"),
        ExportedColumn(
            .deniedRequests, "requests_denied_total", [.frontends, .listeners, .backends],
            "Total number of denied requests since process started"),
        ExportedColumn(
            .deniedAnswers, "responses_denied_total", .everywhere,
            "Total number of denied responses since process started"),
        ExportedColumn(
            .requestErrors, "request_errors_total", .arriving,
            "Total number of invalid requests since process started"),
        ExportedColumn(
            .connectionErrors, "connection_errors_total", .inside,
            "Total number of failed connections to server since the worker process started"),
        ExportedColumn(
            .answerErrors, "response_errors_total", .inside,
            "Total number of invalid responses since the worker process started"),
        ExportedColumn(
            .retries, "retry_warnings_total", .inside,
            "Total number of server connection retries since the worker process started"),
        ExportedColumn(
            .redispatches, "redispatch_warnings_total", .inside,
            "Total number of server redispatches due to connection failures since the worker process started"),
        ExportedColumn(
            .status, "status", .everywhere, "Current status of the service, per state label value."),
        ExportedColumn(
            .weight, "weight", .inside,
            "Server's effective weight, or sum of active servers' effective weights for a backend"),
        ExportedColumn(
            .active, "active_servers", .backends, "Total number of active UP servers with a non-zero weight"),
        ExportedColumn(
            .active, "active", .servers, "Total number of active UP servers with a non-zero weight"),
        ExportedColumn(
            .backup, "backup_servers", .backends, "Total number of backup UP servers with a non-zero weight"),
        ExportedColumn(
            .backup, "backup", .servers, "Total number of backup UP servers with a non-zero weight"),
        ExportedColumn(
            .failedChecks, "check_failures_total", .servers,
            "Total number of failed individual health checks per server/backend, since the worker process "
                + "started"),
        ExportedColumn(
            .downs, "check_up_down_total", .inside,
            "Total number of failed checks causing UP to DOWN server transitions, per server/backend, since "
                + "the worker process started"),
        ExportedColumn(
            .lastChange, "check_last_change_seconds", .inside,
            "How long ago the last server state changed, in seconds"),
        ExportedColumn(
            .downtime, "downtime_seconds_total", .inside,
            "Total time spent in DOWN state, for server or backend"),
        ExportedColumn(
            .queueLimit, "queue_limit", .servers,
            "Limit on the number of connections in queue, for servers only (maxqueue argument)"),
        ExportedColumn(
            .throttle, "current_throttle", .servers,
            "Throttling ratio applied to a server's maxconn and weight during the slowstart period (0 to "
                + "100%)"),
        ExportedColumn(
            .balanced, "loadbalanced_total", .inside,
            "Total number of requests routed by load balancing since the worker process started (ignores "
                + "queue pop and stickiness)"),
        ExportedColumn(
            .rate, "current_session_rate", .counted,
            "Total number of sessions processed by this object over the last second (sessions for "
                + "listeners/frontends, requests for backends/servers)"),
        ExportedColumn(
            .rateLimit, "limit_session_rate", .frontends,
            "Limit on the number of sessions accepted in a second (frontend only, 'rate-limit sessions' "
                + "setting)"),
        ExportedColumn(
            .mostRate, "max_session_rate", .counted,
            "Highest value of sessions per second observed since the worker process started"),
        ExportedColumn(
            .checkStatus, "check_status", .servers, "Status of last health check, per state label value."),
        ExportedColumn(
            .checkCode, "check_code", .servers, "layer5-7 code, if available of the last health check."),
        ExportedColumn(
            .checkDuration, "check_duration_seconds", .servers,
            "Total duration of the latest server health check, in seconds.", divisor: 1_000),
        ExportedColumn(
            .answers1xx, "http_responses_total", .counted,
            "Total number of HTTP responses with status 100-199 returned by this object since the worker "
                + "process started", code: "1xx"),
        ExportedColumn(
            .answers2xx, "http_responses_total", .counted,
            "Total number of HTTP responses with status 200-299 returned by this object since the worker "
                + "process started", code: "2xx"),
        ExportedColumn(
            .answers3xx, "http_responses_total", .counted,
            "Total number of HTTP responses with status 300-399 returned by this object since the worker "
                + "process started", code: "3xx"),
        ExportedColumn(
            .answers4xx, "http_responses_total", .counted,
            "Total number of HTTP responses with status 400-499 returned by this object since the worker "
                + "process started", code: "4xx"),
        ExportedColumn(
            .answers5xx, "http_responses_total", .counted,
            "Total number of HTTP responses with status 500-599 returned by this object since the worker "
                + "process started", code: "5xx"),
        ExportedColumn(
            .otherAnswers, "http_responses_total", .counted,
            "Total number of HTTP responses with status <100, >599 returned by this object since the worker "
                + "process started (error -1 included)", code: "other"),
        ExportedColumn(
            .mostRequestRate, "http_requests_rate_max", .frontends,
            "Highest value of http requests observed since the worker process started"),
        ExportedColumn(
            .requests, "http_requests_total", .counted,
            "Total number of HTTP requests processed by this object since the worker process started"),
        ExportedColumn(
            .clientAborts, "client_aborts_total", .inside,
            "Total number of requests or connections aborted by the client since the worker process started"),
        ExportedColumn(
            .serverAborts, "server_aborts_total", .inside,
            "Total number of requests or connections aborted by the server since the worker process started"),
        ExportedColumn(
            .compressedIn, "http_comp_bytes_in_total", .proxies,
            "Total number of bytes submitted to the HTTP compressor for this object since the worker process "
                + "started"),
        ExportedColumn(
            .compressedOut, "http_comp_bytes_out_total", .proxies,
            "Total number of bytes emitted by the HTTP compressor for this object since the worker process "
                + "started"),
        ExportedColumn(
            .compressionBypassed, "http_comp_bytes_bypassed_total", .proxies,
            "Total number of bytes that bypassed HTTP compression for this object since the worker process "
                + "started (CPU/memory/bandwidth limitation)"),
        ExportedColumn(
            .compressedAnswers, "http_comp_responses_total", .proxies,
            "Total number of HTTP responses that were compressed for this object since the worker process "
                + "started"),
        ExportedColumn(
            .lastSession, "last_session_seconds", .inside,
            "How long ago some traffic was seen on this object on this worker process, in seconds"),
        ExportedColumn(
            .queueTime, "queue_time_average_seconds", .inside,
            "Avg. queue time for last 1024 successful connections.", divisor: 1_000),
        ExportedColumn(
            .connectTime, "connect_time_average_seconds", .inside,
            "Avg. connect time for last 1024 successful connections.", divisor: 1_000),
        ExportedColumn(
            .responseTime, "response_time_average_seconds", .inside,
            "Avg. response time for last 1024 successful connections.", divisor: 1_000),
        ExportedColumn(
            .totalTime, "total_time_average_seconds", .inside,
            "Avg. total time for last 1024 successful connections.", divisor: 1_000),
        ExportedColumn(
            .agentStatus, "agent_status", .servers, "Status of last agent check, per state label value."),
        ExportedColumn(
            .agentCode, "agent_code", .servers, "Status code reported by the latest server agent check"),
        ExportedColumn(
            .agentDuration, "agent_duration_seconds", .servers,
            "Total duration of the latest server agent check, in seconds.", divisor: 1_000),
        ExportedColumn(
            .mostConnectionRate, "connections_rate_max", .frontends,
            "Highest value of connections per second observed since the worker process started"),
        ExportedColumn(
            .connections, "connections_total", .arriving,
            "Total number of new connections accepted on this frontend since the worker process started"),
        ExportedColumn(
            .intercepted, "intercepted_requests_total", .frontends,
            "Total number of HTTP requests intercepted on the frontend (redirects/stats/services) since the "
                + "worker process started"),
        ExportedColumn(
            .deniedConnections, "denied_connections_total", .arriving,
            "Total number of incoming connections blocked on a listener/frontend by a tcp-request connection "
                + "rule since the worker process started"),
        ExportedColumn(
            .deniedSessions, "denied_sessions_total", .arriving,
            "Total number of incoming sessions blocked on a listener/frontend by a tcp-request connection "
                + "rule since the worker process started"),
        ExportedColumn(
            .failedRewrites, "failed_header_rewriting_total", .everywhere,
            "Total number of failed HTTP header rewrites since the worker process started"),
        ExportedColumn(
            .connects, "connection_attempts_total", .inside,
            "Total number of outgoing connection attempts on this backend/server since the worker process "
                + "started"),
        ExportedColumn(
            .reuses, "connection_reuses_total", .inside,
            "Total number of reused connection on this backend/server since the worker process started"),
        ExportedColumn(
            .cacheLookups, "http_cache_lookups_total", .proxies,
            "Total number of HTTP requests looked up in the cache on this frontend/backend since the worker "
                + "process started"),
        ExportedColumn(
            .cacheHits, "http_cache_hits_total", .proxies,
            "Total number of HTTP requests not found in the cache on this frontend/backend since the worker "
                + "process started"),
        ExportedColumn(
            .idle, "idle_connections_current", .servers,
            "Current number of idle connections available for reuse on this server"),
        ExportedColumn(
            .idleLimit, "idle_connections_limit", .servers,
            "Limit on the number of available idle connections on this server (server 'pool_max_conn' "
                + "directive)"),
        ExportedColumn(
            .longestQueueTime, "max_queue_time_seconds", .inside,
            "Maximum observed time spent in the queue", divisor: 1_000),
        ExportedColumn(
            .longestConnectTime, "max_connect_time_seconds", .inside,
            "Maximum observed time spent waiting for a connection to complete", divisor: 1_000),
        ExportedColumn(
            .longestResponseTime, "max_response_time_seconds", .inside,
            "Maximum observed time spent waiting for a server response", divisor: 1_000),
        ExportedColumn(
            .longestTotalTime, "max_total_time_seconds", .inside,
            "Maximum observed total request+response time (request+queue+connect+response+processing)",
            divisor: 1_000),
        ExportedColumn(
            .internalErrors, "internal_errors_total", .everywhere,
            "Total number of internal errors since process started"),
        ExportedColumn(
            .unsafeIdle, "unsafe_idle_connections_current", .servers,
            "Current number of unsafe idle connections"),
        ExportedColumn(
            .safeIdle, "safe_idle_connections_current", .servers, "Current number of safe idle connections"),
        ExportedColumn(
            .usedConnections, "used_connections_current", .servers, "Current number of connections in use"),
        ExportedColumn(
            .neededConnections, "need_connections_current", .servers,
            "Estimated needed number of connections"),
        ExportedColumn(
            .userWeight, "uweight", .inside,
            "Server's user weight, or sum of active servers' user weights for a backend"),
        ExportedColumn(
            .aggregatedServerChecks, "agg_server_check_status", .backends,
            "[DEPRECATED] Backend's aggregated gauge of servers' status"),
        ExportedColumn(
            .aggregatedServers, "agg_server_status", .backends,
            "Backend's aggregated gauge of servers' status"),
        ExportedColumn(
            .aggregatedChecks, "agg_check_status", .backends,
            "Backend's aggregated gauge of servers' state check status"),
    ]
}
