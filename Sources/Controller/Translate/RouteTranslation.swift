import Kubernetes
import Model

/// The routes of one host from all Ingresses that name it. A pure function of the state.
struct RouteTranslation {
    let state: ClusterState
    let selection: ClassSelection
    let resolution: ServiceResolution

    /// The host's routes, nil if nobody routes it, and the diagnostics of those who lost a path to an older Ingress.
    func routes(of host: HostPattern) -> (routes: HostRoutes?, conflicts: [Diagnostic]) {
        var taken: [Place: Claim] = [:]
        var conflicts: [Diagnostic] = []
        var isNamed = false
        for ingress in oldestFirst(state.ingressesByHost[host]) {
            for (ruleIndex, rule) in ingress.rules.enumerated() where HostPattern(rule.host) == host {
                isNamed = true
                for (pathIndex, path) in (rule.paths ?? []).enumerated() {
                    guard let place = Place(path) else { continue }
                    let field = "spec.rules[\(ruleIndex)].http.paths[\(pathIndex)]"
                    let claim = Claim(ingress: ingress, path: path, field: field)
                    settle(claim, at: place, host, &taken, &conflicts)
                }
            }
        }
        guard isNamed else { return (nil, []) }
        let routes = taken.map { place, claim in route(place, claim) }
        return (
            HostRoutes(
                routes.sorted {
                    ($0.path, $0.match == .exact ? 0 : 1) < ($1.path, $1.match == .exact ? 0 : 1)
                }), conflicts
        )
    }

    /// The selected ones, by age and then by name: who comes first wins.
    func oldestFirst(_ keys: Set<ObjectKey>) -> [Ingress] {
        keys.compactMap { state.ingresses[$0] }.filter { selection.selects($0) }.sorted {
            ($0.meta.creationTimestamp, $0.meta.key) < ($1.meta.creationTimestamp, $1.meta.key)
        }
    }

    /// A path and how it is matched, as the engine wants it.
    struct Place: Hashable {
        let path: String
        let match: PathMatch

        /// nil when the path can not be a route at all; `IngressCheck` says why.
        init?(_ path: IngressPath) {
            switch path.pathType {
            case "Exact":
                guard path.path.utf8.first == UInt8(ascii: "/") else { return nil }
                (self.path, match) = (path.path, .exact)
            case "Prefix", "ImplementationSpecific":
                if path.path.isEmpty, path.pathType == "ImplementationSpecific" {
                    (self.path, match) = ("/", .prefix)
                    return
                }
                guard path.path.utf8.first == UInt8(ascii: "/") else { return nil }
                var trimmed = Substring(path.path)
                while trimmed.utf8.count > 1, trimmed.utf8.last == UInt8(ascii: "/") { trimmed.removeLast() }
                (self.path, match) = (String(trimmed), .prefix)
            default: return nil
            }
        }
    }

    /// Who wants a place.
    private struct Claim {
        var ingress: Ingress
        var path: IngressPath
        var field: String
    }

    /// Of two spellings of one prefix the longer wins (`/foo/` over `/foo`); of equal ones the older.
    private func settle(
        _ claim: Claim, at place: Place, _ host: HostPattern, _ taken: inout [Place: Claim],
        _ conflicts: inout [Diagnostic]
    ) {
        guard let holder = taken[place] else {
            taken[place] = claim
            return
        }
        let wins = claim.path.path.utf8.count > holder.path.path.utf8.count
        if wins { taken[place] = claim }
        let (winner, loser) = wins ? (claim, holder) : (holder, claim)
        conflicts.append(
            Diagnostic(
                .warning, kind: "Ingress", object: Origin(loser.ingress.meta.key), field: loser.field,
                reason: "PathConflict",
                message: "\(host) \(loser.path.path) is served by Ingress \(winner.ingress.meta.key), "
                    + (wins ? "whose path is longer" : "which is older")))
    }

    private func route(_ place: Place, _ claim: Claim) -> Route {
        let outcome = resolution.resolve(claim.path.backend, namespace: claim.ingress.meta.namespace)
        return Route(
            path: place.path, match: place.match, target: outcome.target,
            origin: Origin(claim.ingress.meta.key))
    }
}

extension Origin {
    /// The object with this key.
    init(_ key: ObjectKey) { self.init(namespace: key.namespace, name: key.name) }
}
