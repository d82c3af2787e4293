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
        case .prometheus: PrometheusExporter(facts: facts).answer(request)
        case .statistics(let page): statistics(page, request)
        }
    }

    // MARK: Statistics

    private func statistics(_ page: StatisticsPage, _ request: ServiceRequest) -> ServiceAnswer {
        guard ProcessServices.admits(request.fields["authorization"] ?? "", page.users) else {
            return ServiceAnswer(
                401, type: "text/plain", fields: "WWW-Authenticate: Basic realm=\"\(page.realm)\"\r\n",
                body: "You need a valid user and password to access this content.\n")
        }
        let wishes = PageWishes(request.target, uri: page.uri)
        guard request.method == "GET" || request.method == "HEAD" else {
            let orders = StatisticsOrders(engine: facts.engine, scope: page.scope)
            let outcome = request.method == "POST" ? orders.outcome(of: request) : .notUnderstood
            // What was changed is not changed again when the page is asked for again.
            return ServiceAnswer(
                303, type: "text/plain",
                fields:
                    "Cache-Control: no-cache\r\nLocation: \(wishes.address(page.uri, after: outcome))\r\n",
                body: "")
        }
        let table = table(page, wishes)
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
        var html = StatisticsHTML(
            table: table, page: page, version: facts.version,
            uptime: Clock.now() / 1_000_000_000 - min(Clock.now() / 1_000_000_000, facts.startedAt),
            address: page.uri)
        html.mayChange = request.mayChange
        html.outcome = wishes.outcome
        return ServiceAnswer(
            200, type: "text/html", fields: rest + ProcessServices.guards, body: html.text)
    }

    /// What is shown of all there is.
    private func table(_ page: StatisticsPage, _ wishes: PageWishes) -> StatisticsTable {
        var table = StatisticsTable(statistics: facts.engine.statistics(), processLimit: facts.processLimit)
        table.scope.showsDetails = page.showsLegends
        table.scope.hidesDown = wishes.has("up")
        table.scope.hidesMaintenance = wishes.has("no-maint")
        let text = wishes.scope
        if !page.scope.isEmpty || text != nil {
            table.scope.includes = { proxy in
                (page.scope.isEmpty || page.scope.contains(proxy.name))
                    && text.map { proxy.name.contains($0) } != false
            }
        }
        return table
    }

    /// The page has neither scripts nor outside parts, and stands in no other page.
    private static let guards =
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
        + "form-action 'self'; frame-ancestors 'none'\r\nX-Content-Type-Options: nosniff\r\n"

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
}
