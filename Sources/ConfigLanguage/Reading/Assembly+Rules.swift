import Model

/// Rules, once it is known what they name and what is to be had where they stand.
extension Assembly {
    mutating func backendRules(_ proxy: Proxy) -> [BackendRule] {
        let layers: SampleLayers =
            proxy.mode == .http ? [.connection, .request, .body] : [.connection, .hello, .payload]
        return proxy.rules.backends.compactMap { draft in
            check(draft, layers, "use_backend \(draft.name.text)", proxy)
            if let format = draft.format { return BackendRule(.written(format), when: draft.condition) }
            return backend(named: draft.name, for: proxy, draft.place).map {
                BackendRule($0, when: draft.condition)
            }
        }
    }

    /// Whom rules of a section may name by formats: HAProxy looks for them among all there are when a request is here.
    func namedBackends(_ proxy: Proxy) -> [BackendName] {
        guard proxy.rules.backends.contains(where: { $0.format != nil }) else { return [] }
        return proxies.filter { SectionSet.servers.contains($0.kind) && $0.mode == proxy.mode }
            .map { BackendName($0.name) }
    }

    mutating func serverRules(_ proxy: Proxy) -> [ServerRule] {
        let layers: SampleLayers = proxy.mode == .http ? .choosingServer : [.connection, .backend]
        return proxy.rules.servers.compactMap { draft in
            check(draft, layers, "use-server \(draft.name.text)", proxy)
            if let format = draft.format { return ServerRule(.written(format), when: draft.condition) }
            let names = proxy.servers.map(\.server.name)
            guard names.contains(draft.name.text) else {
                let nearest = Suggestion.nearest(to: draft.name.text, among: names)
                add(
                    .error, "UnknownServer",
                    "\(proxy.title): no server is called '\(draft.name.text)'"
                        + (nearest.map { "; did you mean '\($0)'?" } ?? ""), draft.place)
                return nil
            }
            return ServerRule(.known(draft.name.text), when: draft.condition)
        }
    }

    mutating func persistenceExceptions(_ proxy: Proxy) -> [PersistenceException] {
        let layers: SampleLayers = proxy.mode == .http ? .choosingServer : [.connection, .backend]
        return proxy.rules.persistence.map { draft in
            check(draft.exception.condition, layers, draft.name, proxy, draft.place)
            return draft.exception
        }
    }

    private mutating func check(
        _ draft: RuleDrafts.Draft, _ layers: SampleLayers, _ rule: String, _ proxy: Proxy
    ) {
        check(draft.condition, layers, rule, proxy, draft.place)
        guard let format = draft.format else { return }
        check(format.needs, layers, rule, proxy, draft.place)
        if proxy.mode == .tcp, let variable = format.firstVariableOfRequests {
            add(
                .error, "Conflict",
                "'\(rule)' of \(proxy.title): format variable '\(variable.rawValue)' is reserved for HTTP mode",
                draft.place)
        }
    }

    /// Rules about connections as they begin.
    mutating func openingRules(_ proxy: Proxy) -> OpeningRules {
        var rules = OpeningRules()
        rules.connection = sessionRules(proxy, .connection, [.connection])
        rules.session = sessionRules(proxy, .session, [.connection])
        return rules
    }

    /// Rules about what is in connections of mode tcp.
    mutating func contentRules(_ proxy: Proxy) -> [SessionRule] {
        guard proxy.mode == .tcp else { return [] }
        for draft in proxy.rules.sessions where draft.moment == .content && proxy.kind != .backend {
            guard case .setLogLevel = draft.rule.action else { continue }
            add(
                .error, "UnsupportedKeyword",
                "'\(draft.name)' of \(proxy.title) exists in HAProxy but not here yet in frontends of mode tcp; in their "
                    + "backends it is", draft.place)
        }
        return sessionRules(proxy, .content, [.connection, .hello, .payload])
    }

    /// The same once they have a backend; a `listen` section asks the first ones at its front.
    mutating func backendSessionRules(_ proxy: Proxy) -> BackendSessionRules {
        var rules = proxy.backend.sessionRules
        guard proxy.mode == .tcp else { return BackendSessionRules() }
        if proxy.kind == .backend {
            rules.content = sessionRules(proxy, .content, [.connection, .hello, .payload, .backend])
        }
        rules.answers = sessionRules(proxy, .answer, [.connection, .backend, .server, .answerPayload])
        if rules.content.isEmpty { rules.contentDelay = 0 }
        if rules.answers.isEmpty { rules.answerDelay = 0 }
        return rules
    }

    private mutating func sessionRules(
        _ proxy: Proxy, _ moment: RuleDrafts.Moment, _ layers: SampleLayers
    ) -> [SessionRule] {
        proxy.rules.sessions.filter { $0.moment == moment }.map { draft in
            check(draft.rule.condition, layers, draft.name, proxy, draft.place)
            check(draft.rule.needs, layers, draft.name, proxy, draft.place)
            if case .count(let action) = draft.rule.action {
                checkTables(of: action, named: draft.name, proxy, draft.place)
            }
            if case .variable(let change) = draft.rule.action {
                check(change, moment, named: draft.name, proxy, draft.place)
            }
            return limited(draft, of: proxy)
        }
    }

