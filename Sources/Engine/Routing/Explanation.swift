import Basics
public import Model
import Wire

/// What would serve a request, and why others would not: what the engine's router does, for people to read.
public struct Explanation: Sendable, Equatable {
    /// The request's host in lower case, without port.
    public let host: String
    /// Its path, without query.
    public let path: String
    /// Whose routes are asked; nil if nobody routes the host.
    public let pattern: HostPattern?
    /// The route that serves it; nil is the default backend.
    public let route: Route?
    /// Where it goes; nil is the engine's own 404.
    public let target: RouteTarget?
    /// Every other route that has to do with the host, and why it does not serve.
    public let others: [Other]
    /// The pool, if there is one.
    public let backend: Backend?

    /// A route that does not serve the request.
    public struct Other: Sendable, Equatable {
        /// Whose it is.
        public let pattern: HostPattern
        /// The route.
        public let route: Route
        /// Why it does not serve.
        public let reason: Reason
    }

    /// Why a route does not serve a request.
    public enum Reason: Sendable, Equatable {
        case pathDiffers
        /// An exact path wins over all others.
        case exactWins
        /// A regular expression wins over prefixes, the longest of them first.
        case expressionWins
        case longerPrefixWins
        /// The host itself has routes, and no second host is asked.
        case hostIsMoreSpecific
    }

    /// What its phases would do with the request; nil if no route serves it, or if it is no request that would be read.
    public let decision: Decision?

    /// Explains a plain GET for `[http[s]://]HOST[:PORT][/PATH][?QUERY]`; nil if there is no host in it.
    public init?(of text: String, in configuration: Configuration) {
        guard let request = AskedRequest(text) else { return nil }
        self.init(of: request, in: configuration)
    }

    /// Explains a request.
    public init(of request: AskedRequest, in configuration: Configuration) {
        let (host, path) = (request.name, request.path)
        let patterns = Explanation.patterns(of: host).filter { configuration.routes[$0] != nil }
        let routes = patterns.first.flatMap { configuration.routes[$0]?.routes } ?? []
        let meaning = MatchedPath.of(path)
        let matched = meaning ?? ""
        let winner = Explanation.winner(for: matched, among: routes)
        let route = winner.map { routes[$0] }
        var others: [Other] = []
        for (index, other) in routes.enumerated() where index != winner {
            let reason: Reason =
                if !other.covers(matched) {
                    .pathDiffers
                } else {
                    Explanation.reason(whyOthersLoseTo: route?.match)
                }
            others.append(Other(pattern: patterns[0], route: other, reason: reason))
        }
        for pattern in patterns.dropFirst() {
            for other in configuration.routes[pattern]?.routes ?? [] {
                let reason = other.covers(matched) ? Reason.hostIsMoreSpecific : .pathDiffers
                others.append(Other(pattern: pattern, route: other, reason: reason))
            }
        }
        (self.host, self.path, pattern, self.route, self.others) = (host, path, patterns.first, route, others)
        // Nobody can say what a server would make of it.
        let ownAnswer: RouteTarget? = meaning == nil && pattern != nil ? .answer(status: 400) : nil
        let target = ownAnswer ?? Explanation.target(of: route, for: matched) ?? configuration.fallback
        let decision = route.flatMap { Decision(request, $0, target, in: configuration) }
        (self.target, self.decision) = (target, decision)
        if case .backend(let name) = target {
            backend = configuration.backends[decision?.backend ?? name]
        } else {
            backend = nil
        }
    }

    /// The hosts that are asked for, in order: the first one with routes is the only one.
    private static func patterns(of host: String) -> [HostPattern] {
        var patterns = [HostPattern.exact(host)]
        if let dot = host.firstIndex(of: "."), dot != host.startIndex {
            patterns.append(.wildcard(String(host[host.index(after: dot)...])))
        }
        return patterns + [.any]
    }

    private static func winner(for path: String, among routes: [Route]) -> Int? {
        var best: Int?
        for (index, route) in routes.enumerated() where route.covers(path) {
            guard let held = best else {
                best = index
                continue
            }
            if route.rank > routes[held].rank { best = index }
        }
        return best
    }

    private static func reason(whyOthersLoseTo winner: PathMatch?) -> Reason {
        switch winner {
        case .exact: .exactWins
        case .expression: .expressionWins
        case .prefix, nil: .longerPrefixWins
        }
    }

    /// What a route's requests get: one that is no regular expression refuses, one that takes too long fails.
    private static func target(of route: Route?, for path: String) -> RouteTarget? {
        guard let route, route.match == .expression else { return route?.target }
        guard let pattern = ExpressionRoutes.pattern(of: route.path) else { return .answer(status: 503) }
        return pattern.outcome(of: path) == .tooCostly ? .answer(status: 500) : route.target
    }
}

extension Route {
    /// Whether a path is one of its own.
    fileprivate func covers(_ other: String) -> Bool {
        switch match {
        case .exact: (MatchedPath.of(path) ?? path).utf8.elementsEqual(other.utf8)
        case .prefix: isPrefix(of: other)
        case .expression:
            (ExpressionRoutes.pattern(of: path) ?? ExpressionRoutes.literal(path))?.outcome(of: other)
                != .nothing
        }
    }

    private func isPrefix(of other: String) -> Bool {
        let path = MatchedPath.of(path) ?? path
        guard path != "/" else { return other.utf8.first == UInt8(ascii: "/") }
        guard other.utf8.starts(with: path.utf8) else { return false }
        let rest = other.utf8.dropFirst(path.utf8.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }

    /// Of two that match, the higher one serves.
    fileprivate var rank: (Int, Int, String) {
        let kind =
            switch match {
            case .exact: 2
            case .expression: 1
            case .prefix: 0
            }
        return (kind, path.utf8.count, path)
    }
}

extension RegularExpression {
    fileprivate func outcome(of path: String) -> MatchOutcome {
        var groups = MatchGroups()
        return path.withView { find(in: $0, MatchMemory(), &groups) }
    }
}
