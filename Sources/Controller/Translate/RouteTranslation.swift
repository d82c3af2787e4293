import Kubernetes
import Model

/// The routes of one host from all Ingresses that name it. A pure function of the state.
struct RouteTranslation {
    let state: ClusterState
    let selection: ClassSelection
    let resolution: ServiceResolution
    let plans: IngressPlans

    /// What a host comes to.
    struct Outcome {
        /// Nil if nobody routes it.
        var routes: HostRoutes?
        /// Of those who lost a path to another, and of canaries without one.
        var diagnostics: [Diagnostic] = []
        /// What canaries beside its paths use.
        var canaryUses: Set<IngressUses.PortUse> = []
        /// What its clients have to show; nil is nothing.
        var clients: ClientAuthentication?
        /// Its ciphers.
        var ciphers = HostCiphers()
        /// Where TLS that names it is passed to, unread; nil is nowhere.
        var passthrough: IngressUses.PortUse?
    }

    /// The host's routes. A host that is named without any path has none: its requests go to the fallback.
    func routes(of host: HostPattern) -> Outcome {
        var isNamed = false
        let all = oldestFirst(state.ingressesByHost[host]).filter { !plans[$0.meta.key].isLeftOut }
        let ingresses = all.filter { !plans[$0.meta.key].isCanary }
        var contest = RouteContest(
            host: host, usesExpressions: ingresses.contains { plans[$0.meta.key].usesExpressions })
        for ingress in ingresses {
            isNamed = isNamed || ingress.rules.contains { HostPattern($0.host) == host }
            for claim in RouteTranslation.claims(of: ingress, to: host) { contest.enter(claim) }
        }
        var canaries = CanaryPlacement(contest)
        for ingress in all where plans[ingress.meta.key].isCanary {
            for claim in RouteTranslation.claims(of: ingress, to: host) { canaries.enter(claim) }
        }
        guard isNamed else {
            var outcome = guest(host)
            outcome.diagnostics += canaries.diagnostics
            return outcome
        }
        let clients =
            host == .any ? nil : ingresses.lazy.compactMap { plans[$0.meta.key].material.clients }.first
        let hasTLS = ingresses.contains { RouteTranslation.isSecured(host, by: $0) } || hasTLSAbove(host)
        var routes = contest.winners.map { place, claim in
            route(
                place, claim, canary: canaries.canaries[place], hostHasTLS: hasTLS,
                isTLSOnly: clients?.demand == .required)
        }
        let sessions = sessions(of: host, ingresses, contest)
        if let door = frontDoor(of: ingresses) {
            routes.removeAll { $0.path == door.path && $0.match == door.match }
            routes.append(door)
        }
        return Outcome(
            routes: HostRoutes(routes.sorted(by: RouteTranslation.precedes)),
            diagnostics: contest.conflicts + canaries.diagnostics,
            canaryUses: uses(of: canaries).union(sessions.map { [$0] } ?? []), clients: clients,
            ciphers: host == .any ? HostCiphers() : ciphers(of: ingresses),
            passthrough: sessions)
    }

    /// Whether the wildcard that stands for the host has TLS.
    private func hasTLSAbove(_ host: HostPattern) -> Bool {
        guard let wildcard = host.wildcardAbove else { return false }
        return state.ingressesByHost[wildcard].contains { key in
            guard let ingress = state.ingresses[key], selection.selects(ingress) else { return false }
            return !plans[key].isLeftOut && !plans[key].isCanary
                && RouteTranslation.isSecured(wildcard, by: ingress)
        }
    }

    /// What the oldest say that say anything.
    private func ciphers(of ingresses: [Ingress]) -> HostCiphers {
        let said = ingresses.lazy.map { plans[$0.meta.key].reading.values.ciphers }
        return HostCiphers(
            list: said.compactMap(\.list).first, prefersOurs: said.compactMap(\.prefersOurs).first)
    }

    /// Where TLS connections that name the host are passed to: the servers of `/`.
    private func sessions(of host: HostPattern, _ ingresses: [Ingress], _ contest: RouteContest)
        -> IngressUses.PortUse?
    {
        guard host != .any, ingresses.contains(where: { plans[$0.meta.key].passesTLS }),
            let claim = contest.winners.first(where: { $0.key.path == "/" && $0.key.match != .exact })?.value,
            !claim.isRefused, !plans[claim.ingress.meta.key].refusesPaths,
            case .service(let name, let port) = claim.path.backend,
            case .backend(let backend, _, _) = resolution.resolve(
                claim.path.backend, namespace: claim.ingress.meta.namespace)
        else { return nil }
        return IngressUses.PortUse(
            service: ObjectKey(namespace: claim.ingress.meta.namespace, name: name), port: port, ingress: nil,
            asked: BackendName(ofSessionsTo: backend))
    }

    private static func claims(of ingress: Ingress, to host: HostPattern) -> [RouteContest.Claim] {
        ingress.rules.enumerated().filter { HostPattern($0.element.host) == host }.flatMap {
            ruleIndex, rule in
            (rule.paths ?? []).enumerated().map { pathIndex, path in
                RouteContest.Claim(ingress: ingress, path: path, ruleIndex: ruleIndex, pathIndex: pathIndex)
            }
        }
    }

