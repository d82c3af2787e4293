import Model

/// Makes the configuration out of the sections once all of them have been read: names are looked up, and what one value means
/// for another is decided.
struct Assembly {
    private(set) var diagnostics: [Diagnostic] = []
    let proxies: [Proxy]
    /// Where in `proxies` the section with servers of a name stands, and the frontends that lead to it by `default_backend`.
    private let placesOfBackends: [String: Int]
    private let placesOfLeading: [String: [Int]]
    let caches: [CacheSection]
    let global: GlobalLogging
    let rings: [RingSection]
    var logProfiles: [LogProfileSection] = []
    /// `h1-case-adjust` of `global`.
    var fieldNames: [String] = []
    var result = Configuration()
    /// The first number of sections.
    var firstID = 1
    /// Which backends samples ask for, and where.
    var backendReads: [(read: BackendRead, place: SourceLocation)] = []
    var frontendReads: [(read: FrontendRead, place: SourceLocation)] = []
    /// `peers` sections.
    var peers: [PeersSection] = []

    init(_ proxies: [Proxy], caches: [CacheSection], global: GlobalLogging, rings: [RingSection] = []) {
        self.rings = rings
        self.global = global
        self.proxies = proxies
        var (backends, leading): ([String: Int], [String: [Int]]) = ([:], [:])
        for (place, proxy) in proxies.enumerated() {
            if SectionSet.servers.contains(proxy.kind), backends[proxy.name] == nil {
                backends[proxy.name] = place
            }
            guard proxy.kind == .frontend, !proxy.isDisabled, let word = proxy.defaultBackend else {
                continue
            }
            leading[word.text, default: []].append(place)
        }
        (placesOfBackends, placesOfLeading) = (backends, leading)
        self.caches = caches
    }

    /// The configuration; usable only if no diagnostic is an error.
    mutating func configuration() -> Configuration {
        checkCaches()
        checkBackendReads()
        checkFrontendReads()
        let places = places()
        enterPeers()
        for proxy in proxies where !proxy.isDisabled {
            if let table = proxy.stickTable { enter(table, of: proxy) }
        }
        for proxy in proxies where !proxy.isDisabled {
            check(proxy)
            checkTablesOfPages(of: proxy)
            checkCacheNames(of: proxy)
            checkResolvers(of: proxy)
            if SectionSet.servers.contains(proxy.kind) {
                result.backends[BackendName(proxy.name)] = backend(proxy)
                result.backends[BackendName(proxy.name)]?.place = places[proxy.title] ?? ProxyPlace()
                enterCache(of: proxy)
            }
            guard SectionSet.clients.contains(proxy.kind) else { continue }
            var frontend = frontend(proxy)
            frontend.place = places[proxy.title] ?? ProxyPlace()
            result.frontends.append(frontend)
        }
        for proxy in proxies where SectionSet.clients.contains(proxy.kind) && !proxy.isDisabled {
            enterCertificates(proxy)
            passOn(proxy)
        }
        return result
    }

    mutating func add(
        _ severity: Diagnostic.Severity, _ reason: String, _ message: String, _ place: SourceLocation
    ) {
        diagnostics.append(
            Diagnostic(
                severity, kind: "", object: Origin(namespace: "", name: ""), reason: reason, message: message,
                location: place))
    }

    /// Numbers of listeners, which statistics tell them apart by.
    private mutating func checkNumbers(of proxy: Proxy) {
        var taken: Set<Int> = []
        for draft in proxy.binds where draft.bind.id > 0 {
            if draft.places.count > 1 {
                add(
                    .error, "Conflict", "\(proxy.title): 'bind … id' is for one address at a time", draft.line
                )
            } else if !taken.insert(draft.bind.id).inserted {
                add(
                    .error, "Conflict", "\(proxy.title): another 'bind' has the id \(draft.bind.id)",
                    draft.line)
            }
        }
    }

