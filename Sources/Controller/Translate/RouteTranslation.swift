import Kubernetes
import Model

/// The routes of one host from all Ingresses that name it. A pure function of the state.
struct RouteTranslation {
    let state: ClusterState
    let selection: ClassSelection
    let resolution: ServiceResolution
    let plans: IngressPlans
    /// Where requests go that no path is for; nil is nowhere.
    var fallback: RouteTarget?
    /// Where they go instead, by annotations; nil is to the fallback.
    var rest: DefaultBackend.Rest?

    /// What a host comes to.
    struct Outcome {
        /// Nil if nobody routes it.
        var routes: HostRoutes?
        /// Of those who lost a path to another, and of canaries without one.
        var diagnostics: [Diagnostic] = []
        /// What canaries beside its paths use, and what it uses in ways that no path says.
        var canaryUses: Set<IngressUses.PortUse> = []
        /// Whether they depend on the fallback.
        var followsFallback = false
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
        guard isNamed || host == .any && (rest != nil || health != nil) else {
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
        let isRooted = contest.winners.keys.contains { $0.path == "/" && $0.match != .exact }
        let root = isRooted ? nil : root(of: host, ingresses)
        if let root {
            routes += inherited(root, hostHasTLS: hasTLS, isTLSOnly: clients?.demand == .required)
        }
        routes += others(than: contest, of: host, isRooted: isRooted || root != nil)
        let sessions = sessions(of: host, ingresses, contest)
        if let door = frontDoor(of: ingresses) {
            routes.removeAll { $0.path == door.path && $0.match == door.match }
            routes.append(door)
        }
        return Outcome(
            routes: HostRoutes(routes.sorted(by: RouteTranslation.precedes)),
            diagnostics: contest.conflicts + canaries.diagnostics + unheard(in: ingresses, of: host),
            canaryUses: uses(of: canaries).union(
                [sessions, root.flatMap { use(of: $0) }, host == .any ? rest?.use : nil].compactMap(\.self)
                    + expressionUses(in: contest)),
            followsFallback: !isRooted, clients: clients,
            ciphers: host == .any ? HostCiphers() : ciphers(of: ingresses),
            passthrough: sessions)
    }

    /// `/` of a host of which no path is all: what its oldest Ingress says of its paths holds for the rest of it too, as in
    /// ingress-nginx, so that nobody learns who is not let in which paths there are. It leads to the default backend of that Ingress, or
    /// else to everybody's. Without annotations an Ingress says nothing, and the fallback alone is for the rest.
    private func root(of host: HostPattern, _ ingresses: [Ingress]) -> RouteContest.Claim? {
        guard host != .any, let oldest = ingresses.first, plans.isAnnotated(oldest.meta.key),
            let index = oldest.rules.firstIndex(where: { HostPattern($0.host) == host })
        else { return nil }
        var path = IngressPath()
        (path.path, path.pathType) = ("/", "Prefix")
        path.backend = oldest.defaultBackend ?? .missing
        var claim = RouteContest.Claim(ingress: oldest, path: path, ruleIndex: index, pathIndex: 0)
        guard oldest.defaultBackend == nil else { return claim }
        // Rules of another Ingress are not asked here: what they guard is not led to.
        let open = rest.flatMap { $0.isGuarded ? nil : $0.route.target }
        claim.target = open ?? fallback ?? .answer(status: 404)
        return claim
    }

    /// The route of such a claim; none if all that is done is what is done without it.
    private func inherited(_ root: RouteContest.Claim, hostHasTLS: Bool, isTLSOnly: Bool) -> [Route] {
        let place = RoutePlace(path: "/", match: .prefix)
        let found = route(place, root, canary: nil, hostHasTLS: hostHasTLS, isTLSOnly: isTLSOnly)
        let isNeedless = found.target == root.target && found.rules == nil && found.limits == nil
        return isNeedless ? [] : [found]
    }

    /// What such a claim uses of a Service in the way of its Ingress: without that, the Ingress's own use is enough.
    private func use(of root: RouteContest.Claim) -> IngressUses.PortUse? {
        let meta = root.ingress.meta
        guard plans[meta.key].changesBackends, case .service(let name, let port) = root.path.backend else {
            return nil
        }
        return IngressUses.PortUse(
            service: ObjectKey(namespace: meta.namespace, name: name), port: port, ingress: meta.name)
    }

    /// What paths use that make sense as regular expressions alone: no Ingress says so by itself.
    private func expressionUses(in contest: RouteContest) -> [IngressUses.PortUse] {
        guard contest.usesExpressions else { return [] }
        return contest.winners.values.compactMap { claim in
            guard !claim.isRefused, !RoutePlace.read(claim.path).isUsable,
                case .service(let name, let port) = claim.path.backend
            else { return nil }
            let meta = claim.ingress.meta
            return IngressUses.PortUse(
                service: ObjectKey(namespace: meta.namespace, name: name), port: port,
                ingress: plans[meta.key].changesBackends ? meta.name : nil)
        }
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
        for claimant in claimants {
            switch plans[claimant.meta.key].guests[host] {
            case .alias(let hosts):
                let real = hosts.first { $0 != host && namer(of: $0) == claimant.meta.key }
                guard let real else { continue }
                let outcome = routes(of: real)
                return Outcome(routes: outcome.routes, clients: outcome.clients, ciphers: outcome.ciphers)
            case .sent(let name):
                guard let rule = HostNames.toHost(name, status: plans.redirectStatus) else { continue }
                let route = Route(
                    path: "/", match: .prefix, target: .answer(status: 404), origin: Origin(claimant.meta.key)
                )
                return Outcome(routes: HostRoutes([RouteTranslation.answered(route, by: rule)]))
            case nil: continue
            }
        }
        return Outcome()
    }

