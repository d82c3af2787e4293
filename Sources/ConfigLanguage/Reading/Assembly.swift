import Model

/// Makes the configuration out of the sections once all of them have been read: names are looked up, and what one value means
/// for another is decided.
struct Assembly {
    private(set) var diagnostics: [Diagnostic] = []
    let proxies: [Proxy]
    let caches: [CacheSection]
    let global: GlobalLogging
    let rings: [RingSection]
    var result = Configuration()
    /// The first number of sections.
    var firstID = 1
    /// Which backends samples ask for, and where.
    var backendReads: [(read: BackendRead, place: SourceLocation)] = []
    /// `peers` sections that were refused.
    var refusedPeers: Set<String> = []

    init(_ proxies: [Proxy], caches: [CacheSection], global: GlobalLogging, rings: [RingSection] = []) {
        self.rings = rings
        self.global = global
        self.proxies = proxies
        self.caches = caches
    }

    /// The configuration; usable only if no diagnostic is an error.
    mutating func configuration() -> Configuration {
        checkCaches()
        checkBackendReads()
        let places = places()
        for proxy in proxies where !proxy.isDisabled {
            if let table = proxy.stickTable { enter(table, of: proxy) }
        }
        for proxy in proxies where !proxy.isDisabled {
            check(proxy)
            checkCacheNames(of: proxy)
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

    private mutating func check(_ proxy: Proxy) {
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

    private mutating func backend(_ proxy: Proxy) -> Backend {
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
        backend.serverRules = serverRules(proxy)
        backend.rules = httpRules(proxy, ofServers: true)
        if proxy.mode == .tcp { checkBalance(proxy) }
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
        return Assembly.usable(proxy)
    }

    /// Without those that are disabled, whose numbers nobody else gets.
    private static func usable(_ proxy: Proxy) -> [Server] {
        let drafts = proxy.servers
        let isNumbered = drafts.contains { $0.isDisabled }
        let taken = Set(drafts.map(\.server.id))
        var next = 1
        var servers: [Server] = []
        for draft in drafts {
            var server = draft.server
            if isNumbered, server.id == 0 {
                while taken.contains(next) { next += 1 }
                server.id = next
                next += 1
            }
            if case .binary(let fields) = server.sentProxyHeader {
                server.sentProxyHeader = .binary(fields.union(draft.proxyFields))
            }
            server.check = draft.health.check(proxy.check, in: proxy.name)
            if !draft.isDisabled { servers.append(server) }
        }
        return servers
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
                bind.descriptor = place.descriptor
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
        frontend.openingRules = openingRules(proxy)
        frontend.sessionRules = contentRules(proxy)
        frontend.rules = httpRules(proxy, ofServers: false)
        frontend.isListen = proxy.kind == .listen
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

    /// The backend of a name; nil, and an error, if there is none, or none that fits.
    mutating func backend(named word: Word, for proxy: Proxy, _ place: SourceLocation) -> BackendName? {
        let backends = proxies.filter { SectionSet.servers.contains($0.kind) }
        guard let backend = backends.first(where: { $0.name == word.text }) else {
            let nearest = Suggestion.nearest(to: word.text, among: backends.map(\.name))
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

    /// Certificates are chosen by server name, whatever the listener; for no name it is the first of the file.
    private mutating func enterCertificates(_ proxy: Proxy) {
        for draft in proxy.binds {
            for certificate in draft.certificates { enter(certificate, draft) }
            guard let first = draft.certificates.first?.path else { continue }
            let name = CertificateName(first)
            if let other = result.defaultCertificate, other != name {
                add(
                    .warning, "Adjusted",
                    "'bind … crt': clients that name no known host are served '\(other)' here too", draft.line
                )
            } else {
                result.defaultCertificate = name
            }
        }
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
            guard let first = bind.certificates.first else { continue }
            result.serverNames[host] = [CertificateName(first.path)]
            result.hostTLS[host] = result.hostTLS[host] ?? first.tls ?? HostTLS()
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
