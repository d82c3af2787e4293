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
    private var uses = IngressUses()
    private var tcp = TCPServices()
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
    }

    init(settings: TranslationSettings) { self.settings = settings }

    /// Everything that is wrong now, in a stable order.
    var allDiagnostics: [Diagnostic] {
        Set(diagnostics.values.joined()).sorted {
            ($0.object.namespace, $0.object.name, $0.field, $0.reason, $0.message) < (
                $1.object.namespace, $1.object.name, $1.field, $1.reason, $1.message
            )
        }
    }

    /// Translates what is dirty; the answer is what differs from the configuration so far, which then holds it too.
    mutating func translate(_ dirty: Dirty, of state: ClusterState) -> Change {
        let selection = selection(in: state)
        let resolution = ServiceResolution(services: state.services, settings: settings)
        let routes = RouteTranslation(state: state, selection: selection, resolution: resolution)
        let check = IngressCheck(
            state: state, selection: selection, resolution: resolution)
        for key in dirty.ingresses {
            let ingress = state.ingresses[key]
            uses.set(ingress.flatMap { selection.selects($0) ? $0 : nil }, at: key)
            set(ingress.map { check.diagnostics(of: $0) } ?? [], for: .ingress(key))
        }
        var change = Change()
        let (services, tcpIsTouched) = readTCPServices(dirty, state)
        translateBackends(services, state, routes, &change)
        if tcpIsTouched {
            translateTCPServices(resolution, isEdited: !dirty.configMaps.isEmpty, &change)
        }
        for host in dirty.hosts {
            let (translated, conflicts) = routes.routes(of: host)
            set(conflicts, for: .host(host))
            if configuration.routes[host] != translated {
                change.routes.updateValue(translated, forKey: host)
            }
        }
        if dirty.fallback { translateFallback(state, routes, &change) }
        translateCertificates(dirty, state, routes, &change)
        configuration.apply(change)
        return change
    }

    /// Which Ingresses are ours.
    func selection(in state: ClusterState) -> ClassSelection {
        ClassSelection(settings: settings, classes: state.classes, knowsClasses: knowsClasses)
    }

    /// Translates pools alone: servers come and go, no backend disappears. What a change of routes will bring or take
    /// away waits for that change, so that no route ever points to a pool that left before it.
    mutating func translatePools(_ services: Set<ObjectKey>, of state: ClusterState) -> Change {
        var change = Change()
        for key in services {
            guard let service = state.services[key] else { continue }
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
            noteExternalName(names.isEmpty ? nil : state.services[key]?.resolvableName, of: key)
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
        for port in uses.ports(of: key) { note(routes.resolution.resolve(key, port)) }
        if key == settings.defaultBackend { note(defaultBackend(state, routes)) }
        return ports.merging(tcp.backends(of: key, routes.resolution)) { port, _ in port }
    }

    private func backend(
        _ name: BackendName, _ key: ObjectKey, _ port: Service.Port, _ state: ClusterState
    ) -> Backend? {
        guard let service = state.services[key] else { return nil }
        var servers: [Server]
        if service.type == "ExternalName" {
            let external = service.externalName
            let addresses = service.resolvableName == nil ? [external] : state.addresses[external] ?? []
            servers = addresses.map { Server(address: $0, port: UInt16(clamping: port.port)) }
        } else {
            let slices = (state.slices[key] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
            servers = EndpointSelection(service: service, slices: slices).servers(for: port)
        }
        // Bytes of a TCP service are passed on as they are.
        if port.speaksTLS, !name.isOfTCP {
            for i in servers.indices { servers[i].tls = ServerTLS() }
        }
        // What KEP-3726 names HTTP/2 without TLS.
        if port.appProtocol == "kubernetes.io/h2c", !name.isOfTCP {
            for i in servers.indices { servers[i].speaks = .http2 }
        }
        if name.sendsProxyHeaders {
            // Version 1, as ingress-nginx sends it.
            for i in servers.indices { servers[i].sentProxyHeader = .text }
        }
        return Backend(servers: servers, origin: Origin(key))
    }

    // MARK: - TCP services

    /// The Services that may have other pools, those of changed TCP services among them, and whether these changed.
    private mutating func readTCPServices(_ dirty: Dirty, _ state: ClusterState) -> (Set<ObjectKey>, Bool) {
        guard let key = settings.tcpServices, dirty.configMaps.contains(key) else {
            return (dirty.services, !tcp.services.isDisjoint(with: dirty.services))
        }
        let before = tcp.services
        tcp = TCPServices(state.configMaps[key], key: key, reservedPorts: settings.reservedPorts)
        return (dirty.services.union(before).union(tcp.services), true)
    }

    private mutating func translateTCPServices(
        _ resolution: ServiceResolution, isEdited: Bool, _ change: inout Change
    ) {
        let (frontends, problems) = tcp.frontends(resolution, bindAddress: settings.bindAddress)
        set(problems, for: .tcpServices)
        // The others have been open since the start.
        guard !frontends.isEmpty || !configuration.frontends.isEmpty else { return }
        let all = settings.frontends + frontends
        // What could not be opened is tried again with every edit, and now and then (`ListenRetry`).
        if isEdited || configuration.frontends != all { change.frontends = all }
    }

    // MARK: - The default backend

    /// The oldest Ingress's default backend, else the flag's, else none.
    private mutating func translateFallback(
        _ state: ClusterState, _ routes: RouteTranslation, _ change: inout Change
    ) {
        let holders = routes.oldestFirst(state.ingressesWithDefault)
        var found: [Diagnostic] = []
        var target: RouteTarget?
        if let first = holders.first, let backend = first.defaultBackend {
            target = routes.resolution.resolve(backend, namespace: first.meta.namespace).target
            for loser in holders.dropFirst() {
                found.append(
                    Diagnostic(
                        .warning, kind: "Ingress", object: Origin(loser.meta.key),
                        field: "spec.defaultBackend",
                        reason: "DefaultBackendConflict",
                        message:
                            "the default backend is that of Ingress \(first.meta.key), \(RouteTranslation.reason(first, before: loser))"
                    ))
            }
        } else if settings.defaultBackend != nil {
            let outcome = defaultBackend(state, routes)
            target = outcome.target
            found += problem(with: outcome)
        }
        set(found, for: .fallback)
        if configuration.fallback != target { change.fallback = .some(target) }
    }

    private func problem(with outcome: ServiceResolution.Outcome) -> [Diagnostic] {
        guard case .failed(let reason, let message) = outcome, let key = settings.defaultBackend else {
            return []
        }
        return [
            Diagnostic(
                .error, kind: "Service", object: Origin(key), reason: reason,
                message: "the default backend of the flags: \(message)")
        ]
    }

    /// The flag's Service by its first TCP port.
    private func defaultBackend(_ state: ClusterState, _ routes: RouteTranslation)
        -> ServiceResolution.Outcome
    {
        guard let key = settings.defaultBackend else { return .failed(reason: "", message: "") }
        let ports = state.services[key]?.ports ?? []
        let port =
            (ports.first { $0.transport == "TCP" } ?? ports.first).map { ServicePort.number($0.port) }
            ?? .missing
        return routes.resolution.resolve(key, port)
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
                let wanted = certificate == nil ? nil : name
                if configuration.defaultCertificate != wanted { change.defaultCertificate = .some(wanted) }
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