    /// Who says the further names of a host: the oldest that says any.
    private func namer(of host: HostPattern) -> ObjectKey? {
        namers(in: oldestFirst(state.ingressesByHost[host])).first?.meta.key
    }

    private func namers(in ingresses: [Ingress]) -> [Ingress] {
        ingresses.filter { ingress in
            let plan = plans[ingress.meta.key]
            return !plan.isLeftOut && !plan.isCanary && !plan.reading.values.names.aliases.isEmpty
        }
    }

    /// Tells those whose names do not count why.
    private func unheard(in ingresses: [Ingress], of host: HostPattern) -> [Diagnostic] {
        let namers = namers(in: ingresses)
        return namers.dropFirst().map { ingress in
            Diagnostic(
                .warning, kind: Ingress.resource.kind, object: Origin(ingress.meta.key),
                field: "metadata.annotations[\(state.prefixes.key(of: .nginx("server-alias")))]",
                reason: "AliasConflict",
                message:
                    "the further names of \(host) are those of Ingress \(namers[0].meta.key), \(RouteTranslation.reason(namers[0], before: ingress))"
            )
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
            let (first, second) = ($0.meta, $1.meta)
            guard first.creationTimestamp == second.creationTimestamp else {
                return first.creationTimestamp < second.creationTimestamp
            }
            return takesLastName ? second.key < first.key : first.key < second.key
        }
    }

    /// Whether of two of the same age the last by name comes first, as ingress-nginx has it.
    private var takesLastName: Bool { selection.settings.usual == .nginx }

    /// Why `winner` comes first, as a message says it.
    static func reason(_ winner: Ingress, before loser: Ingress) -> String {
        guard winner.meta.creationTimestamp == loser.meta.creationTimestamp else { return "which is older" }
        return "of the same age and \(winner.meta.key < loser.meta.key ? "first" : "last") by name"
    }

    private func route(
        _ place: RoutePlace, _ claim: RouteContest.Claim, canary: RouteContest.Claim?, hostHasTLS: Bool,
        isTLSOnly: Bool
    ) -> Route {
        let plan = plans[claim.ingress.meta.key]
        let outcome = resolution.resolve(claim.path.backend, namespace: claim.ingress.meta.namespace)
        let isClosed = claim.isRefused || plan.refusesPaths
        var target = isClosed ? RouteTarget.answer(status: 503) : claim.target ?? outcome.target
        func used(_ name: BackendName) -> BackendName {
            plan.changesBackends ? name.variant(of: claim.ingress.meta.name) : name
        }
        // Everybody's default backend is nobody's to change.
        if case .backend(let name) = target, claim.target == nil { target = .backend(used(name)) }
        var route = Route(
            path: place.path, match: place.match, target: target, origin: Origin(claim.ingress.meta.key))
        route.rules = plan.rules(
            path: place.path, hostHasTLS: hostHasTLS, isTLSOnly: isTLSOnly, isClosed: isClosed,
            RouteTranslation.names(claim, outcome))
        route.limits = plan.limits(route.origin)
        guard case .backend(let main) = target, claim.target == nil else { return route }
        var beside: (values: Canary, name: BackendName)?
        if let canary,
            case .backend(let name, _, _) = resolution.resolve(
                canary.path.backend, namespace: canary.ingress.meta.namespace)
        {
            beside = (plans[canary.ingress.meta.key].reading.values.canary, used(name))
        }
        route.alternatives = RouteTranslation.alternatives(
            to: main, beside, speaksAsClient: plan.speaksAsClient)
        return route
    }

    /// Who gets another backend: what is a canary's, and of two backends, one for each way that clients speak, the other one.
    static func alternatives(
        to main: BackendName, _ beside: (values: Canary, name: BackendName)?, speaksAsClient: Bool
    ) -> [BackendRule] {
        let rules = beside.map { $0.values.rules(from: main, to: $0.name) } ?? []
        guard speaksAsClient, let isTLS = try? Expression(.ofClient(.isTLS)) else { return rules }
        let secured = beside.map { $0.values.rules(from: main.secured, to: $0.name.secured) } ?? []
        let (plain, safe) = (
            RuleCondition.Term([SampleTest(isTLS, .truth)], isNegated: true),
            RuleCondition.Term([SampleTest(isTLS, .truth)])
        )
        return secured.map { $0.only(if: safe) } + [BackendRule(main.secured).only(if: safe)]
            + rules.map { $0.only(if: plain) }
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

extension BackendRule {
    /// The same, where a term holds besides; it is asked first.
    fileprivate func only(if term: RuleCondition.Term) -> BackendRule {
        BackendRule(target, when: RuleCondition((condition?.alternatives ?? [[]]).map { [term] + $0 }))
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
