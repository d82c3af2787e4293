import Kubernetes
import Model

/// Which canaries stand beside which paths of a host: those of the same path and type, the oldest first.
struct CanaryPlacement {
    let host: HostPattern
    /// Who has the paths.
    let contest: RouteContest
    private(set) var canaries: [RoutePlace: RouteContest.Claim] = [:]
    /// Why others stand beside none.
    private(set) var diagnostics: [Diagnostic] = []

    init(_ contest: RouteContest) { (host, self.contest) = (contest.host, contest) }

    mutating func enter(_ claim: RouteContest.Claim) {
        let reading =
            contest.usesExpressions ? RoutePlace.readExpression(claim.path) : RoutePlace.read(claim.path)
        if case .refused(_, let problem) = reading, problem.field == "path" {
            diagnostics.append(claim.problem(problem))
        }
        guard case .usable(let place) = reading else { return }
        guard let main = contest.winners[place], !main.isRefused else {
            return note(claim, "CanaryOrphan", "no other Ingress has \(host) \(claim.path.path) of this type")
        }
        guard main.ingress.meta.namespace == claim.ingress.meta.namespace else {
            return note(
                claim, "CanaryRefused", "Ingress \(main.ingress.meta.key) is in another namespace")
        }
        guard main.path.backend != claim.path.backend else {
            return note(claim, "CanarySame", "Ingress \(main.ingress.meta.key) leads to the same backend")
        }
        if let other = canaries[place] {
            return note(
                claim, "CanaryConflict", "\(other.ingress.meta.key) is the canary already; a path has one")
        }
        canaries[place] = claim
    }

    private mutating func note(_ claim: RouteContest.Claim, _ reason: String, _ message: String) {
        diagnostics.append(
            Diagnostic(
                .warning, kind: "Ingress", object: Origin(claim.ingress.meta.key), field: claim.field,
                reason: reason, message: "\(message); the canary gets nothing"))
    }
}
