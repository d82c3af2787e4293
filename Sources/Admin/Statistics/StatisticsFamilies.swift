import Engine

/// Statistics as HAProxy's exporter for Prometheus names them.
enum StatisticsFamilies {
    /// A column as a family.
    private struct Entry {
        let column: StatisticsColumn
        let name: String
        let kinds: Kinds
        /// By what its numbers are divided: times are milliseconds.
        var divisor = 1.0
        /// Labels besides.
        var code: String?

        init(
            _ column: StatisticsColumn, _ name: String, _ kinds: Kinds, divisor: Double = 1,
            code: String? = nil
        ) {
            (self.column, self.name, self.kinds) = (column, name, kinds)
            (self.divisor, self.code) = (divisor, code)
        }

        /// Whether it is told of sections of mode http alone.
        var isOfHTTP: Bool { name.hasPrefix("http_") }

        /// Whether it is told of servers that do not have it too.
        var isAlways: Bool {
            [.failedChecks, .downs, .downtime, .throttle, .idleLimit, .sessionLimit, .queueLimit].contains(
                column)
        }
    }

    private struct Kinds: OptionSet {
        let rawValue: Int
        static let frontends = Kinds(rawValue: 1)
        static let backends = Kinds(rawValue: 2)
        static let servers = Kinds(rawValue: 4)
        static let inside: Kinds = [.backends, .servers]
        static let proxies: Kinds = [.frontends, .backends]
        static let all: Kinds = [.frontends, .backends, .servers]

        func has(_ kind: StatisticsRow.Kind) -> Bool { contains(Kinds(rawValue: 1 << kind.rawValue)) }
    }

    private static let entries: [Entry] = [
        Entry(.queue, "current_queue", .inside), Entry(.mostQueue, "max_queue", .inside),
        Entry(.sessions, "current_sessions", .all), Entry(.mostSessions, "max_sessions", .all),
        Entry(.sessionLimit, "limit_sessions", .all), Entry(.allSessions, "sessions_total", .all),
        Entry(.bytesIn, "bytes_in_total", .all), Entry(.bytesOut, "bytes_out_total", .all),
        Entry(.deniedRequests, "requests_denied_total", .proxies),
        Entry(.deniedAnswers, "responses_denied_total", .all),
        Entry(.requestErrors, "request_errors_total", .frontends),
        Entry(.connectionErrors, "connection_errors_total", .inside),
        Entry(.answerErrors, "response_errors_total", .inside),
        Entry(.retries, "retry_warnings_total", .inside),
        Entry(.redispatches, "redispatch_warnings_total", .inside), Entry(.weight, "weight", .inside),
        Entry(.active, "active_servers", .backends), Entry(.backup, "backup_servers", .backends),
        Entry(.failedChecks, "check_failures_total", .servers), Entry(.downs, "check_up_down_total", .inside),
        Entry(.lastChange, "check_last_change_seconds", .inside),
        Entry(.downtime, "downtime_seconds_total", .inside), Entry(.queueLimit, "queue_limit", .servers),
        Entry(.throttle, "current_throttle", .servers), Entry(.balanced, "loadbalanced_total", .inside),
        Entry(.rateLimit, "limit_session_rate", .frontends),
        Entry(.mostRate, "max_session_rate", .all), Entry(.checkCode, "check_code", .servers),
        Entry(.checkDuration, "check_duration_seconds", .servers, divisor: 1_000),
        Entry(.answers1xx, "http_responses_total", .all, code: "1xx"),
        Entry(.answers2xx, "http_responses_total", .all, code: "2xx"),
        Entry(.answers3xx, "http_responses_total", .all, code: "3xx"),
        Entry(.answers4xx, "http_responses_total", .all, code: "4xx"),
        Entry(.answers5xx, "http_responses_total", .all, code: "5xx"),
        Entry(.otherAnswers, "http_responses_total", .all, code: "other"),
        Entry(.mostRequestRate, "http_requests_rate_max", .frontends),
        Entry(.requests, "http_requests_total", .proxies),
        Entry(.clientAborts, "client_aborts_total", .inside),
        Entry(.serverAborts, "server_aborts_total", .inside),
        Entry(.compressedIn, "http_comp_bytes_in_total", .proxies),
        Entry(.compressedOut, "http_comp_bytes_out_total", .proxies),
        Entry(.compressionBypassed, "http_comp_bytes_bypassed_total", .proxies),
        Entry(.compressedAnswers, "http_comp_responses_total", .proxies),
        Entry(.lastSession, "last_session_seconds", .inside),
        Entry(.queueTime, "queue_time_average_seconds", .inside, divisor: 1_000),
        Entry(.connectTime, "connect_time_average_seconds", .inside, divisor: 1_000),
        Entry(.responseTime, "response_time_average_seconds", .inside, divisor: 1_000),
        Entry(.totalTime, "total_time_average_seconds", .inside, divisor: 1_000),
        Entry(.mostConnectionRate, "connections_rate_max", .frontends),
        Entry(.connections, "connections_total", .frontends),
        Entry(.intercepted, "intercepted_requests_total", .frontends),
        Entry(.deniedConnections, "denied_connections_total", .frontends),
        Entry(.deniedSessions, "denied_sessions_total", .frontends),
        Entry(.failedRewrites, "failed_header_rewriting_total", .all),
        Entry(.connects, "connection_attempts_total", .inside),
        Entry(.reuses, "connection_reuses_total", .inside),
        Entry(.cacheLookups, "http_cache_lookups_total", .proxies),
        Entry(.cacheHits, "http_cache_hits_total", .proxies),
        Entry(.idle, "idle_connections_current", .servers),
        Entry(.idleLimit, "idle_connections_limit", .servers),
        Entry(.longestQueueTime, "max_queue_time_seconds", .inside, divisor: 1_000),
        Entry(.longestConnectTime, "max_connect_time_seconds", .inside, divisor: 1_000),
        Entry(.longestResponseTime, "max_response_time_seconds", .inside, divisor: 1_000),
        Entry(.longestTotalTime, "max_total_time_seconds", .inside, divisor: 1_000),
        Entry(.internalErrors, "internal_errors_total", .all),
        Entry(.unsafeIdle, "unsafe_idle_connections_current", .servers),
        Entry(.safeIdle, "safe_idle_connections_current", .servers),
        Entry(.usedConnections, "used_connections_current", .servers),
        Entry(.neededConnections, "need_connections_current", .servers),
        Entry(.userWeight, "uweight", .inside),
    ]