    /// Before there is a request there are variables of the session and of the process.
    private mutating func check(
        _ change: VariableChange, _ moment: RuleDrafts.Moment, named rule: String, _ proxy: Proxy,
        _ place: SourceLocation
    ) {
        for table in change.tables { checkTable(table, named: rule, of: proxy, place) }
        let scope = change.variable.scope
        guard scope != .session, scope != .process, moment < .content else { return }
        add(
            .error, "UnsupportedKeyword",
            "'\(rule)' of \(proxy.title): there are only variables of the session (sess.) and of the process (proc.) "
                + "before its bytes are looked at", place)
    }

    /// Content rules of mode http are asked about each request.
    private func messageRule(_ rule: SessionRule) -> HTTPRule {
        let action: HTTPAction =
            switch rule.action {
            case .accept, .expectProxy: .allow
            case .reject: .reject
            case .silentDrop: .silentDrop
            case .count(let action): .count(action)
            case .variable(let change): .variable(change)
            case .limitBandwidth(let limit): .limitBandwidth(limit)
            case .capture(let expression, let slot): .capture(expression, slot: slot)
            case .adjust(let setting): .adjust(setting)
            case .log(let step): .log(step)
            case .resolve(let query): .resolve(query)
            case .setSource(let expression): .setSource(expression)
            case .setSourcePort(let expression): .setSourcePort(expression)
            case .setLogLevel(let level): .setLogLevel(level)
            case .setDestination(let expression): .setDestination(expression)
            case .setDestinationPort(let expression): .setDestinationPort(expression)
            case .closeServer: .closeServer
            }
        return HTTPRule(action, when: rule.condition)
    }

    /// What `tcp-response content` asks about answers of mode http. Without a delay HAProxy asks before anything has come: then no
    /// condition about an answer holds.
    private mutating func answerContent(_ proxy: Proxy, isTold: Bool) -> [HTTPRule] {
        let delay = proxy.backend.sessionRules.answerDelay
        let drafts = proxy.rules.sessions.filter { $0.moment == .answer }
        // Of a `listen` section, which has them twice, they are looked at once.
        var rules = drafts.map { messageRule(limited($0, of: proxy)) }
        if isTold {
            rules = sessionRules(proxy, .answer, SampleLayers.answering.subtracting(.answerBody)).map(
                messageRule)
            for draft in drafts {
                if delay == 0, messageRule(draft.rule).looksAtAnswers {
                    add(
                        .warning, "NoEffect",
                        "'\(draft.name)' of \(proxy.title) looks at answers, which it does not wait for without "
                            + "'tcp-response inspect-delay'", draft.place)
                }
            }
        }
        return delay > 0 ? rules : rules.filter { !$0.looksAtAnswers }
    }

    /// Time-outs of clients are set where clients are, those of servers where these are.
    private mutating func checkPlace(of change: TimeoutChange, _ draft: RuleDrafts.HTTPDraft, _ proxy: Proxy)
    {
        let isOfClients = change.kind == .client
        guard proxy.kind == (isOfClients ? .backend : .frontend) else { return }
        let whose = isOfClients ? "clients: it stands in a frontend" : "servers: it stands in a backend"
        add(.error, "Conflict", "'\(draft.name)' is about \(whose)", draft.place)
    }

    /// Rules about messages. Mode tcp has none: they are left out there, as HAProxy leaves them.
    mutating func httpRules(_ proxy: Proxy, ofServers: Bool) -> HTTPRules {
        var rules = HTTPRules()
        let drafts = proxy.rules
        let layers: SampleLayers = ofServers ? .choosingServer : [.connection, .request]
        guard proxy.mode == .http else {
            if let first = (drafts.requests + drafts.redirects + drafts.responses + drafts.afterResponses)
                .first,
                ofServers || proxy.kind != .listen
            {
                add(.warning, "NoEffect", "'\(first.name)' of \(proxy.title) needs mode http", first.place)
            }
            return rules
        }
        for draft in drafts.requests + drafts.redirects + drafts.responses + drafts.afterResponses {
            checkTables(of: draft, proxy)
        }
        for draft in drafts.requests + drafts.redirects {
            if case .setTimeout(let change) = draft.rule.action { checkPlace(of: change, draft, proxy) }
            check(draft.rule.condition, layers.union(.body), draft.name, proxy, draft.place)
            check(draft.rule.action.needs, layers.union(.body), draft.name, proxy, draft.place)
        }
        // Of one section they are looked at once.
        for draft in drafts.responses + drafts.afterResponses where ofServers || proxy.kind == .frontend {
            check(draft.rule.condition, SampleLayers.answering, draft.name, proxy, draft.place)
            check(draft.rule.action.needs, SampleLayers.answering, draft.name, proxy, draft.place)
        }
        for condition in drafts.monitorFails where !ofServers {
            check(condition, layers, "monitor fail", proxy, proxy.line)
        }
        rules.content = sessionRules(proxy, .content, layers).map(messageRule)
        rules.request =
            (ofServers ? [] : monitor(drafts)) + drafts.requests.map { limited($0, of: proxy) }
            + statistics(proxy, layers)
        rules.redirects = drafts.redirects.map(\.rule)
        rules.response = drafts.responses.map { limited($0, of: proxy) }
        if proxy.kind != .frontend {
            rules.answerContent = answerContent(proxy, isTold: ofServers)
            rules.answerDelay = rules.answerContent.isEmpty ? 0 : proxy.backend.sessionRules.answerDelay
        }
        rules.afterResponse = drafts.afterResponses.map(\.rule)
        return rules
    }

