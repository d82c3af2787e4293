public import Model

extension Explanation {
    /// What somebody else knows of the route.
    public struct Note: Sendable, Equatable {
        /// What it is called by, if it does something.
        public var name: String?
        /// One line.
        public var text: String

        /// A note from its parts.
        public init(name: String?, text: String) { (self.name, self.text) = (name, text) }
    }

    /// What people read; of `findings` those about objects that have to do with the host. `notes` say what else happens to
    /// requests of the route, in order.
    public func text(findings: [Diagnostic] = [], notes: [Note] = []) -> String {
        var lines = ["\(host)\(path): \(verdict)"]
        for server in backend?.servers ?? [] {
            let address = server.address.contains(":") ? "[\(server.address)]" : server.address
            lines.append(
                "  server \(address):\(server.port)\(server.relay?.pathPrefix ?? "")  \(server.name)")
        }
        if route != nil, decision == nil { lines.append("  such a request is not read: 400") }
        if let decision, !decision.steps.isEmpty { lines += ["decision:"] + decision.lines(notes) }
        if !notes.isEmpty { lines.append("annotations:") }
        lines += notes.map { "  \($0.text)" }
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
        case .answer where decision?.end?.hasPrefix(";") ?? false: "served by \(source)\(decision?.end ?? "")"
        case .answer(status: 404): "404 by \(source), and there is no default backend"
        case .answer(let status): "\(status) by \(source), whose backend cannot be used"
        case .backend(let name):
            "served by \(source), backend \(decision?.backend ?? name)"
                + (decision?.end ?? (backend?.servers.isEmpty ?? true ? ", no server: 503" : ""))
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
}