    /// The families of these lines: frontends, backends, servers.
    static func of(_ rows: [StatisticsRow]) -> [MetricFamily] {
        [StatisticsRow.Kind.frontend, .backend, .server].flatMap { kind in
            let rows = rows.filter { $0.kind == kind }
            return [status(of: rows, kind)] + numbers(of: rows, kind)
        }
    }

    private static func numbers(of rows: [StatisticsRow], _ kind: StatisticsRow.Kind) -> [MetricFamily] {
        var families: [MetricFamily] = []
        for entry in entries where entry.kinds.has(kind) {
            let name = "haproxy_\(kind.word.lowercased())_\(entry.name)"
            let samples = rows.compactMap { sample(entry, $0) }
            if families.last?.name == name {
                families[families.count - 1].samples += samples
            } else {
                let isCounter = entry.name.hasSuffix("_total")
                families.append(MetricFamily(name, isCounter ? .counter : .gauge, help(entry.name), samples))
            }
        }
        return families
    }

    private static func sample(_ entry: Entry, _ row: StatisticsRow) -> MetricFamily.Sample? {
        if entry.isOfHTTP, row[.mode]?.text != "http" { return nil }
        let value = row[entry.column]
        guard value != nil || entry.isAlways && row.kind == .server else { return nil }
        // Ages that are none are -1; what a server does not have is no number.
        let number = value.map { $0.number.map { Double($0) / entry.divisor } ?? -1 } ?? .nan
        let code = entry.code.map { [MetricFamily.Label(name: "code", value: $0)] } ?? []
        return MetricFamily.Sample(suffix: "", labels: labels(of: row) + code, value: number)
    }

    private static func labels(of row: StatisticsRow) -> [MetricFamily.Label] {
        let proxy = MetricFamily.Label(name: "proxy", value: row[.proxy]?.text ?? "")
        guard row.kind == .server else { return [proxy] }
        return [proxy, MetricFamily.Label(name: "server", value: row[.service]?.text ?? "")]
    }

    /// One series for each state, of which one is 1.
    private static func status(of rows: [StatisticsRow], _ kind: StatisticsRow.Kind) -> MetricFamily {
        let states = kind == .server ? ["DOWN", "UP", "MAINT", "DRAIN", "NOLB"] : ["DOWN", "UP"]
        let samples = rows.flatMap { row in
            let state = state(of: row)
            return states.map { name in
                MetricFamily.Sample(
                    suffix: "", labels: labels(of: row) + [MetricFamily.Label(name: "state", value: name)],
                    value: name == state ? 1 : 0)
            }
        }
        return MetricFamily("haproxy_\(kind.word.lowercased())_status", .gauge, help("status"), samples)
    }

    private static func state(of row: StatisticsRow) -> String {
        let word = row[.status]?.text ?? ""
        if word == "OPEN" || word == "no check" { return "UP" }
        return word.split(separator: " ").first.map(String.init) ?? ""
    }

    /// What a name says in words.
    private static func help(_ name: String) -> String {
        let words = name.split(separator: "_").joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst() + "."
    }
}
