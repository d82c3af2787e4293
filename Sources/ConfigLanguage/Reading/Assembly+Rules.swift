import Model

/// Rules, once it is known what they name and what is to be had where they stand.
extension Assembly {
    mutating func backendRules(_ proxy: Proxy) -> [BackendRule] {
        let layers: SampleLayers = proxy.mode == .http ? [.connection, .request] : [.connection, .hello]
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
        proxy.mode == .tcp ? sessionRules(proxy, .content, [.connection, .hello]) : []
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
        guard scope != .session, scope != .process, moment != .content || proxy.mode == .tcp else { return }
        add(
            .error, "UnsupportedKeyword",
            "'\(rule)' of \(proxy.title): there are only variables of the session (sess.) and of the process (proc.) "
                + "before a connection is given to a server", place)
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
            }
        return HTTPRule(action, when: rule.condition)
    }

    /// Rules about messages. Mode tcp has none: they are left out there, as HAProxy leaves them.
    mutating func httpRules(_ proxy: Proxy, ofServers: Bool) -> HTTPRules {
        var rules = HTTPRules()
        let drafts = proxy.rules
        let layers: SampleLayers = ofServers ? .choosingServer : [.connection, .request]
        if ofServers, proxy.kind == .backend, proxy.mode == .tcp, let first = drafts.sessions.first {
            add(
                .error, "UnsupportedKeyword",
                "'tcp-request content in a backend of mode tcp' exists in HAProxy but not here yet; in a frontend it is",
                first.place)
        }
        guard proxy.mode == .http else {
            if let first = (drafts.requests + drafts.redirects + drafts.responses + drafts.afterResponses)
                .first,
                ofServers || proxy.kind != .listen
            {
                add(.warning, "NoEffect", "'\(first.name)' of \(proxy.title) needs mode http", first.place)
            }
            return rules
        }
        for draft in drafts.requests + drafts.redirects + drafts.responses {
            checkTables(of: draft, proxy)
        }
        for draft in drafts.requests + drafts.redirects {
            check(draft.rule.condition, layers, draft.name, proxy, draft.place)
            check(draft.rule.action.needs, layers, draft.name, proxy, draft.place)
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
            + statistics(proxy)
        rules.redirects = drafts.redirects.map(\.rule)
        rules.response = drafts.responses.map { limited($0, of: proxy) }
        rules.afterResponse = drafts.afterResponses.map(\.rule)
        return rules
    }

    /// The page of statistics is a rule behind all others, whoever serves requests.
    private func statistics(_ proxy: Proxy) -> [HTTPRule] {
        guard let page = proxy.statistics, let url = try? Expression(.ofRequest(.url)) else { return [] }
        let test = SampleTest(url, .text(.prefix, [Array(page.uri.utf8)], ignoresCase: false))
        return [HTTPRule(.service(.statistics(page)), when: RuleCondition([[.init([test])]]))]
    }

    /// `monitor-uri` is a rule in front of all others.
    private func monitor(_ drafts: RuleDrafts) -> [HTTPRule] {
        guard let uri = drafts.monitor, let url = try? Expression(.ofRequest(.url)) else { return [] }
        let test = SampleTest(url, .text(.exact, [uri.bytes], ignoresCase: false))
        return [HTTPRule(.monitor(failing: drafts.monitorFails), when: RuleCondition([[.init([test])]]))]
    }

    /// A key that connections do not have would be none, and the servers take turns.
    mutating func checkBalance(_ proxy: Proxy) {
        guard case .hash(.expression(let expression)) = proxy.backend.balance else { return }
        let missing = expression.needs.subtracting([.connection, .backend])
        guard !missing.isEmpty else { return }
        add(
            .error, "Conflict",
            "\(proxy.title): 'balance hash \(expression)' needs \(missing), which mode tcp does not have",
            proxy.line)
    }

    private mutating func check(
        _ condition: RuleCondition?, _ layers: SampleLayers, _ rule: String, _ proxy: Proxy,
        _ place: SourceLocation
    ) {
        check(condition?.needs ?? [], layers, rule, proxy, place)
        for table in condition?.tables ?? [] { checkTable(table, named: rule, of: proxy, place) }
    }

    private mutating func check(
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
