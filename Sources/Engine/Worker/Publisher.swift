import Basics
import Model
import Synchronization
import Wire

/// Turns changes of the configuration into what workers adopt. One caller at a time.
///
/// It keeps the compiled form of everything published so far, so that a change costs what it holds: one host is compiled and the
/// table of hosts copied, or one set of servers is built and posted alone.
final class Publisher {
    let workers: Int
    private var hosts: [HostPattern: CompiledHost] = [:]
    private var models: [HostPattern: HostRoutes] = [:]
    /// Which hosts send requests to a backend, by backend: they are compiled again when it comes or goes.
    private var hostsByBackend: [BackendName: Set<HostPattern>] = [:]
    private var fallbackTarget: RouteTarget?
    var backends: [BackendName: PublishedBackend] = [:]
    /// Backends that operators have changed, as they were published.
    var configuredBackends: [BackendName: Backend] = [:]
    /// Servers that operators have added to them, as they said them.
    var addedServers: [ServerReference: Server] = [:]
    /// Backends with servers that follow others.
    var followingBackends: Set<BackendName> = []
    /// What the checker is to be told of the changes so far.
    var checkOrders = CheckOrders()
    private(set) var places: FrontendPlaces
    var certificates: CertificateStore
    private var guards = ClientGuardStore()
    let authorities: AuthorityStore
    var hostTLS: HostTLSStore
    var serverTLS: ServerTLSStore
    /// What could not be used of the change at hand.
    var problems: [Diagnostic] = []
    /// Where backends keep small answers.
    private var caches = CacheRegistry()
    var resolving = Resolving()
    var tables = TableStore()
    /// Who shares tables with this process.
    var peerSections: [PeerSection] = []
    /// How TLS is spoken there, by section.
    var peerSecurity: [String: PeerSecurity] = [:]
    var patterns: PatternStore
    /// The rules about messages, compiled.
    private var rules = RuleRegistry()
    private var routeRules = RouteRuleRegistry()
    /// Who gets the lines of frontends that say it.
    let logPlans = LogPlans()
    let variables = ProcessVariables()
    private var variableSettings = VariableSettings()
    private var users = UserLists()
    let services = ServiceDesk()
    let rates = FrontendRates()
    /// What routes with limits count.
    private var limitCounts = LimitRegistry()
    private(set) var snapshot: Snapshot
    private var generation: UInt64 = 0

    struct PublishedBackend {
        var state: BackendState
        /// Without servers that are unusable.
        var model: Backend
        var servers: [Server: ServerState]
        /// The checks of those that are checked.
        var checks: [Server: PublishedCheck]
    }

    init(
        workers: Int, frontends: [Frontend], selfSigned: CertifiedKey?,
        trash: PatternTrash = PatternTrash { _ in }, authorities: AuthorityStore = AuthorityStore()
    ) {
        self.authorities = authorities
        (hostTLS, serverTLS) = (HostTLSStore(authorities), ServerTLSStore(authorities))
        self.workers = workers
        patterns = PatternStore(trash)
        places = FrontendPlaces(frontends)
        certificates = CertificateStore(selfSigned: selfSigned)
        snapshot = Snapshot(generation: 0, hosts: HostTable([]), frontends: [])
        compileHosts([])
    }

    var certificateTable: CertificateTable { certificates.table }
    var certificateExpiry: [CertificateName: Int64] { certificates.expiry }

    /// When a certificate ends, in seconds since 1970; nil if none of the name is served.
    func end(of name: CertificateName) -> Int64? { certificates.end(of: name) }

    var hostCount: Int { hosts.count }

    /// The caches by name, for metrics.
    var cacheStores: [(name: String, store: CacheStore)] { caches.current }

    /// The backends as they are, for metrics.
    var backendStates: [BackendState] { backends.values.map(\.state) }

    /// All servers as they are, for the dashboard.
    var serverStates: [(backend: BackendName, server: ServerState, isChecked: Bool)] {
        backends.flatMap { name, backend in
            backend.servers.map { (name, $0.value, backend.checks[$0.key] != nil) }
        }
    }

    /// The frontends by their place.
    var frontends: [Frontend] { places.models }

