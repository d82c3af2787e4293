import Model

/// Sections of name servers, which lines name before or behind them.
extension Assembly {
    /// Enters all sections, and the one that needs no line where somebody names it.
    mutating func enter(_ sections: [ResolversSection], system: () -> Resolvers?) {
        for section in sections { result.resolvers[section.resolvers.name] = section.resolvers }
        let name = Resolvers.defaultName
        let names = proxies.flatMap { proxy in
            proxy.servers.compactMap(\.resolution.resolvers?.text)
                + proxy.rules.requests.compactMap(\.resolvers) + proxy.rules.sessions.compactMap(\.resolvers)
        }
        if names.contains(name), result.resolvers[name] == nil { result.resolvers[name] = system() }
    }

    /// The sections that servers and rules name are looked up.
    mutating func checkResolvers(of proxy: Proxy) {
        var latest: SourceLocation?
        for draft in proxy.servers where draft.server.resolution != nil {
            // Those of a template have one line.
            guard let word = draft.resolution.resolvers, draft.line != latest else { continue }
            latest = draft.line
            checkResolvers(word.text, "server \(draft.server.name) of \(proxy.title)", draft.line)
        }
        for draft in proxy.rules.requests {
            if let name = draft.resolvers { checkResolvers(name, "'\(draft.name)'", draft.place) }
        }
        for draft in proxy.rules.sessions {
            if let name = draft.resolvers { checkResolvers(name, "'\(draft.name)'", draft.place) }
        }
    }

    /// An error if there is no section of the name.
    private mutating func checkResolvers(_ name: String, _ title: String, _ place: SourceLocation) {
        guard result.resolvers[name] == nil else { return }
        let nearest = Suggestion.nearest(to: name, among: result.resolvers.keys.sorted())
        let message =
            name == Resolvers.defaultName
            ? "\(title): this machine names no name server for 'resolvers default'"
            : "\(title): no resolvers section is called '\(name)'"
                + (nearest.map { "; did you mean '\($0)'?" } ?? "")
        add(.error, "UnknownResolvers", message, place)
    }
}

extension RuleDrafts.SessionDraft {
    /// The section that it asks, if it asks one.
    fileprivate var resolvers: String? {
        if case .resolve(let query) = rule.action { return query.resolvers }
        return nil
    }
}

extension RuleDrafts.HTTPDraft {
    /// The section that it asks, if it asks one.
    fileprivate var resolvers: String? {
        if case .resolve(let query) = rule.action { return query.resolvers }
        return nil
    }
}
