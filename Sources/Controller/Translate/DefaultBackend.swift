import Kubernetes
import Model

/// Where requests go that no path is for: to the oldest Ingress's default backend, else to the flag's, else nowhere.
struct DefaultBackend {
    /// Nil is nowhere.
    private(set) var target: RouteTarget?
    /// Where they go instead under the annotations of an Ingress; nil if there is none that says anything of them.
    private(set) var rest: Rest?
    private(set) var diagnostics: [Diagnostic] = []

    /// A route of everything, in hosts of which no path is all and of unknown hosts.
    struct Rest: Equatable {
        var route: Route
        /// Whether anybody is kept out there: annotations of other Ingresses do not lead there then.
        var isGuarded: Bool
        /// What it uses of a Service in the way of its Ingress; nil is what every Ingress uses.
        var use: IngressUses.PortUse?
    }

    init(_ routes: RouteTranslation) {
        let plans = routes.plans
        let holders = routes.oldestFirst(routes.state.ingressesWithDefault).filter {
            !plans[$0.meta.key].isLeftOut && !plans[$0.meta.key].isCanary
        }
        guard let first = holders.first, let backend = first.defaultBackend else {
            takeFlag(routes.resolution)
            return
        }
        if let why = plans[first.meta.key].whyClosedToAll {
            target = .answer(status: 503)
            note(first, .error, "DefaultBackendRefused", "\(why); answered 503")
        } else if let rest = routes.rest(of: first) {
            takeFlag(routes.resolution)
            self.rest = rest
        } else {
            target = routes.resolution.resolve(backend, namespace: first.meta.namespace).target
        }
        for loser in holders.dropFirst() {
            note(
                loser, .warning, "DefaultBackendConflict",
                "the default backend is that of Ingress \(first.meta.key), \(RouteTranslation.reason(first, before: loser)); only one holds"
            )
        }
    }

    /// The flag's Service by its first TCP port.
    private mutating func takeFlag(_ resolution: ServiceResolution) {
        guard let key = resolution.settings.defaultBackend else { return }
        let outcome = resolution.resolve(firstOf: key)
        target = outcome.target
        guard case .failed(let reason, let message) = outcome else { return }
        diagnostics.append(
            Diagnostic(
                .error, kind: "Service", object: Origin(key), reason: reason,
                message: "the default backend of the flags: \(message)"))
    }

    private mutating func note(
        _ ingress: Ingress, _ severity: Diagnostic.Severity, _ reason: String, _ message: String
    ) {
        diagnostics.append(
            Diagnostic(
                severity, kind: "Ingress", object: Origin(ingress.meta.key), field: "spec.defaultBackend",
                reason: reason, message: message))
    }
}