    /// The page of statistics is a rule behind all others, whoever serves requests.
    private mutating func statistics(_ proxy: Proxy, _ layers: SampleLayers) -> [HTTPRule] {
        guard var page = proxy.statistics, let url = try? Expression(.ofRequest(.url)) else { return [] }
        if let line = proxy.statisticsLine {
            check(page.needs, layers, "stats", proxy, line)
            for table in page.tables { checkTable(table, named: "stats", of: proxy, line) }
            if !page.access.isEmpty, !page.users.isEmpty || page.realm != StatisticsPage().realm {
                add(
                    .error, "Conflict",
                    "\(proxy.title): 'stats auth' and 'stats realm' can not be used beside 'stats http-request'",
                    line)
            }
        }
        page.scope = page.scope.map { $0 == "." ? proxy.name : $0 }
        let test = SampleTest(url, .text(.prefix, [Array(page.uri.utf8)], ignoresCase: false))
        return [HTTPRule(.service(.statistics(page)), when: RuleCondition([[.init([test])]]))]
    }

    /// `monitor-uri` is a rule in front of all others.
    private func monitor(_ drafts: RuleDrafts) -> [HTTPRule] {
        guard let uri = drafts.monitor, let url = try? Expression(.ofRequest(.url)) else { return [] }
        let test = SampleTest(url, .text(.exact, [uri.bytes], ignoresCase: false))
        return [HTTPRule(.monitor(failing: drafts.monitorFails), when: RuleCondition([[.init([test])]]))]
    }

    /// A key that connections, or requests, do not have would be none, and the servers take turns.
    mutating func checkBalance(_ proxy: Proxy) {
        let known: SampleLayers =
            proxy.mode == .tcp ? [.connection, .backend, .payload] : .choosingServer
        if proxy.mode != .tcp, proxy.backend.persistence.desktopCookie != nil {
            add(
                .warning, "Adjusted",
                "\(proxy.title): 'persist rdp-cookie' has no effect in mode \(proxy.mode.rawValue)",
                proxy.line)
        }
        guard case .hash(.expression(let expression)) = proxy.backend.balance else { return }
        let missing = expression.needs.subtracting(known)
        guard !missing.isEmpty else { return }
        add(
            .error, "Conflict",
            "\(proxy.title): 'balance \(proxy.backend.balance)' needs \(missing), which mode \(proxy.mode.rawValue) does not have",
            proxy.line)
    }

    /// The same of what servers are told: names, and fields of PROXY headers.
    mutating func checkServerNames(_ proxy: Proxy) {
        for draft in proxy.servers {
            for field in draft.server.ownProxyFields {
                let place = "set-proxy-v2-tlv-fmt"
                check(field.value.needs, [.connection, .backend, .server], place, proxy, draft.line)
            }
            guard case .sample(let expression)? = draft.server.tls?.serverName else { continue }
            let missing = expression.needs.subtracting([.connection, .backend])
            guard !missing.isEmpty else { continue }
            add(
                .error, "Conflict",
                "server \(draft.server.name) of \(proxy.title): 'sni \(expression)' needs \(missing), which mode tcp does not have",
                draft.line)
        }
    }

    mutating func check(
        _ condition: RuleCondition?, _ layers: SampleLayers, _ rule: String, _ proxy: Proxy,
        _ place: SourceLocation
    ) {
        check(condition?.needs ?? [], layers, rule, proxy, place)
        for table in condition?.tables ?? [] { checkTable(table, named: rule, of: proxy, place) }
    }

    mutating func check(
        _ needs: SampleLayers, _ layers: SampleLayers, _ rule: String, _ proxy: Proxy, _ place: SourceLocation
    ) {
        let missing = needs.subtracting(layers)
        guard !missing.isEmpty else { return }
        add(
            .error, "Conflict",
            "'\(rule)' of \(proxy.title) needs \(missing), which is not known there in mode "
                + proxy.mode.rawValue, place)
    }
}
