import Kubernetes
import Model

// What no path of an Ingress is for.

extension RouteTranslation {
    /// The route of everything to the default backend of an Ingress, under its annotations; nil if these say nothing of it. They send nobody
    /// elsewhere there and rewrite nothing, as in ingress-nginx. Without annotations what holds for all is asked of the fallback too, but
    /// for who is asked about requests.
    func rest(of ingress: Ingress) -> DefaultBackend.Rest? {
        let (key, plan) = (ingress.meta.key, plans[ingress.meta.key])
        guard plans.isAnnotated(key) || plan.guardsPaths, let backend = ingress.defaultBackend else {
            return nil
        }
        let outcome = resolution.resolve(backend, namespace: key.namespace)
        var names = TemplateNames()
        (names.namespace, names.ingress, names.path, names.server) = (key.namespace, key.name, "/", "_")
        if case .service(let service, _) = backend { names.service = service }
        if case .backend(_, _, let port) = outcome { names.port = "\(port.port)" }
        var route = Route(path: "/", match: .prefix, target: outcome.target, origin: Origin(key))
        (route.rules, route.limits) = (plan.rulesOfRest(names), plan.limits(route.origin))
        guard route.rules != nil || route.limits != nil || plan.changesBackends else { return nil }
        var rest = DefaultBackend.Rest(route: route, isGuarded: plan.guardsPaths)
        if plan.changesBackends, case .backend(let name) = outcome.target,
            case .service(let service, let port) = backend
        {
            let own = name.variant(of: key.name)
            rest.route.target = .backend(own)
            rest.route.alternatives = RouteTranslation.alternatives(
                to: own, nil, speaksAsClient: plan.speaksAsClient)
            rest.use = IngressUses.PortUse(
                service: ObjectKey(namespace: key.namespace, name: service), port: port, ingress: key.name)
        }
        return rest
    }

    /// Routes that a host has beside those of its paths; `isRooted` says whether one of these is for everything.
    func others(than contest: RouteContest, of host: HostPattern, isRooted: Bool) -> [Route] {
        var routes = slashes(of: contest)
        if let rest, !isRooted { routes.append(rest.route) }
        if host == .any, let health,
            contest.winners[RoutePlace(path: health.path, match: .prefix)] == nil
        {
            routes.append(health)
        }
        return routes
    }

    /// Requests for `/healthz` of a host that nobody has are answered 200 and not logged, where defaults are ingress-nginx's: load
    /// balancers ask for it. Who has the path himself, keeps it.
    var health: Route? {
        guard selection.settings.usual == .nginx else { return nil }
        var route = Route(
            path: "/healthz", match: .prefix, target: .answer(status: 200),
            origin: Origin(namespace: "", name: "healthz"))
        let page = ErrorPage(status: 200, reason: "OK", contentType: "", body: [])
        route.rules = RouteRules(first: [
            HTTPRule(.setLogLevel(nil)), HTTPRule(.answer(.own(page, loggedAs: 200))),
        ])
        return route
    }

    /// Routes that send requests for a path without its slash at the end there with 301, where defaults are ingress-nginx's: `/foo` of a
    /// path `/foo/`. nginx answers so before anything of the path is looked at. Nobody is sent who asks for a path
    /// that an Ingress spells without the slash, whoever has it.
    private func slashes(of contest: RouteContest) -> [Route] {
        guard selection.settings.usual == .nginx, !contest.usesExpressions else { return [] }
        return contest.winners.compactMap { place, claim in
            let path = claim.path.path
            // With two of them the answer would be sent to itself: `/foo//` is asked for as `/foo/`.
            guard path.utf8.count > 1, path.hasSuffix("/"), !path.hasSuffix("//"), !claim.isRefused else {
                return nil
            }
            let short = String(path.dropLast())
            let prefix = RoutePlace(path: short, match: .prefix)
            guard contest.winners[RoutePlace(path: short, match: .exact)] == nil,
                contest.winners[prefix].map({ $0.path.path.hasSuffix("/") }) ?? true,
                !contest.lostWithoutSlash.contains(prefix)
            else { return nil }
            let said = plans[claim.ingress.meta.key].reading.values.redirects
            guard let rule = said.slash(path) else { return nil }
            var route = Route(
                path: short, match: .exact, target: .answer(status: 404),
                origin: Origin(claim.ingress.meta.key))
            route.rules = RouteRules(first: [rule])
            return route
        }
    }
}
