import Kubernetes
import Model

/// Keeps a configuration equal to what the state means, translating again only what is dirty.
///
/// Every unit (the routes of a host, the pools of a Service, a certificate, a TLS name) is a pure function of the state, so the
/// incremental result is the same as a translation from scratch, whatever the order of events.
struct Translator {
    let settings: TranslationSettings
    /// Counts changes of the diagnostics.
    private(set) var diagnosticsRevision = 0
    private(set) var configuration = Configuration()
    /// What is wrong now, by the unit that found it.
    private var diagnostics: [Unit: [Diagnostic]] = [:]
    private var backendsByService: [ObjectKey: Set<BackendName>] = [:]
    /// Backends with the settings that were made last, each with others: most new ones have the same, and hold them in common.
    private var recentBackends: [Backend] = []
    private var uses = IngressUses()
    private var plans: IngressPlans
    /// That of the published ones.
    private var userListsRevision = 0
    private var tcp = TCPServices()
    private var traffic = SettingsReading()
    /// The ciphers of hosts that have their own.
    private var ciphers: [HostPattern: HostCiphers] = [:]
    /// Where TLS of some hosts is passed to, unread.
    private var passthrough: [HostPattern: BackendName] = [:]
    private var passthroughIsTouched = false
    /// Where requests go that no path is for, by annotations.
    private var rest: DefaultBackend.Rest?
    /// Hosts whose routes depend on the fallback.
    private var fallbackFollowers: Set<HostPattern> = []
    /// Whether frontends are those of pods that are reached through the API server.
    private var isProxied = false
    /// What our Ingresses refer to that no list brings by itself.
    private(set) var needs = PipelineNeeds()
    private var externalNames: [ObjectKey: String] = [:]
    /// Whether a class that is not known does not exist. Otherwise classes can not be read, and the name has to do.
    var knowsClasses = true

    private enum Unit: Hashable {
        case ingress(ObjectKey)
        case host(HostPattern)
        case fallback
        case defaultCertificate
        case tcpServices
        case globalAuthentication
        case globalSettings
        case overrides
    }

    init(settings: TranslationSettings) {
        self.settings = settings
        plans = IngressPlans(settings)
        guard settings.usual != .sluice else { return }
        traffic = SettingsReading(settings.usual)
        _ = plans.adopt(traffic.settings)
    }

    /// Everything that is wrong now, in a stable order.
    var allDiagnostics: [Diagnostic] {
        Set(diagnostics.values.joined()).sorted {
            ($0.object.namespace, $0.object.name, $0.field, $0.reason, $0.message) < (
                $1.object.namespace, $1.object.name, $1.field, $1.reason, $1.message
            )
        }
    }

    /// Translates what is dirty; the answer is what differs from the configuration so far, which then holds it too.
    mutating func translate(_ given: Dirty, of state: ClusterState) -> Change {
        var dirty = given
        let askedBefore = traffic.settings.authentication.question?.url
        let settingsAreTouched = readSettings(dirty, state)
        if settingsAreTouched, plans.adopt(traffic.settings) {
            dirty.renewPlans(state.everything)
            let asked = traffic.settings.authentication.question?.url
            dirty.services.formUnion([askedBefore?.service, asked?.service].compactMap(\.self))
        }
        set(PoolServers(settings: settings, state: state).problems, for: .overrides)
        let selection = selection(in: state)
        let resolution = ServiceResolution(services: state.services, settings: settings)
        let check = IngressCheck(
            state: state, selection: selection, resolution: resolution)
        var hosts = dirty.hosts
        for key in dirty.ingresses {
            dirty.services.formUnion([plans[key].errorService].compactMap(\.self))
            hosts.formUnion(read(key, state, check))
            dirty.services.formUnion([plans[key].errorService].compactMap(\.self))
        }
        noteConfigMaps(dirty.namedConfigMaps)
        var routes = RouteTranslation(
            state: state, selection: selection, resolution: resolution, plans: plans)
        var change = Change()
        if dirty.fallback { hosts.formUnion(translateFallback(routes, &change)) }
        (routes.fallback, routes.rest) = (change.fallback ?? configuration.fallback, rest)
        if routes.health != nil, configuration.routes[.any] == nil { hosts.insert(.any) }
        set(
            check.diagnostics(ofGlobal: traffic.settings.authentication, in: settings),
            for: .globalAuthentication)
        var (services, tcpIsTouched) = readTCPServices(dirty, state)
        if settingsAreTouched { services.formUnion(backendsByService.keys) }
        if settingsAreTouched { hosts.formUnion(ciphers.keys) }
        hosts.formUnion(names(below: hosts, state))
        hosts.formUnion(plans.aliases(of: hosts) { state.ingressesByHost[$0] })
        for host in hosts { services.formUnion(translate(host, routes, &change)) }
        translateBackends(services, state, routes, &change)
        let accessIsTouched = isProxied != (state.podAccess != .direct)
        if accessIsTouched { isProxied.toggle() }
        let isUntold =
            (settings.logsAsNginx || settings.usual != .sluice) && configuration.frontends.isEmpty
        if tcpIsTouched || settingsAreTouched || passthroughIsTouched || accessIsTouched || isUntold {
            translateFrontends(resolution, isEdited: !dirty.configMaps.isEmpty, &change)
        }
        translateUserLists(&change)
        translateCertificates(dirty, state, routes, &change)
        configuration.apply(change)
        return change
    }

