import Model

/// Hosts and paths of routes as conditions of samples.
enum RouteConditions {
    /// What a request for the host is known by; nil for every host.
    static func term(_ host: HostPattern) -> RuleCondition.Term? {
        guard let name = try? Expression(.requestField(FieldPick("host")), [.hostOnly]) else { return nil }
        switch host {
        case .any: return nil
        case .exact(let text):
            return .init([SampleTest(name, .text(.exact, [Array(text.utf8)], ignoresCase: true))])
        case .wildcard(let text):
            let dots = text.split(separator: ".").joined(separator: "\\.")
            return .init([SampleTest(name, .regex(["^[^.]+\\.\(dots)$"], ignoresCase: true))])
        }
    }

    /// What a request for the route's path is known by; nil for every path.
    static func term(_ route: Route) -> RuleCondition.Term? {
        guard let path = try? Expression(.ofRequest(.path), [.decodeURL(isForm: false)]) else { return nil }
        let text = Array(route.path.utf8)
        switch route.match {
        case .exact: return .init([SampleTest(path, .text(.exact, [text], ignoresCase: false))])
        case .expression: return .init([SampleTest(path, .regex(["^(?:\(route.path))"], ignoresCase: true))])
        case .prefix where route.path == "/": return nil
        case .prefix:
            return .init([
                SampleTest(path, .text(.exact, [text], ignoresCase: false)),
                SampleTest(path, .text(.prefix, [text + [UInt8(ascii: "/")]], ignoresCase: false)),
            ])
        }
    }

    /// Hosts in the order they are asked in: a name, then its domain, then any.
    static func ordered(_ hosts: some Sequence<HostPattern>) -> [HostPattern] {
        func rank(_ host: HostPattern) -> Int {
            switch host {
            case .exact: 0
            case .wildcard: 1
            case .any: 2
            }
        }
        return hosts.sorted { (rank($0), "\($0)") < (rank($1), "\($1)") }
    }

    /// Routes of a host in the order they are asked in: exact paths, expressions, prefixes, the longest first.
    static func ordered(_ routes: [Route]) -> [Route] {
        func rank(_ route: Route) -> Int {
            switch route.match {
            case .exact: 0
            case .expression: 1
            case .prefix: 2
            }
        }
        return routes.sorted {
            (rank($0), -$0.path.utf8.count, $0.path) < (rank($1), -$1.path.utf8.count, $1.path)
        }
    }

    /// That all of these terms hold, and the condition too.
    static func all(_ terms: [RuleCondition.Term], and condition: RuleCondition?) -> RuleCondition? {
        guard let condition else { return terms.isEmpty ? nil : RuleCondition([terms]) }
        if terms.isEmpty { return condition }
        guard condition.isNegated else {
            return RuleCondition(condition.alternatives.map { terms + $0 })
        }
        // None of the alternatives holds: of each one term does not.
        var rows = [terms]
        for alternative in condition.alternatives {
            rows = rows.flatMap { row in
                alternative.map { row + [RuleCondition.Term($0.tests, isNegated: !$0.isNegated)] }
            }
        }
        return RuleCondition(rows)
    }
}
