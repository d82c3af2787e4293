import Kubernetes
import Model

/// Who gets which path of a host when several paths of Ingresses want the same one.
///
/// Claims are entered oldest Ingress first. Of two spellings of one prefix the longer wins (`/foo/` over `/foo`: both match
/// the same requests), else the earlier; what could not be read never takes a path from what could.
struct RouteContest {
    let host: HostPattern
    /// Whether paths are regular expressions.
    let usesExpressions: Bool
    private(set) var winners: [RoutePlace: Claim] = [:]
    /// One for each loser, and for each path that makes no sense.
    private(set) var conflicts: [Diagnostic] = []
    /// Places that somebody lost who spells them without a slash at the end.
    private(set) var lostWithoutSlash: Set<RoutePlace> = []

    /// Somebody's wish for a path.
    struct Claim {
        var ingress: Ingress
        var path: IngressPath
        var ruleIndex: Int
        var pathIndex: Int
        /// Whether the path is answered 503 because it makes no sense.
        var isRefused = false
        /// Where it leads, if that is not the path's backend.
        var target: RouteTarget?
        /// Of the path as it is spelled; no path at all is as long as `/`.
        var length: Int { max(1, path.path.utf8.count) }

        /// Where it stands in its Ingress; most claims are never asked.
        var field: String { "spec.rules[\(ruleIndex)].http.paths[\(pathIndex)]" }

        init(ingress: Ingress, path: IngressPath, ruleIndex: Int, pathIndex: Int) {
            self.ingress = ingress
            self.path = path
            (self.ruleIndex, self.pathIndex) = (ruleIndex, pathIndex)
        }

        /// What is wrong with its path.
        func problem(_ problem: RoutePlace.Problem) -> Diagnostic {
            Diagnostic(
                .error, kind: "Ingress", object: Origin(ingress.meta.key), field: "\(field).\(problem.field)",
                reason: problem.reason, message: problem.message)
        }
    }

    init(host: HostPattern, usesExpressions: Bool = false) {
        (self.host, self.usesExpressions) = (host, usesExpressions)
    }

    mutating func enter(_ claim: Claim) {
        switch usesExpressions ? RoutePlace.readExpression(claim.path) : RoutePlace.read(claim.path) {
        case .usable(let place): settle(claim, at: place)
        case .refused(let place, let problem):
            // Whether a path makes no sense depends on the host: as a regular expression it may.
            if problem.field == "path" { conflicts.append(claim.problem(problem)) }
            var claim = claim
            claim.isRefused = true
            if winners[place] == nil { winners[place] = claim }
        case .unusable: break
        }
    }

    private mutating func settle(_ claim: Claim, at place: RoutePlace) {
        guard let holder = winners[place], !holder.isRefused else {
            winners[place] = claim
            return
        }
        let isLonger = claim.length > holder.length
        if isLonger { winners[place] = claim }
        let loser = isLonger ? holder : claim
        if loser.path.path == place.path { lostWithoutSlash.insert(place) }
        note(loser: loser, winner: isLonger ? claim : holder)
    }

    private mutating func note(loser: Claim, winner: Claim) {
        let isSameObject = loser.ingress.meta.key == winner.ingress.meta.key
        // `/foo` and `/foo/` side by side in one Ingress are a habit, not a mistake, if they mean the same.
        if isSameObject, loser.path.backend == winner.path.backend { return }
        let why =
            if winner.length > loser.length {
                "by the longer spelling \(winner.path.path) of Ingress \(winner.ingress.meta.key)"
            } else if isSameObject {
                "by an earlier path of the same Ingress (\(winner.field))"
            } else {
                "by Ingress \(winner.ingress.meta.key), \(RouteTranslation.reason(winner.ingress, before: loser.ingress))"
            }
        conflicts.append(
            Diagnostic(
                .warning, kind: "Ingress", object: Origin(loser.ingress.meta.key), field: loser.field,
                reason: "PathConflict",
                message:
                    "\(host) \(loser.path.path) is already served \(why); take another host or path for it"))
    }
}