    private mutating func check(_ proxy: Proxy) {
        checkNumbers(of: proxy)
        if proxy.kind == .frontend, proxy.binds.isEmpty {
            add(.warning, "NoBind", "\(proxy.title) has no 'bind' and is never reached", proxy.line)
        }
        for (sentence, line) in proxy.misplacedVersions { add(.error, "Conflict", sentence, line) }
        let missing = missingTimeouts(proxy)
        if !missing.isEmpty {
            add(
                .warning, "NoTimeout",
                "\(proxy.title): no 'timeout \(missing.joined(separator: "' and no 'timeout "))': "
                    + "silent peers are waited for without end", proxy.line)
        }
    }

    private func missingTimeouts(_ proxy: Proxy) -> [String] {
        var missing: [String] = []
        if SectionSet.clients.contains(proxy.kind), proxy.frontend.timeouts.client == 0 {
            missing.append("client")
        }
        guard SectionSet.servers.contains(proxy.kind) else { return missing }
        if proxy.backend.timeouts.connect == 0 { missing.append("connect") }
        if proxy.backend.timeouts.server == 0 { missing.append("server") }
        return missing
    }

    // MARK: Servers

    mutating func backend(_ proxy: Proxy) -> Backend {
        var backend = proxy.backend
        backend.timeouts.queue = proxy.times.queue ?? backend.timeouts.connect
        backend.timeouts.tunnel = proxy.times.tunnel ?? 0
        backend.timeouts.tarpit = proxy.times.tarpit ?? backend.timeouts.connect
        backend.compression = proxy.compression ?? backend.compression
        if proxy.closing > .none { backend.maxIdlePerServer = 0 }
        if backend.persistence.cookie?.dynamicKey != nil {
            backend.persistence.cookie?.dynamicKey = proxy.dynamicCookieKey
            if proxy.dynamicCookieKey == nil {
                add(
                    .error, "Conflict", "\(proxy.title): 'cookie … dynamic' needs a 'dynamic-cookie-key'",
                    proxy.line)
            }
        }
        backend.persistence.stickRules = stickRules(proxy)
        backend.servers = servers(proxy)
        if case .local = backend.stateSource { backend.stateSource = .local(proxy.stateFile ?? proxy.name) }
        backend.serverRules = serverRules(proxy)
        backend.persistence.exceptions = persistenceExceptions(proxy)
        backend.rules = httpRules(proxy, ofServers: true)
        backend.sessionRules = backendSessionRules(proxy)
        backend.told = told(proxy)
        checkBalance(proxy)
        if proxy.mode == .tcp { checkServerNames(proxy) }
        return backend
    }

    private mutating func servers(_ proxy: Proxy) -> [Server] {
        var names: [String: SourceLocation] = [:]
        var ids: Set<Int> = []
        for draft in proxy.servers {
            if let other = names[draft.server.name] {
                add(
                    .error, "Conflict",
                    "server \(draft.server.name) of \(proxy.title) has the name of the one of "
                        + "\(other.file):\(other.line)", draft.line)
            }
            names[draft.server.name] = draft.line
            if draft.health.isAgentChecked, draft.health.agent.port == 0 {
                add(
                    .error, "Conflict",
                    "server \(draft.server.name) of \(proxy.title): 'agent-check' needs an 'agent-port'",
                    draft.line)
            }
            if !draft.server.redirection.isEmpty, proxy.mode != .http {
                add(
                    .error, "Conflict",
                    "server \(draft.server.name) of \(proxy.title): 'redir' is for mode http", draft.line)
            }
            if draft.server.id > 0, !ids.insert(draft.server.id).inserted {
                add(
                    .error, "Conflict",
                    "server \(draft.server.name) of \(proxy.title): another one has the id \(draft.server.id)",
                    draft.line)
            }
        }
        if let connection = proxy.check.connection, connection.speaksTLS {
            for draft in proxy.servers where draft.health.isChecked && draft.health.ownTLS == nil {
                add(
                    .error, "Conflict",
                    "server \(draft.server.name) of \(proxy.title) is checked over TLS: say who signs its certificate by "
                        + "'ca-file', or 'verify none'", draft.line)
            }
        }
        for draft in proxy.servers {
            guard let problem = TrackedServers(proxies).problem(of: draft, in: proxy) else { continue }
            add(.error, "Conflict", "server \(draft.server.name) of \(proxy.title): \(problem)", draft.line)
        }
        return Assembly.servers(of: proxy)
    }

