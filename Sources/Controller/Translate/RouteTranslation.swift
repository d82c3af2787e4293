import Kubernetes
import Model

/// The routes of one host from all Ingresses that name it. A pure function of the state.
struct RouteTranslation {
    let state: ClusterState
    let selection: ClassSelection
    let resolution: ServiceResolution

    /// The host's routes, nil if nobody routes it, and the diagnostics of those who lost a path to another.
    ///
    /// A host that is named without any path has no routes: its requests go to the fallback.
    func routes(of host: HostPattern) -> (routes: HostRoutes?, conflicts: [Diagnostic]) {
        var contest = RouteContest(host: host)
        var isNamed = false
        for ingress in oldestFirst(state.ingressesByHost[host]) {
            for (ruleIndex, rule) in ingress.rules.enumerated() where HostPattern(rule.host) == host {
                isNamed = true
                for (pathIndex, path) in (rule.paths ?? []).enumerated() {
                    contest.enter(
                        RouteContest.Claim(
                            ingress: ingress, path: path, ruleIndex: ruleIndex, pathIndex: pathIndex))
                }
            }
        }
        guard isNamed else { return (nil, []) }
        let routes = contest.winners.map { place, claim in route(place, claim) }
        return (HostRoutes(routes.sorted(by: RouteTranslation.precedes)), contest.conflicts)
    }

    /// The selected ones, by age and then by name: who comes first wins.
    func oldestFirst(_ keys: Set<ObjectKey>) -> [Ingress] {
        keys.compactMap { state.ingresses[$0] }.filter { selection.selects($0) }.sorted {
            ($0.meta.creationTimestamp, $0.meta.key) < ($1.meta.creationTimestamp, $1.meta.key)
        }
    }

    /// Why `winner` comes first, as a message says it.
    static func reason(_ winner: Ingress, before loser: Ingress) -> String {
        winner.meta.creationTimestamp < loser.meta.creationTimestamp
            ? "which is older" : "of the same age and first by name"
    }

    private func route(_ place: RoutePlace, _ claim: RouteContest.Claim) -> Route {
        let target =
            claim.isRefused
            ? RouteTarget.answer(status: 503)
            : resolution.resolve(claim.path.backend, namespace: claim.ingress.meta.namespace).target
        return Route(
            path: place.path, match: place.match, target: target, origin: Origin(claim.ingress.meta.key))
    }

    private static func precedes(_ left: Route, _ right: Route) -> Bool {
        (left.path, left.match == .exact ? 0 : 1) < (right.path, right.match == .exact ? 0 : 1)
    }
}

extension Origin {
    /// The object with this key.
    init(_ key: ObjectKey) { self.init(namespace: key.namespace, name: key.name) }
}
