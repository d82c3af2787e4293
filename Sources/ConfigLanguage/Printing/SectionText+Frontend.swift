import Model

/// What stands in a `frontend`, and in the front of a `listen`.
extension SectionText {
    /// `backend` is the one of the same section.
    mutating func add(_ frontend: Frontend, with backend: Backend?) {
        add("mode", Word(frontend.mode.rawValue))
        if !frontend.place.description.isEmpty { add("description", Word(frontend.place.description)) }
        addBinds(of: frontend)
        if frontend.maxConnections > 0 { add("maxconn", "\(frontend.maxConnections)") }
        if frontend.maxSessionRate > 0 { add("rate-limit", "sessions", "\(frontend.maxSessionRate)") }
        addTimes(of: frontend, connect: backend?.timeouts.connect ?? 0)
        add("option", "socket-stats", if: frontend.countsListeners)
        add("option", "httpclose", if: frontend.closesConnections)
        add("option", "http-buffer-request", if: frontend.buffersRequests)
        if let appended = frontend.forwarding.appended { add(appended) }
        if let appended = frontend.forwarding.appendedDestination { add(appended) }
        add("option", "h1-case-adjust-bogus-client", if: !frontend.fieldNames.isEmpty)
        if frontend.mode == .http || context.isOfText { add(errorPages: frontend.errorPages) }
        addCaptures(of: frontend)
        addLogging(of: frontend)
        addTable(named: frontend.name)
        addLimits(
            of: frontend.rules.actions + routeActions(of: frontend),
            frontend.sessionRules.map(\.action) + (backend?.sessionRules.actions ?? []))
        addSessionRules(of: frontend)
        addLimits(of: frontend)
        if frontend.mode == .http, frontend.forwarding.isEnabled { addForwarding(frontend) }
        add(frontend.rules, of: frontend.name)
        addChoices(of: frontend)
    }

    /// The table of this name, if this section is to have it: the backend's, if there are both.
    private mutating func addTable(named name: String) {
        let table = TableName(name)
        guard context.configuration.backends[BackendName(name)] == nil,
            let known = context.configuration.tables[table]
        else { return }
        add(known, called: table)
    }

    /// What rules of routes do, where they stand in this section.
    private func routeActions(of frontend: Frontend) -> [HTTPAction] {
        guard frontend.mode == .http, !context.isOfText else { return [] }
        var actions: [HTTPAction] = []
        let routes = context.configuration.routes.values.flatMap(\.routes)
        for rules in routes.compactMap(\.rules) + [frontend.fallbackRules].compactMap(\.self) {
            for list in [rules.first, rules.unsecured, rules.access, rules.request, rules.response] {
                actions += list.map(\.action)
            }
        }
        return actions
    }

    private mutating func addLimits(of frontend: Frontend) {
        if frontend.maxHeaderCount > 0 {
            remark("more than \(frontend.maxHeaderCount) fields are answered 431")
        }
        if frontend.maxHeaderSize > 0 {
            remark("heads of more than \(frontend.maxHeaderSize) bytes are answered 431")
        }
        for route in frontend.helloRoutes {
            remark("TLS for \(route.host) is passed through to '\(context.name(of: route.backend))' unread")
        }
    }

    /// Where requests go: by rules, by routes, else to the default.
    private mutating func addChoices(of frontend: Frontend) {
        for rule in frontend.backendRules { add(rule) }
        if frontend.mode == .http, !context.isOfText { addRoutes(of: frontend) }
        switch frontend.fallback {
        case .backend(let name)?:
            if !frontend.isListen || name != BackendName(frontend.name) {
                add("default_backend", Word(context.name(of: name)))
            }
        case .answer(let status)?:
            if status != 503 || !context.isOfText { add("default_backend", Word(context.answering(status))) }
        case nil: break
        }
    }

    private mutating func add(_ rule: BackendRule) {
        switch rule.target {
        case .known(let name): add(["use_backend", Word(context.name(of: name))], when: rule.condition)
        case .written(let format): add(["use_backend", word(format, for: .value)], when: rule.condition)
        }
    }
}