    private static func servers(of proxy: Proxy) -> [Server] {
        proxy.servers.map { draft in
            var server = draft.server
            if case .binary(let fields) = server.sentProxyHeader {
                server.sentProxyHeader = .binary(fields.union(draft.proxyFields))
            }
            server.check = draft.health.check(proxy.check, in: proxy.name)
            server.source = SourceKeywords.settled(draft, in: proxy.source)
            return server
        }
    }

    // MARK: Clients

    private mutating func frontend(_ proxy: Proxy) -> Frontend {
        var frontend = proxy.frontend
        frontend.timeouts.request = proxy.times.request ?? frontend.timeouts.client
        frontend.timeouts.keepAlive = proxy.times.keepAlive ?? frontend.timeouts.request
        frontend.mode = proxy.mode
        frontend.closesConnections = proxy.closing == .both
        frontend.binds = proxy.binds.flatMap { draft in
            draft.places.map { place in
                var bind = draft.bind
                (bind.address, bind.port, bind.versions) = (place.address, place.port, draft.versions)
                (bind.descriptor, bind.isLocal) = (place.descriptor, place.isLocal)
                if !bind.isLocal { bind.rights = LocalSocketRights() }
                return bind
            }
        }
        for draft in proxy.binds where proxy.mode == .http {
            guard let name = VersionKeywords.stranger(among: draft.bind.applicationProtocols) else {
                continue
            }
            add(
                .error, "UnsupportedKeyword",
                "\(proxy.title): 'bind … alpn \(name)' is not here yet in mode http; 'h2' and 'http/1.1' do",
                draft.line)
        }
        frontend.fallback = fallback(proxy)
        frontend.backendRules = backendRules(proxy)
        frontend.namedBackends = namedBackends(proxy)
        frontend.observedBackends = observedBackends
        frontend.observedServers = observedServers
        frontend.openingRules = openingRules(proxy)
        frontend.sessionRules = contentRules(proxy)
        frontend.rules = httpRules(proxy, ofServers: false)
        frontend.isListen = proxy.kind == .listen
        if proxy.mode == .http, proxy.adjustsNames.ofClients { frontend.fieldNames = fieldNames }
        let connect = proxy.kind == .listen ? proxy.backend.timeouts.connect : 0
        frontend.timeouts.tarpit = proxy.times.tarpit ?? connect
        frontend.logging = logging(proxy)
        return frontend
    }

    /// `default_backend`, else the section's own servers, else 503 or, of TCP, the end.
    private mutating func fallback(_ proxy: Proxy) -> RouteTarget? {
        if let word = proxy.defaultBackend {
            if let name = backend(named: word, for: proxy, proxy.line) { return .backend(name) }
        }
        if proxy.kind == .listen { return .backend(BackendName(proxy.name)) }
        return proxy.mode == .tcp ? nil : .answer(status: 503)
    }

    /// The section with servers of a name.
    func section(ofBackend name: String) -> Proxy? { placesOfBackends[name].map { proxies[$0] } }

    /// The frontends whose requests go to a backend if no rule says otherwise.
    func frontends(leadingTo name: String) -> [Proxy] { (placesOfLeading[name] ?? []).map { proxies[$0] } }

