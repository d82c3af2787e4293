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
    /// One for each loser.
    private(set) var conflicts: [Diagnostic] = []

    /// Somebody's wish for a path.
    struct Claim {
        var ingress: Ingress
        var path: IngressPath
        var ruleIndex: Int
        var pathIndex: Int
        /// Whether the path is answered 503 because it makes no sense.
        var isRefused = false
        /// Of the path as it is spelled; no path at all is as long as `/`.
        var length: Int { max(1, path.path.utf8.count) }

        /// Where it stands in its Ingress; most claims are never asked.
        var field: String { "spec.rules[\(ruleIndex)].http.paths[\(pathIndex)]" }

        init(ingress: Ingress, path: IngressPath, ruleIndex: Int, pathIndex: Int) {
            self.ingress = ingress
            self.path = path
            (self.ruleIndex, self.pathIndex) = (ruleIndex, pathIndex)
        }
    }

    init(host: HostPattern, usesExpressions: Bool = false) {
        (self.host, self.usesExpressions) = (host, usesExpressions)
    }

    mutating func enter(_ claim: Claim) {
        switch usesExpressions ? RoutePlace.readExpression(claim.path) : RoutePlace.read(claim.path) {
        case .usable(let place): settle(claim, at: place)
        case .refused(let place, _):
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
        note(loser: isLonger ? holder : claim, winner: isLonger ? claim : holder)
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
                reason: "PathConflict", message: "\(host) \(loser.path.path) is already served \(why)"))
    }
}