    /// The names whose wildcard is one of these: whether it has TLS counts for them too.
    private func names(below hosts: Set<HostPattern>, _ state: ClusterState) -> [HostPattern] {
        let hasWildcard = hosts.contains { host in
            if case .wildcard = host { true } else { false }
        }
        guard hasWildcard else { return [] }
        return state.ingressesByHost.names.filter { $0.wildcardAbove.map { hosts.contains($0) } ?? false }
    }

    /// Reads an Ingress as it is now; the answer is the names it wants, or wanted, beside those of its rules.
    private mutating func read(
        _ key: ObjectKey, _ state: ClusterState, _ check: IngressCheck
    ) -> Set<HostPattern> {
        let ingress = state.ingresses[key]
        let selected = ingress.flatMap { check.selection.selects($0) ? $0 : nil }
        let hosts = plans.set(selected, at: key, state)
        let plan = plans[key]
        uses.set(
            selected, at: key, hasOwnBackends: plan.changesBackends, isCanary: plan.isCanary,
            asking: plan.isCanary ? [] : [plan.asked, plan.mirrored].compactMap(\.self),
            errors: plan.isCanary ? nil : plan.errorService, prefixes: state.prefixes)
        var found = ingress.map { check.diagnostics(of: $0) } ?? []
        if let selected {
            if !plan.asksGlobally { found += check.diagnostics(of: selected, asking: plan.asked) }
            found += check.diagnostics(of: selected, mirroring: plan.mirrored)
            found += check.diagnostics(of: selected, plan.reading.values.errors, by: plan.errorService)
        }
        set(found + plan.reading.diagnostics, for: .ingress(key))
        return hosts
    }

    /// Which of these ConfigMaps Ingresses name.
    private mutating func noteConfigMaps(_ keys: Set<ObjectKey>) {
        for key in keys {
            let isNamed = uses.isNamed(configMap: key)
            guard isNamed != needs.configMaps.contains(key) else { continue }
            if isNamed { needs.configMaps.insert(key) } else { needs.configMaps.remove(key) }
        }
    }

    /// The Services that may have other pools because of a host's canaries.
    private mutating func translate(
        _ host: HostPattern, _ routes: RouteTranslation, _ change: inout Change
    ) -> Set<ObjectKey> {
        let outcome = routes.routes(of: host)
        set(outcome.diagnostics, for: .host(host))
        if configuration.routes[host] != outcome.routes {
            change.routes.updateValue(outcome.routes, forKey: host)
        }
        if configuration.clientAuthentication[host] != outcome.clients {
            change.clientAuthentication.updateValue(outcome.clients, forKey: host)
        }
        ciphers[host] = outcome.ciphers == HostCiphers() ? nil : outcome.ciphers
        let tls = outcome.ciphers.settings(at: traffic.settings.tls)
        if configuration.hostTLS[host] != tls { change.hostTLS.updateValue(tls, forKey: host) }
        if outcome.followsFallback {
            fallbackFollowers.insert(host)
        } else {
            fallbackFollowers.remove(host)
        }
        if passthrough[host] != outcome.passthrough?.asked {
            passthrough[host] = outcome.passthrough?.asked
            passthroughIsTouched = true
        }
        return uses.setCanaries(outcome.canaryUses, of: host)
    }