    /// Compiles a change. What could not be used is in the diagnostics; it leaves in force what was there before. `freeFrontends`
    /// are places of frontends that nobody refers to any more.
    func compile(
        _ change: Change, into adoption: inout Adoption, freeFrontends: Set<Int> = []
    ) -> [Diagnostic] {
        problems = []
        let touchedTables = tables.apply(change.tables, problems: &problems)
        if !touchedTables.isEmpty { adoption.tables = TableDirectory(tables.all.map { ($0.name, $0.table) }) }
        if patterns.apply(change.patterns) { adoption.patterns = PatternDirectory(patterns.all) }
        renewRules(of: touchedTables, besides: change, &adoption)
        var touched = Set(change.routes.keys)
        var fallbackIsTouched = adoptSettings(change) || change.fallback != nil
        let known = fallbackNames
        for (name, backend) in change.backends {
            // What changes of a backend that stays changes in place.
            let isKept = backends[name] != nil && backend != nil
            forgetEdits(of: name)
            setBackend(name, backend.map { placed($0, name) }, &adoption)
            if isKept { continue }
            touched.formUnion(hostsByBackend[name] ?? [])
            if known.contains(name) { fallbackIsTouched = true }
        }
        if !change.backends.isEmpty {
            caches.keep(Set(backends.values.compactMap { $0.model.cache?.cache.name }))
            _ = settleFollowers(into: &adoption, now: Clock.now())
            serverTLS.freeUnused()
        }
        for (host, routes) in change.routes { setModel(host, routes) }
        if let fallback = change.fallback { fallbackTarget = fallback }
        if let frontends = change.frontends {
            let known = places.present.map(\.maxConnections)
            problems += places.adopt(frontends, free: freeFrontends).map {
                $0.refused("there is no place for another frontend")
            }
            if places.present.map(\.maxConnections) != known { renewLimits(&adoption) }
        }
        if !change.clientAuthentication.isEmpty {
            problems += guards.apply(change.clientAuthentication, to: &certificates.table)
        }
        problems += hostTLS.apply(change.hostTLS, to: &certificates.table)
        if !touched.isEmpty || !change.clientAuthentication.isEmpty || fallbackIsTouched
            || change.frontends != nil
        {
            compileHosts(touched)
            adoption.snapshot = snapshot
        }
        guard
            !change.certificates.isEmpty || !change.serverNames.isEmpty || change.defaultCertificates != nil
                || !change.clientAuthentication.isEmpty || !change.hostTLS.isEmpty
        else {
            return problems
        }
        problems += certificates.apply(change)
        adoption.certificates = certificates.table
        return problems
    }

    /// Takes over what snapshots hold besides routes and frontends; true if there is anything.
    private func adoptSettings(_ change: Change) -> Bool {
        apply(change.resolvers)
        if let settings = change.variables {
            variables.apply(settings, known: variableSettings)
            variableSettings = settings
        }
        if let lists = change.userLists { users = UserLists(lists) }
        return change.variables != nil || change.userLists != nil
    }

    /// Servers whose limits go by the frontends' have others now.
    private func renewLimits(_ adoption: inout Adoption) {
        for (name, backend) in backends
        where backend.model.fullConnections == 0
            && backend.model.servers.contains(where: { $0.minConnections > 0 })
        {
            setBackend(name, backend.model, &adoption)
        }
    }

    /// Backends whose rules are about tables that are others now.
    private func renewRules(of tables: Set<TableName>, besides change: Change, _ adoption: inout Adoption) {
        guard !tables.isEmpty else { return }
        for (name, backend) in backends
        where change.backends[name] == nil
            && backend.model.persistence.stickRules.contains(where: { tables.contains($0.table) })
        {
            setBackend(name, backend.model, &adoption)
        }
    }

    func setBackend(_ name: BackendName, _ backend: Backend?, _ adoption: inout Adoption) {
        guard let backend else { return removeBackend(name, &adoption) }
        let known = backends[name]?.servers ?? [:]
        let disabled = Set((backends[name]?.model.servers ?? []).filter(\.isDisabled).map(\.asIdentity))
        var servers: [Server: ServerState] = [:]
        var states: [ServerState] = []
        var kept: Set<ObjectIdentifier> = []
        var taken: [Server] = []
        for server in backend.servers {
            let identity = server.asIdentity
            guard servers[identity] == nil,
                let state = known[identity]
                    ?? makeState(of: server, in: backend, known: known.values),
                kept.insert(ObjectIdentifier(state)).inserted
            else { continue }
            state.adopt(server)
            let isOther = server.isDisabled != disabled.contains(identity)
            if isOther, let effect = disable(server, state, isNew: known[identity] == nil, name) {
                adoption.health.append(effect)
            }
            // Slow starts are for servers that join others, not for those one begins with.
            if known[identity] == nil, !known.isEmpty, server.slowStart > 0 { state.warmUp() }
            servers[identity] = state
            states.append(state)
            taken.append(server)
        }
        var usable = backend
        // As long as all are taken they are held in common with whoever has published them.
        if taken.count < backend.servers.count { usable.servers = taken }
        let checks = follow(
            usable, name, states, known: backends[name]?.checks ?? [:], effects: &adoption.health)
        if checks.values.contains(where: \.plan.isFollower) {
            followingBackends.insert(name)
        } else {
            followingBackends.remove(name)
        }
        let set = serverSet(of: usable, name, checks, states)
        if let published = backends[name] {
            adoption.pools.append((published.state, set))
            adoption.retired += known.values.filter { !kept.contains(ObjectIdentifier($0)) }
            backends[name]?.model = usable
            backends[name]?.servers = servers
            backends[name]?.checks = checks
        } else {
            let state = BackendState(name: name, origin: backend.origin, servers: set, workers: workers)
            if usable.servers.contains(where: \.isDisabled), set.servers.count == 0 {
                state.availability.withLock { $0.note(isUp: false, now: Clock.now()) }
            }
            backends[name] = PublishedBackend(
                state: state, model: usable, servers: servers, checks: checks)
        }
    }

