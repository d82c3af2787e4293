import Model

extension TrafficSettings {
    /// A side that traffic comes in by, as the settings have it. Sides of TCP services keep what is about requests as it is.
    func applied(to frontend: Frontend, from subject: Subject, logsAsNginx: Bool = false) -> Frontend {
        var frontend = frontend
        frontend.timeouts = clientTimeouts
        frontend.maxConnections = maxConnections
        let lines = lines.plan(
            for: frontend.mode, usual: logsAsNginx, trustsProxies: !trust.networks.isEmpty)
        // Without targets nothing is written, whatever the process's own log.
        if let lines { (frontend.logging, frontend.captures) = (lines.logging, lines.captures) }
        guard frontend.mode == .http else { return frontend }
        (frontend.maxHeaderCount, frontend.maxHeaderSize) = (maxHeaderCount, maxHeaderSize)
        frontend.closesConnections = closesConnections
        (frontend.speaksHTTP2, frontend.maxStreams) = (speaksHTTP2, maxStreams)
        frontend.errorPages = errorPages
        frontend.forwarding.isEnabled = trust.tellsServers
        frontend.forwarding.trustedProxies = trust.networks
        frontend.forwarding.namesRequests = trust.namesRequests
        frontend.forwarding.sourceField = trust.sourceField
        frontend.forwarding.appendsSource = trust.appendsSource
        frontend.tracing = collection.model
        let isTLS = frontend.binds.contains(where: \.isTLS)
        frontend.rules = rules(isTLS: isTLS)
        frontend.rules.request.insert(contentsOf: lines?.first ?? [], at: 0)
        frontend.rules.afterResponse += lines?.last ?? []
        (frontend.fallbackRules, frontend.fallbackLimits) = (unrouted, unroutedLimits)
        for i in frontend.binds.indices {
            frontend.binds[i].proxyProtocol = trust.proxyProtocol
            frontend.binds[i].idlePing = idlePing
            guard frontend.binds[i].isTLS else { continue }
            frontend.binds[i].isStrictSNI = isStrictSNI
            guard tls != TLSParameters() else { continue }
            frontend.binds[i].tlsParameters = tls
            // What OpenSSL does not know of them is found out when they are published.
            frontend.subject = subject
        }
        return frontend
    }

    /// A pool as the settings have it.
    func apply(to backend: inout Backend) {
        backend.timeouts = serverTimeouts
        backend.balance = balance
        backend.retries = retries
        backend.retryOn = retryOn
        if var words = nextUpstream {
            words.repeatsAll = words.repeatsAll || repeatsAll
            words.apply(to: &backend)
        }
        backend.retryTimeLimit = retryTimeLimit
        backend.withoutConnection = .badGateway
        backend.maxIdlePerServer = maxIdlePerServer
        if !compression.algorithms.isEmpty { backend.compression = compression }
        backend.rules.request += fields.asked.rules()
    }

    /// A pool of a TCP service besides.
    func applySessions(to backend: inout Backend) {
        (backend.retryOn, backend.repeatsHarmlessOnly) = (retryOn, false)
        backend.retryTimeLimit = 0
        backend.retries = retriesSessions ? sessionRetries ?? retries : 0
    }

    private func rules(isTLS: Bool) -> HTTPRules {
        var rules = HTTPRules()
        let shut = AccessLists(
            allowed: isShut ? allowed : nil, denied: blocked, believesProxies: !trust.networks.isEmpty)
        rules.request += shut.rules
        rules.request += unlogged
        if !passesUnderscores {
            rules.request.append(HTTPRule(.change(.removeFields(.text(.substring, "_")))))
        }
        rules.request += TrafficSettings.blocking(blockedAgents, in: "user-agent")
        rules.request += TrafficSettings.blocking(blockedReferers, in: "referer")
        if tellsOriginalURI, let asked = try? Expression(.ofRequest(.pathAndQuery)) {
            let value = FormatString([.sample(asked, .encoded)])
            rules.request.append(HTTPRule(.change(.setField("X-Original-URI", value))))
        }
        rules.response = hiddenFields.map {
            HTTPRule(.change(.removeFields(.text(.exact, $0))))
        }
        rules.afterResponse = fields.answered.rules()
        if hsts.isOn, isTLS {
            let value = FormatString([.text(Array(hsts.value.utf8))])
            rules.response.append(HTTPRule(.change(.setField("Strict-Transport-Security", value))))
        }
        return rules
    }

    /// Requests that have no line in the log.
    private var unlogged: [HTTPRule] {
        guard !unloggedTargets.isEmpty, let target = try? Expression(.ofRequest(.pathAndQuery)) else {
            return []
        }
        let any = unloggedTargets.map { [RuleCondition.Term([SampleTest(target, $0)])] }
        return [HTTPRule(.setLogLevel(nil), when: RuleCondition(any))]
    }

    /// Refuses requests of which a field holds any of this.
    private static func blocking(_ tests: [Matching], in field: String) -> [HTTPRule] {
        guard !tests.isEmpty, let value = try? Expression(.requestField(FieldPick(field, isWhole: true)))
        else { return [] }
        let any = tests.map { [RuleCondition.Term([SampleTest(value, $0)])] }
        return [HTTPRule(.deny(.page(403)), when: RuleCondition(any))]
    }

    /// What is done with requests that no Ingress has a path for: those of Ingresses do it by their routes, where each may say otherwise.
    private var unrouted: RouteRules? {
        let rules = RouteRules(
            first: logsUnrouted ? [] : [HTTPRule(.setLogLevel(nil))],
            unsecured: redirection.isOn ? [HTTPRule(toTLS, when: redirection.condition)] : [],
            access: lists.rules, tracing: traces.tracing(path: "", TemplateNames()))
        return rules.isEmpty ? nil : rules
    }

    private var unroutedLimits: RequestLimits? {
        guard maxBodySize > 0 else { return nil }
        var limits = RequestLimits(name: "")
        limits.maxBodySize = maxBodySize
        return limits
    }

    private var toTLS: HTTPAction {
        var redirect = Redirect(.scheme, to: "https")
        redirect.status = redirection.status
        return .redirect(redirect)
    }
}

extension TrafficSettings.Redirection {
    /// All paths but those that stay.
    var condition: RuleCondition? {
        guard let path = try? Expression(.ofRequest(.path)) else { return nil }
        let prefixes = plainPaths.map { Array($0.utf8) }
        let test = SampleTest(path, .text(.prefix, prefixes, ignoresCase: false))
        return RuleCondition([[RuleCondition.Term([test], isNegated: true)]])
    }
}