    /// Which Ingresses are ours.
    func selection(in state: ClusterState) -> ClassSelection {
        ClassSelection(
            settings: settings, classes: state.classes, namespaces: state.namespaces,
            knowsClasses: knowsClasses)
    }

    /// Translates pools alone: servers come and go, no backend disappears. What a change of routes will bring or take
    /// away waits for that change, so that no route ever points to a pool that left before it.
    mutating func translatePools(_ services: Set<ObjectKey>, of state: ClusterState) -> Change {
        var change = Change()
        for key in services {
            guard let service = state.service(key) else { continue }
            for name in backendsByService[key] ?? [] {
                guard let port = port(of: name, service) else { continue }
                let backend = backend(name, key, port, state)
                if let backend, configuration.backends[name] != backend {
                    change.backends.updateValue(backend, forKey: name)
                }
            }
        }
        configuration.apply(change)
        return change
    }

    /// The port of a published backend, from the Service as it is now.
    private func port(of name: BackendName, _ service: Service) -> Service.Port? {
        if name.isOfErrors { return ServiceResolution.firstPort(of: service) }
        guard let number = name.withoutSuffix.split(separator: ":").last.flatMap({ Int($0) }) else {
            return nil
        }
        if let found = ServiceResolution.port(number, of: service) { return found }
        guard service.type == "ExternalName" else { return nil }
        var port = Service.Port()
        port.port = number
        return port
    }

    private mutating func set(_ found: [Diagnostic], for unit: Unit) {
        guard diagnostics[unit] ?? [] != found else { return }
        diagnostics[unit] = found.isEmpty ? nil : found
        diagnosticsRevision += 1
    }

    // MARK: - Pools

    private mutating func translateBackends(
        _ services: Set<ObjectKey>, _ state: ClusterState, _ routes: RouteTranslation, _ change: inout Change
    ) {
        for key in services {
            let ports = referencedPorts(of: key, state, routes)
            let names = Set(ports.keys)
            for gone in (backendsByService[key] ?? []).subtracting(names) {
                change.backends.updateValue(nil, forKey: gone)
            }
            backendsByService[key] = names.isEmpty ? nil : names
            noteExternalName(names.isEmpty ? nil : state.service(key)?.resolvableName, of: key)
            for (name, port) in ports {
                let backend = backend(name, key, port, state)
                if configuration.backends[name] != backend {
                    change.backends.updateValue(backend, forKey: name)
                }
            }
        }
    }

    private mutating func noteExternalName(_ name: String?, of key: ObjectKey) {
        guard externalNames[key] != name else { return }
        externalNames[key] = name
        needs.externalNames = Set(externalNames.values)
    }

    /// The ports of a Service that selected Ingresses and the default backend refer to, as far as they exist.
    private func referencedPorts(
        of key: ObjectKey, _ state: ClusterState, _ routes: RouteTranslation
    ) -> [BackendName: Service.Port] {
        var ports: [BackendName: Service.Port] = [:]
        func note(_ outcome: ServiceResolution.Outcome) {
            if case .backend(let name, _, let port) = outcome { ports[name] = port }
        }
        for use in uses.ports(of: key) {
            let outcome =
                use.asked?.isOfErrors == true
                ? routes.resolution.resolve(firstOf: key) : routes.resolution.resolve(key, use.port)
            guard case .backend(let name, _, let port) = outcome else { continue }
            if let asked = use.asked {
                ports[asked] = port
                continue
            }
            guard let ingress = use.ingress else {
                ports[name] = port
                continue
            }
            let variant = name.variant(of: ingress)
            ports[variant] = port
            if plans[ObjectKey(namespace: key.namespace, name: ingress)].speaksAsClient {
                ports[variant.secured] = port
            }
        }
        if key == settings.defaultBackend { note(routes.resolution.resolve(firstOf: key)) }
        return ports.merging(tcp.backends(of: key, routes.resolution)) { port, _ in port }
    }