    private func removeBackend(_ name: BackendName, _ adoption: inout Adoption) {
        guard let gone = backends.removeValue(forKey: name) else { return }
        noteResolution(of: name, nil)
        rules.forget(.backend(name))
        adoption.removed.append(gone.state)
        adoption.retired.append(contentsOf: gone.servers.values)
        checkOrders.forgotten += gone.checks.values.map(\.server)
        followingBackends.remove(name)
    }

    func serverSet(
        of backend: Backend, _ name: BackendName, _ checks: [Server: PublishedCheck], _ states: [ServerState]
    ) -> ServerSet {
        Publisher.noteWeights(backend, checks, states)
        var current = Publisher.steered(Publisher.adjusted(backend, by: checks), states)
        if backend.fullConnections == 0, backend.servers.contains(where: { $0.minConnections > 0 }) {
            current.fullConnections = defaultFullConnections(of: name)
        }
        let set = ServerSet(
            current, states: states, cache: backend.cache.map { caches.store(of: $0.cache) },
            tables: tables,
            rules: rules.compiled(
                backend.rules.behindBody(backend.buffersRequests), of: .backend(name)))
        backends[name]?.state.availability.withLock {
            $0.note(isUp: set.servers.count > 0 || states.isEmpty, now: Clock.now())
        }
        return set
    }

    /// HAProxy's default of `fullconn`: a tenth of the connections of all frontends that lead to a backend. 0 if one of them is
    /// not limited. Routes are all frontends'.
    func defaultFullConnections(of name: BackendName) -> Int {
        let isRouted = hostsByBackend[name]?.isEmpty == false
        let leading = places.present.filter { frontend in
            isRouted || (frontend.fallback ?? fallbackTarget) == .backend(name)
                || frontend.backendRules.contains { $0.backend == name }
        }
        let limits = leading.map { max(0, min(Int(Int32.max), $0.maxConnections)) }
        return limits.contains(0) ? 0 : (limits.reduce(0, +) + 9) / 10
    }

    private func setModel(_ host: HostPattern, _ routes: HostRoutes?) {
        for route in models[host]?.routes ?? [] {
            for name in route.backends { hostsByBackend[name]?.remove(host) }
        }
        models[host] = routes
        for route in routes?.routes ?? [] {
            for name in route.backends { hostsByBackend[name, default: []].insert(host) }
        }
    }

    /// The backends that requests without a route and whole connections go to.
    private var fallbackNames: Set<BackendName> {
        let targets = ([fallbackTarget] + frontends.map(\.fallback)).compactMap { target in
            if case .backend(let name) = target { return name }
            return nil
        }
        let ruled = frontends.flatMap {
            $0.helloRoutes.map(\.backend) + $0.backendRules.compactMap(\.backend) + $0.namedBackends
                + $0.observedBackends
        }
        return Set(targets + ruled)
    }