    /// A canary's servers are used as those that it stands beside.
    private func uses(of canaries: CanaryPlacement) -> Set<IngressUses.PortUse> {
        var uses: Set<IngressUses.PortUse> = []
        for (place, canary) in canaries.canaries {
            guard let main = canaries.contest.winners[place]?.ingress.meta,
                case .service(let name, let port) = canary.path.backend
            else { continue }
            uses.insert(
                IngressUses.PortUse(
                    service: ObjectKey(namespace: canary.ingress.meta.namespace, name: name), port: port,
                    ingress: plans[main.key].changesBackends ? main.name : nil))
        }
        return uses
    }

    /// What `/` alone leads to, if an Ingress of the host says so: that of the longest path.
    private func frontDoor(of ingresses: [Ingress]) -> Route? {
        let holders = ingresses.filter { plans[$0.meta.key].reading.values.names.appRoot != nil }
        guard
            let chosen = holders.max(by: {
                plans[$0.meta.key].longestPath < plans[$1.meta.key].longestPath
            }), let path = plans[chosen.meta.key].reading.values.names.appRoot
        else { return nil }
        return RouteTranslation.answered(
            Route(path: "/", match: .exact, target: .answer(status: 404), origin: Origin(chosen.meta.key)),
            by: HostNames.frontDoor(path))
    }

    /// What a name comes to that no rule has, if an Ingress wants it beside its own.
    private func guest(_ host: HostPattern) -> Outcome {
        let claimants = oldestFirst(plans.claimants(of: host)).filter { !plans[$0.meta.key].isLeftOut }
        guard let first = claimants.first else { return Outcome() }
        switch plans[first.meta.key].guests[host] {
        case .alias(let real):
            guard real != host else { return Outcome() }
            let outcome = routes(of: real)
            return Outcome(routes: outcome.routes, clients: outcome.clients, ciphers: outcome.ciphers)
        case .sent(let name):
            guard let rule = HostNames.toHost(name, status: plans.redirectStatus) else { return Outcome() }
            let route = Route(
                path: "/", match: .prefix, target: .answer(status: 404), origin: Origin(first.meta.key))
            return Outcome(routes: HostRoutes([RouteTranslation.answered(route, by: rule)]))
        case nil: return Outcome()
        }
    }

    private static func answered(_ route: Route, by rule: HTTPRule) -> Route {
        var route = route
        route.rules = RouteRules(first: [rule])
        return route
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

    private func route(
        _ place: RoutePlace, _ claim: RouteContest.Claim, canary: RouteContest.Claim?, hostHasTLS: Bool,
        isTLSOnly: Bool
    ) -> Route {
        let plan = plans[claim.ingress.meta.key]
        let outcome = resolution.resolve(claim.path.backend, namespace: claim.ingress.meta.namespace)
        let isClosed = claim.isRefused || plan.refusesPaths
        var target = isClosed ? RouteTarget.answer(status: 503) : outcome.target
        func used(_ name: BackendName) -> BackendName {
            plan.changesBackends ? name.variant(of: claim.ingress.meta.name) : name
        }
        if case .backend(let name) = target { target = .backend(used(name)) }
        var route = Route(
            path: place.path, match: place.match, target: target, origin: Origin(claim.ingress.meta.key))
        route.rules = plan.rules(
            path: place.path, hostHasTLS: hostHasTLS, isTLSOnly: isTLSOnly, isClosed: isClosed,
            RouteTranslation.names(claim, outcome))
        route.limits = plan.limits(route.origin)
        if let canary, case .backend(let main) = target,
            case .backend(let name, _, _) = resolution.resolve(
                canary.path.backend, namespace: canary.ingress.meta.namespace)
        {
            let values = plans[canary.ingress.meta.key].reading.values.canary
            route.alternatives = values.rules(from: main, to: used(name))
        }
        return route
    }

    private static func names(_ claim: RouteContest.Claim, _ outcome: ServiceResolution.Outcome)
        -> TemplateNames
    {
        var names = TemplateNames()
        (names.namespace, names.ingress) = (claim.ingress.meta.namespace, claim.ingress.meta.name)
        names.path = claim.path.path
        let host = claim.ingress.rules[claim.ruleIndex].host
        names.server = host.isEmpty ? "_" : host.lowercased()
        if case .service(let service, _) = claim.path.backend { names.service = service }
        if case .backend(_, _, let port) = outcome { names.port = "\(port.port)" }
        return names
    }

    /// Whether an Ingress that names the host asks for TLS under it, with whatever certificate.
    private static func isSecured(_ host: HostPattern, by ingress: Ingress) -> Bool {
        guard host != .any else { return false }
        return ingress.tls.contains { entry in
            entry.hosts.isEmpty
                ? !entry.secretName.isEmpty
                : entry.hosts.contains { HostPattern($0).map { $0.covers(host) } ?? false }
        }
    }

    private static func precedes(_ left: Route, _ right: Route) -> Bool {
        (left.path, left.match.rank) < (right.path, right.match.rank)
    }
}

extension Origin {
    /// The object with this key.
    init(_ key: ObjectKey) { self.init(namespace: key.namespace, name: key.name) }
}

extension HostPattern {
    /// `*.example.com` of `shop.example.com`.
    var wildcardAbove: HostPattern? {
        guard case .exact(let name) = self, let dot = name.firstIndex(of: ".") else { return nil }
        return .wildcard(String(name[name.index(after: dot)...]))
    }

    /// Whether it is the same, or its wildcard.
    fileprivate func covers(_ host: HostPattern) -> Bool { self == host || self == host.wildcardAbove }
}

extension PathMatch {
    /// The order of two routes of one path.
    fileprivate var rank: Int {
        switch self {
        case .exact: 0
        case .prefix: 1
        case .expression: 2
        }
    }
}