    private mutating func backend(
        _ name: BackendName, _ key: ObjectKey, _ port: Service.Port, _ state: ClusterState
    ) -> Backend? {
        guard let service = state.service(key) else { return nil }
        let plan = name.ingress.map { plans[ObjectKey(namespace: key.namespace, name: $0)] }
        let isOfIngresses = !name.isOfTCP && !name.isAsked && !name.isOfErrors
        let usesAddress =
            plan?.reading.values.balancing.usesServiceAddress ?? traffic.settings.usual.usesServiceAddress
        let pool = PoolServers(settings: settings, state: state)
        let proxy = pool.proxy(of: service, at: key)
        // What is passed on unread has no path to be sent by.
        var servers =
            proxy != nil && name.isOfTCP
            ? [] : pool.servers(of: service, at: key, port, byAddress: isOfIngresses && usesAddress)
        // Bytes of a TCP service are passed on as they are.
        if port.speaksTLS, !name.isOfTCP, !name.isAsked {
            for i in servers.indices { servers[i].tls = ServerTLS() }
        }
        // What KEP-3726 names HTTP/2 without TLS.
        if port.appProtocol == "kubernetes.io/h2c", !name.isOfTCP, !name.isAsked {
            for i in servers.indices { servers[i].speaks = .http2 }
        }
        if name.sendsProxyHeaders {
            // Version 1, as ingress-nginx sends it.
            for i in servers.indices { servers[i].sentProxyHeader = .text }
        }
        var backend = Backend(servers: servers, origin: Origin(key))
        traffic.settings.apply(to: &backend)
        if name.isOfTCP { traffic.settings.applySessions(to: &backend) }
        plan?.apply(to: &backend, isSecured: name.isSecured)
        if name.isOfErrors { backend.takeErrors() }
        if name.isAsked { backend.takeQuestions(named: key, isSecure: name.isAskedSecurely) }
        proxy?.apply(to: &backend, in: key.namespace)
        return sharing(backend)
    }

    private mutating func sharing(_ backend: Backend) -> Backend {
        var backend = backend
        if !recentBackends.contains(where: { backend.share(settingsOf: $0) }) {
            recentBackends = [backend] + recentBackends.prefix(3)
        }
        return backend
    }

    private mutating func translateUserLists(_ change: inout Change) {
        guard userListsRevision != plans.userListsRevision else { return }
        userListsRevision = plans.userListsRevision
        let lists = Dictionary(plans.userLists.values.map { ($0.name, $0) }) { first, _ in first }
        let sorted = lists.values.sorted { $0.name < $1.name }
        if configuration.userLists != sorted { change.userLists = sorted }
    }

    // MARK: - Settings and TCP services

    /// Whether settings differ from those that hold.
    private mutating func readSettings(_ dirty: Dirty, _ state: ClusterState) -> Bool {
        guard let key = settings.globalSettings,
            dirty.configMaps.contains(key) || !traffic.sources.isDisjoint(with: dirty.configMaps)
        else { return false }
        let before = traffic.settings
        traffic = SettingsReading(
            state.configMaps[key], key: key, state.configMaps, over: settings.usual)
        if needs.settingsConfigMaps != traffic.sources { needs.settingsConfigMaps = traffic.sources }
        set(traffic.problems, for: .globalSettings)
        return traffic.settings != before
    }

    /// The Services that may have other pools, those of changed TCP services among them, and whether these changed.
    private mutating func readTCPServices(_ dirty: Dirty, _ state: ClusterState) -> (Set<ObjectKey>, Bool) {
        guard let key = settings.tcpServices, dirty.configMaps.contains(key) else {
            return (dirty.services, !tcp.services.isDisjoint(with: dirty.services))
        }
        let before = tcp.services
        tcp = TCPServices(state.configMaps[key], key: key, reservedPorts: settings.reservedPorts)
        return (dirty.services.union(before).union(tcp.services), true)
    }

