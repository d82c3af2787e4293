import Engine
import Model

/// Changes of servers that somebody asks for on the page of statistics.
struct StatisticsOrders {
    let engine: Engine
    /// The sections that the page may show; all without any.
    let scope: [String]

    /// What comes of a request.
    func outcome(of request: ServiceRequest) -> StatisticsOutcome {
        guard request.mayChange, StatisticsOrders.isFromOwnPage(request) else { return .denied }
        guard let body = request.body else { return .exceeded }
        let form = StatisticsForm(body)
        guard let named = form.backend else { return form.isBroken ? .broken : .unchanged }
        let backend = backend(named: named)
        // Who may not see a section is not told whether it exists.
        if !scope.isEmpty, backend.map({ scope.contains($0) }) != true { return .denied }
        guard let backend, !form.isBroken else { return .broken }
        guard let action = form.action else { return .unchanged }
        var (changed, counted) = (0, 0)
        var seen: Set<String> = []
        for name in form.servers where seen.insert(name).inserted {
            guard let server = engine.server(name, of: backend) else {
                counted += 1
                continue
            }
            guard let order = action.order(server.state, server.model.check) else { continue }
            counted += 1
            if engine.steer(name, of: backend, order) { changed += 1 }
        }
        return StatisticsOutcome(changed: changed, of: counted)
    }

    /// By its name, or `#` and its number.
    private func backend(named name: String) -> String? {
        guard name.hasPrefix("#") else { return engine.backendNames().contains(name) ? name : nil }
        guard let number = UInt64(name.dropFirst()) else { return nil }
        return StatisticsTable(statistics: engine.statistics()).numbered
            .first { $0.id == number && $0.proxy.backend != nil }?.proxy.name
    }

    /// Whether a browser sends it from the page itself: another site's form says where it comes from (RFC 6454, Fetch), and
    /// programs say nothing.
    static func isFromOwnPage(_ request: ServiceRequest) -> Bool {
        if let site = request.fields["sec-fetch-site"], site != "same-origin", site != "none" { return false }
        guard let source = request.fields["origin"] ?? request.fields["referer"] else { return true }
        let parts = source.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, ["http:", "https:"].contains(parts[0].lowercased()), parts[1].isEmpty else {
            return false
        }
        let authority = parts[2].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return !authority.isEmpty && authority.lowercased() == request.host.lowercased()
    }
}