    private func compileHosts(_ touched: Set<HostPattern>) {
        for host in touched {
            guard let model = models[host] else {
                hosts[host] = nil
                continue
            }
            let routes = model.routes.map { route in
                // As requests' paths are: a rule of `/caf%C3%A9` is about `/café`.
                let path = route.match == .expression ? nil : MatchedPath.of(route.path)
                return (path ?? route.path, route.match, compile(route))
            }
            let paths = PathTable(routes)
            report(paths.expressions?.flawed ?? [], of: model)
            hosts[host] = CompiledHost(host, paths: paths)
        }
        generation += 1
        let origin = Origin(namespace: "", name: "default-backend")
        let names = Set(frontends.flatMap(\.observedBackends))
        let observed = BackendDirectory(names.compactMap { name in backends[name].map { (name, $0.state) } })
        snapshot = Snapshot(
            generation: generation, hosts: HostTable(hosts.values),
            frontends: frontends.map { frontend in
                FrontendSettings(
                    frontend, fallback: compileFallback(of: frontend, origin),
                    hello: HelloTable(frontend.helloRoutes) { compile(.backend($0), origin: origin) },
                    switching: SwitchTable(frontend.backendRules, naming: frontend.namedBackends) {
                        compile(.backend($0), origin: origin)
                    },
                    rules: rules.compiled(
                        frontend.rules.behindBody(frontend.buffersRequests, for: frontend.backendRules),
                        of: .frontend(frontend.name)), logPlans: logPlans)
            }, guards: guards, logPlans: logPlans, variables: variables, variableLimits: variableSettings,
            users: users, services: services, backends: observed, rates: rates)
    }

    /// Where requests go that no route matches. Rules about them need one to stand in, whose answer is that of none.
    private func compileFallback(of frontend: Frontend, _ origin: Origin) -> CompiledRoute? {
        guard frontend.mode == .http else { return frontend.fallback.map { compile($0, origin: origin) } }
        let isRuled = frontend.fallbackRules != nil || frontend.fallbackLimits != nil
        let target = frontend.fallback ?? fallbackTarget ?? (isRuled ? .answer(status: 404) : nil)
        return target.map { target in
            var route = Route(path: "/", match: .prefix, target: target, origin: origin)
            (route.rules, route.limits) = (frontend.fallbackRules, frontend.fallbackLimits)
            return compile(route)
        }
    }

    /// A route to a backend that is not there is answered 503 until it is.
    private func report(_ flawed: [String], of model: HostRoutes) {
        for path in flawed {
            let origin = model.routes.first { $0.path == path }?.origin
            problems.append(
                Diagnostic(
                    .error, kind: "Ingress", object: origin ?? Origin(namespace: "", name: ""),
                    field: "spec.rules",
                    reason: "PathInvalid",
                    message:
                        "\"\(path)\" is no regular expression; requests that begin with it are answered 503"))
        }
    }

    private func compile(_ route: Route) -> CompiledRoute {
        compile(
            route.target, origin: route.origin,
            limits: route.limits.map { RouteLimits($0, counts: limitCounts.counts(of: $0)) },
            rules: route.rules.flatMap { routeRules.compiled($0) },
            alternatives: SwitchTable(route.alternatives) { compile(.backend($0), origin: route.origin) },
            authority: route.rules?.authorization?.backend.flatMap { backends[$0]?.state },
            errorBackend: (route.rules?.errors?.backend).flatMap { backends[$0]?.state },
            mirror: (route.rules?.mirror?.backend).flatMap { backends[$0]?.state })
    }

    private func compile(
        _ target: RouteTarget, origin: Origin, limits: RouteLimits? = nil, rules: CompiledRouteRules? = nil,
        alternatives: SwitchTable? = nil, authority: BackendState? = nil, errorBackend: BackendState? = nil,
        mirror: BackendState? = nil
    ) -> CompiledRoute {
        switch target {
        case .answer(let status):
            CompiledRoute(
                backend: nil, status: status, origin: origin, limits: limits, rules: rules,
                authority: authority, errorBackend: errorBackend, mirror: mirror)
        case .backend(let name):
            CompiledRoute(
                backend: backends[name]?.state, status: 503, origin: origin, limits: limits, rules: rules,
                alternatives: alternatives, authority: authority, errorBackend: errorBackend, mirror: mirror)
        }
    }
}

extension Frontend {
    /// What is told about one that can not be as it is wanted.
    func refused(_ sentence: String) -> Diagnostic {
        Diagnostic(
            .error, kind: subject?.kind ?? "Frontend",
            object: subject?.object ?? Origin(namespace: "", name: name), field: subject?.field ?? "",
            reason: Diagnostic.notListening, message: sentence)
    }
}

extension Server {
    /// What makes the server itself: not its weight, limit or display name. Connections that began with another header
    /// than is sent now, or whose TLS is another, are another server's.
    var asIdentity: Server {
        var server = Server(address: address, port: port, identity: identity, name: "-")
        server.sentProxyHeader = self.sentProxyHeader
        server.ownProxyFields = self.ownProxyFields
        server.source = self.source
        server.webSockets = self.webSockets
        server.tls = self.tls
        server.speaks = speaks
        // Its path and credentials may change, and it stays the same server.
        server.relay = self.relay == nil ? nil : Relay.some
        return server
    }
}