    private mutating func translateFrontends(
        _ resolution: ServiceResolution, isEdited: Bool, _ change: inout Change
    ) {
        var (ofTCP, problems) = tcp.frontends(resolution, bindAddress: settings.bindAddress)
        if isProxied {
            problems += ofTCP.map { ProxiedPods.problem(with: $0) }
            ofTCP = []
        }
        set(problems, for: .tcpServices)
        passthroughIsTouched = false
        let hello = passthrough.sorted { $0.key.description < $1.key.description }
            .map { HelloRoute(host: $0.key, backend: $0.value) }
        let all = (settings.frontends + ofTCP).map { given in
            var frontend = traffic.settings.applied(
                to: given, from: tlsSubject, logsAsNginx: settings.logsAsNginx)
            if frontend.mode == .http, frontend.binds.contains(where: \.isTLS) {
                frontend.helloRoutes = hello
            }
            if isProxied, frontend.mode == .http { frontend.rules.request.insert(ProxiedPods.links, at: 0) }
            return frontend
        }
        // Those of the command line have been open since the start.
        guard all != settings.frontends || !configuration.frontends.isEmpty else { return }
        // What could not be opened is tried again with every edit, and now and then (`ListenRetry`).
        if isEdited || configuration.frontends != all { change.frontends = all }
    }

    /// Who is told of what is wrong with settings of TLS that only the engine can judge.
    private var tlsSubject: Subject {
        Subject(
            kind: ConfigMap.resource.kind,
            object: settings.globalSettings.map { Origin($0) } ?? Origin(namespace: "", name: ""),
            field: "data.ssl-ciphers")
    }

    // MARK: - The default backend

    /// The answer is the hosts that lead there too, if it leads elsewhere now.
    private mutating func translateFallback(_ routes: RouteTranslation, _ change: inout Change)
        -> Set<HostPattern>
    {
        let found = DefaultBackend(routes)
        set(found.diagnostics, for: .fallback)
        let isMoved = configuration.fallback != found.target
        guard isMoved || rest != found.rest else { return [] }
        if isMoved { change.fallback = .some(found.target) }
        rest = found.rest
        return fallbackFollowers.union([.any])
    }

    // MARK: - Certificates

    private mutating func translateCertificates(
        _ dirty: Dirty, _ state: ClusterState, _ routes: RouteTranslation, _ change: inout Change
    ) {
        let translation = CertificateTranslation(
            state: state, routes: routes, uses: uses, settings: settings)
        for key in dirty.secrets {
            let name = CertificateTranslation.name(of: key)
            let certificate = translation.certificate(of: key)
            if configuration.certificates[name] != certificate {
                change.certificates.updateValue(certificate, forKey: name)
            }
            // (Touched only when it differs: the reporter compares sets by identity first.)
            let isFollowed = translation.isFollowedByName(key)
            if isFollowed != needs.unknownSecrets.contains(key) {
                if isFollowed { needs.unknownSecrets.insert(key) } else { needs.unknownSecrets.remove(key) }
            }
            if key == settings.defaultTLSSecret {
                let wanted = certificate == nil ? [] : [name]
                if configuration.defaultCertificates != wanted { change.defaultCertificates = wanted }
                set(
                    state.secrets[key]?.isComplete == true ? [] : missingDefault(key),
                    for: .defaultCertificate)
            }
        }
        for host in dirty.serverNames {
            let names = translation.certificates(for: host)
            if configuration.serverNames[host] != names {
                change.serverNames.updateValue(names, forKey: host)
            }
        }
    }

    private func missingDefault(_ key: ObjectKey) -> [Diagnostic] {
        [
            Diagnostic(
                .error, kind: "Secret", object: Origin(key), reason: "DefaultCertificateMissing",
                message: "the default certificate of the flags does not exist or lacks tls.crt or tls.key")
        ]
    }
}

extension Service.Port {
    /// `appProtocol` says so: KEP-3726's names. Whom the pods' certificates are for and who signs them it does not say, so
    /// that they are not verified, as ingress controllers do.
    var speaksTLS: Bool { appProtocol == "https" || appProtocol == "kubernetes.io/wss" }
}