    /// The backend of a name; nil, and an error, if there is none, or none that fits.
    mutating func backend(named word: Word, for proxy: Proxy, _ place: SourceLocation) -> BackendName? {
        guard let backend = section(ofBackend: word.text) else {
            let known = proxies.filter { SectionSet.servers.contains($0.kind) }.map(\.name)
            let nearest = Suggestion.nearest(to: word.text, among: known)
            add(
                .error, "UnknownBackend",
                "\(proxy.title): no backend is called '\(word.text)'"
                    + (nearest.map { "; did you mean '\($0)'?" } ?? ""), place)
            return nil
        }
        if backend.mode != proxy.mode {
            add(
                .error, "Conflict",
                "\(proxy.title) of mode \(proxy.mode.rawValue) can not lead to \(backend.title) of mode "
                    + backend.mode.rawValue, place)
        }
        return BackendName(word.text)
    }

    /// Certificates are chosen by server name, whatever the listener; for no name they are the defaults of the file's first `bind`
    /// that has any.
    private mutating func enterCertificates(_ proxy: Proxy) {
        for draft in proxy.binds {
            for certificate in draft.certificates { enter(certificate, draft) }
            let defaults = defaults(of: draft)
            guard !defaults.isEmpty, defaults != result.defaultCertificates else { continue }
            guard !result.defaultCertificates.isEmpty else {
                result.defaultCertificates = defaults
                continue
            }
            let others = result.defaultCertificates.map { "'\($0)'" }.joined(separator: " and ")
            add(
                .warning, "Adjusted",
                "'bind … crt': clients that name no known host are served \(others) here too", draft.line)
        }
    }

    /// Those of a line for clients that name no known host, each once.
    private func defaults(of bind: BindDraft) -> [CertificateName] {
        var names: [CertificateName] = []
        for certificate in bind.certificates where certificate.isDefault {
            let name = CertificateName(certificate.path)
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    private mutating func enter(_ certificate: CertificateDraft, _ bind: BindDraft) {
        let name = CertificateName(certificate.path)
        let isForItsOwn = !certificate.hasNames || result.certificates[name]?.servesSubjectNames == true
        result.certificates[name] = Certificate(
            chainPEM: certificate.pem, keyPEM: certificate.pem, servesSubjectNames: isForItsOwn,
            ocspResponse: certificate.ocspResponse)
        for host in certificate.names {
            if certificate.hasNames { result.serverNames[host, default: []].append(name) }
            guard let tls = certificate.tls else { continue }
            if let other = result.hostTLS[host], other != tls {
                add(
                    .warning, "Adjusted",
                    "'crt-list': options for '\(host)' were given before and stay as they were", bind.line)
            } else {
                result.hostTLS[host] = tls
            }
        }
        if certificate.tls != nil, certificate.names.isEmpty {
            add(
                .warning, "Adjusted",
                "'crt-list': the options of '\(certificate.path)' are for no server name and have no effect",
                bind.line)
        }
        // Who is left out of a wildcard is served what everybody is served.
        for host in certificate.exceptions where result.serverNames[host] == nil {
            result.serverNames[host] = defaults(of: bind)
            result.hostTLS[host] = result.hostTLS[host] ?? bind.certificates.first?.tls ?? HostTLS()
        }
    }

    /// What a frontend says about the answers of the backend it leads to.
    private mutating func passOn(_ proxy: Proxy) {
        let ruled =
            proxy.rules.backends.filter { $0.format == nil }.map(\.name.text)
            + namedBackends(proxy).map(\.description)
        let own = proxy.kind == .frontend ? [proxy.defaultBackend?.text].compactMap { $0 } : []
        for name in Set(ruled + own).sorted().map({ BackendName($0) }) {
            if proxy.closing > .none { result.backends[name]?.maxIdlePerServer = 0 }
            if let compression = proxy.compression, result.backends[name]?.compression == nil {
                result.backends[name]?.compression = compression
            }
        }
    }
}
