public import Model

extension Explanation {
    /// What people read; of `findings` those about objects that have to do with the host. `notes` say what else happens to
    /// requests of the route, in order.
    public func text(findings: [Diagnostic] = [], notes: [String] = []) -> String {
        var lines = ["\(host)\(path): \(verdict)"]
        for server in backend?.servers ?? [] {
            let address = server.address.contains(":") ? "[\(server.address)]" : server.address
            lines.append("  server \(address):\(server.port)  \(server.name)")
        }
        if let route { lines += Explanation.steps(of: route) }
        if !notes.isEmpty { lines.append("annotations:") }
        lines += notes.map { "  \($0)" }
        if let pattern, route == nil {
            lines.append("  \(pattern) has routes, none for this path; no other host is asked")
        }
        if !others.isEmpty { lines.append("not served by:") }
        for other in others { lines.append("  \(describe(other.route, of: other.pattern)): \(why(other))") }
        let related = findings.filter(concerns)
        if !related.isEmpty { lines.append("findings:") }
        lines += related.map { "  \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private var verdict: String {
        switch target {
        case nil: "404, nothing matches and there is no default backend"
        case .answer(let status): "\(status) by \(source), whose backend cannot be used"
        case .backend(let name):
            "served by \(source), backend \(name)"
                + (backend?.servers.isEmpty ?? true ? ", no server: 503" : "")
        }
    }

    private var source: String {
        guard let route, let pattern else { return "the default backend" }
        return describe(route, of: pattern)
    }

    private func describe(_ route: Route, of pattern: HostPattern) -> String {
        let kind =
            switch route.match {
            case .exact: "exact"
            case .expression: "expression"
            case .prefix: "prefix"
            }
        return "Ingress \(route.origin.namespace)/\(route.origin.name) (\(pattern) \(kind) \(route.path))"
    }

    private func why(_ other: Other) -> String {
        switch other.reason {
        case .pathDiffers: "its path is another"
        case .exactWins: "an exact path wins over all others"
        case .expressionWins: "a regular expression wins over prefixes, the longest first"
        case .longerPrefixWins: "a longer prefix wins"
        case .hostIsMoreSpecific:
            "\(pattern.map(\.description) ?? host) is more specific, no other host is asked"
        }
    }

    /// About the host, or about an Ingress that has a route of it.
    private func concerns(_ finding: Diagnostic) -> Bool {
        let origins = others.map(\.route.origin) + (route.map { [$0.origin] } ?? [])
        guard finding.kind == "Ingress" else { return false }
        return origins.contains(finding.object) || finding.message.hasPrefix("\(host) ")
    }

    /// What the route does with its requests before and behind the server, in order.
    private static func steps(of route: Route) -> [String] {
        var steps: [String] = []
        if let limit = route.limits?.maxBodySize, limit > 0 {
            steps.append("a body of more than \(limit) bytes: 413")
        }
        steps += (route.rules?.first ?? []).map(step)
        steps += (route.rules?.unsecured ?? []).map { "without TLS, \(step($0))" }
        if let limits = route.limits, limits.maxRequests > 0 || limits.rate != nil {
            steps.append("more requests than its limits: \(limits.status)")
        }
        steps += (route.rules?.access ?? []).map(step)
        if let asked = route.rules?.authorization {
            let who = asked.backend?.description ?? "another host of this proxy"
            steps.append("\(asked.needless == nil ? "" : "perhaps ")let in by \(who), or not: 401, 403")
        }
        if let mirror = route.rules?.mirror { steps.append("copied to \(mirror.backend)") }
        steps += (route.rules?.request ?? []).map(step)
        if let errors = route.rules?.errors, !errors.statuses.isEmpty {
            let codes = errors.statuses.map { "\($0)" }.joined(separator: ", ")
            steps.append("errors \(codes): answered by \(errors.backend)")
        }
        steps += (route.rules?.response ?? []).map { "answers: \(step($0))" }
        steps += (route.rules?.after ?? []).map { "all answers: \(step($0))" }
        return steps.map { "  then \($0)" }
    }

    private static func step(_ rule: HTTPRule) -> String {
        let condition = rule.condition == nil ? "" : "perhaps "
        return switch rule.action {
        case .redirect(let redirect): "\(condition)sent elsewhere with \(redirect.status)"
        case .deny(.page(let status)): "\(condition)refused with \(status)"
        case .deny, .tarpit, .reject, .silentDrop: "\(condition)refused"
        case .answer: "\(condition)answered here"
        case .authenticate: "\(condition)asked for name and password: 401"
        case .change: "\(condition)changed"
        case .limitBandwidth(let limit):
            "\(condition)held back to \(limit.bytes) bytes in \(limit.period) ms"
        default: "\(condition)something noted"
        }
    }
}
