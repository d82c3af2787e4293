import Model

/// What stands in a `backend`, and in the rest of a `listen`.
extension SectionText {
    /// Of a `listen`, whose front has said what both sides have in common.
    mutating func add(_ backend: Backend, called name: BackendName, isListen: Bool) {
        let frontend = isListen ? context.configuration.frontends.first { $0.name == name.description } : nil
        if frontend == nil {
            add("mode", Word(mode(of: backend, called: name).rawValue))
            if !backend.place.description.isEmpty { add("description", Word(backend.place.description)) }
        }
        // haproxy tells there how servers are.
        if frontend == nil, isLogged { add("log", "global") }
        addBalance(of: backend)
        addTimes(of: backend, isListen: isListen)
        addStateSource(of: backend, called: name)
        if backend.maxIdlePerServer == 0, frontend?.closesConnections != true {
            add("option", "http-server-close")
        }
        if frontend == nil {
            add("option", "http-buffer-request", if: backend.buffersRequests)
            add(errorPages: backend.errorPages)
        }
        add(backend.told, beside: frontend)
        if let compression = backend.compression { add(compression) }
        if let table = context.configuration.tables[TableName(name.description)] {
            add(table, called: TableName(name.description))
        }
        addPersistence(of: backend)
        addProbe(of: backend)
        if frontend == nil {
            addLimits(of: backend.rules.actions, backend.sessionRules.actions)
            add(backend.rules, of: name.description)
        }
        addSessionRules(of: backend)
        if let use = backend.cache { add(use) }
        for rule in backend.serverRules {
            let target = rule.target.known.map { Word($0) }
            let written = rule.target.format.map { word($0, for: .value) }
            if let word = target ?? written { add(["use-server", word], when: rule.condition) }
        }
        addServers(of: backend)
    }

    private mutating func addStateSource(of backend: Backend, called name: BackendName) {
        switch backend.stateSource {
        case .none: break
        case .global: add("load-server-state-from-file", "global")
        case .local(let file):
            add("load-server-state-from-file", "local")
            if file != name.description { add("server-state-file-name", Word(file)) }
        }
    }

    /// Whether all frontends log to whom `global` names, as they do where `defaults` says so.
    private var isLogged: Bool {
        let targets = context.global.logging.targets
        return !targets.isEmpty
            && context.configuration.frontends.allSatisfy { $0.logging?.targets == targets }
    }

    /// Bytes if a frontend of mode tcp leads to it.
    private func mode(of backend: Backend, called name: BackendName) -> Mode {
        if context.isOfText { return backend.place.mode }
        let isOfTCP = context.configuration.frontends.contains { frontend in
            frontend.mode == .tcp
                && (frontend.fallback == .backend(name)
                    || frontend.backendRules.contains { $0.backend == name })
        }
        return isOfTCP ? .tcp : .http
    }
}
