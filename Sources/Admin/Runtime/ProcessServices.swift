import Basics
public import Engine
import Model
import Wire

/// What answers requests inside the process: the page of statistics, and HAProxy's exporter for Prometheus.
public struct ProcessServices: Sendable {
    private let facts: RuntimeFacts

    /// Answers about one process.
    public init(_ facts: RuntimeFacts) { self.facts = facts }

    /// The answer to a request.
    public func answer(_ request: ServiceRequest) -> ServiceAnswer {
        switch request.service {
        case .prometheus: metrics(request)
        case .statistics(let page): statistics(page, request)
        }
    }

    // MARK: Statistics

    private func statistics(_ page: StatisticsPage, _ request: ServiceRequest) -> ServiceAnswer {
        guard ProcessServices.admits(request.authorization, page.users) else {
            return ServiceAnswer(
                401, type: "text/plain", fields: "WWW-Authenticate: Basic realm=\"\(page.realm)\"\r\n",
                body: "You need a valid user and password to access this content.\n")
        }
        let wishes = PageWishes(request.target, uri: page.uri)
        var table = StatisticsTable(statistics: facts.engine.statistics(), processLimit: facts.processLimit)
        table.scope.showsDetails = page.showsLegends
        table.scope.hidesDown = wishes.has("up")
        table.scope.hidesMaintenance = wishes.has("no-maint")
        if !page.scope.isEmpty {
            table.scope.includes = { proxy in
                page.scope.contains { $0 == proxy.name || $0 == "." && proxy.name == request.frontend }
            }
        }
        let isRefreshed = page.refresh > 0 && !wishes.has("norefresh")
        let rest = "Cache-Control: no-cache\r\n" + (isRefreshed ? "Refresh: \(page.refresh)\r\n" : "")
        if wishes.has("csv") {
            return ServiceAnswer(200, type: "text/plain", fields: rest, body: StatisticsText.csv(table.rows))
        }
        if wishes.has("typed") {
            return ServiceAnswer(
                200, type: "text/plain", fields: rest, body: StatisticsText.typed(table.rows))
        }
        if wishes.has("json") {
            return ServiceAnswer(
                200, type: "application/json", fields: rest, body: StatisticsText.json(table.rows))
        }
        let html = StatisticsHTML(
            table: table, page: page, version: facts.version,
            uptime: Clock.now() / 1_000_000_000 - min(Clock.now() / 1_000_000_000, facts.startedAt),
            address: page.uri)
        return ServiceAnswer(
            200, type: "text/html", fields: rest + ProcessServices.guards, body: html.text)
    }

    /// The page has neither scripts nor outside parts, and stands in no other page.
    private static let guards =
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
        + "frame-ancestors 'none'\r\nX-Content-Type-Options: nosniff\r\n"

    /// Whether a request says a name and a password of these.
    private static func admits(_ authorization: String, _ users: [UserList.User]) -> Bool {
        guard !users.isEmpty else { return true }
        let words = authorization.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "basic", let said = Base64.decode(String(words[1]))
        else { return false }
        // As long for a wrong one as for a right one of its length.
        return users.contains { user in
            guard case .plain(let password) = user.password else { return false }
            let known = Array("\(user.name):\(password)".utf8)
            guard known.count == said.count else { return false }
            return zip(known, said).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }

    // MARK: Metrics

    private func metrics(_ request: ServiceRequest) -> ServiceAnswer {
        let query = ControlRequest(target: request.target)
        var table = StatisticsTable(statistics: facts.engine.statistics(), processLimit: facts.processLimit)
        table.scope.hidesMaintenance = query.has("no-maint")
        let scopes = ProcessServices.scopes(of: request.target)
        guard let scopes else {
            return ServiceAnswer(400, type: "text/plain", body: "unknown scope\n")
        }
        var families: [MetricFamily] = []
        if scopes.contains("global") { families += processFamilies }
        families += StatisticsFamilies.of(table.rows.filter { scopes.contains($0.kind.word.lowercased()) })
        return ServiceAnswer(
            200, type: "text/plain; version=0.0.4", fields: "Cache-Control: no-cache\r\n",
            body: MetricsText.render(families))
    }

    /// What `scope=` asks for, of which there may be several; nil if one is none.
    private static func scopes(of target: String) -> Set<String>? {
        let all: Set<String> = ["global", "frontend", "listener", "backend", "server", "sticktable"]
        let query = target.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        let asked = query.split(separator: "&").filter { $0.hasPrefix("scope=") }.map { $0.dropFirst(6) }
        guard !asked.isEmpty else { return all }
        var scopes: Set<String> = []
        for word in asked where !word.isEmpty {
            if word == "*" {
                scopes = all
            } else if all.contains(String(word)) {
                scopes.insert(String(word))
            } else {
                return nil
            }
        }
        return scopes
    }

    private var processFamilies: [MetricFamily] {
        let names: [(field: String, name: String)] = [
            ("Nbthread", "nbthread"), ("Nbproc", "nbproc"), ("Process_num", "relative_process_id"),
            ("Uptime_sec", "uptime_seconds"), ("Ulimit-n", "max_fds"), ("Maxconn", "max_connections"),
            ("CurrConns", "current_connections"), ("CumConns", "connections_total"),
            ("CumReq", "requests_total"), ("CumSslConns", "ssl_connections_total"),
            ("DroppedLogs", "dropped_logs_total"),
        ]
        let fields = InfoFields.of(facts, facts.engine.metrics(), now: Clock.now() / 1_000_000_000)
        let numbers = names.compactMap { entry -> MetricFamily? in
            guard let field = fields.first(where: { $0.name == entry.field }),
                let number = Double(field.value)
            else { return nil }
            let kind: MetricFamily.Kind = entry.name.hasSuffix("_total") ? .counter : .gauge
            return MetricFamily("haproxy_process_\(entry.name)", kind, field.purpose + ".", number)
        }
        let build = MetricFamily(
            "haproxy_process_build_info", .gauge, "Build info.",
            [MetricFamily.Sample(1, ["version": facts.version])])
        return numbers + [build]
    }
}

/// What stands behind the address of the page of statistics: words between `;`, `?` and `&`.
struct PageWishes {
    private let words: Set<Substring>

    init(_ target: String, uri: String) {
        words = Set(target.dropFirst(uri.count).split { $0 == ";" || $0 == "?" || $0 == "&" })
    }

    func has(_ word: Substring) -> Bool { words.contains(word) }
}
