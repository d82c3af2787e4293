import Model

/// Tables and what is said of them: a rule may name a table of a section that comes later.
extension Assembly {
    /// Tables have the names of their sections.
    mutating func enter(_ table: StickTable, of proxy: Proxy) {
        checkPeers(of: table, proxy)
        let known = result.tables.updateValue(table, forKey: TableName(proxy.name))
        guard known != nil else { return }
        add(
            .error, "Conflict", "\(proxy.title): another section of this name has a 'stick-table' already",
            proxy.line)
    }

    /// The rules of a backend. Their tables hold servers from now on.
    mutating func stickRules(_ proxy: Proxy) -> [StickRule] {
        for draft in proxy.stickRules { check(draft, of: proxy) }
        return proxy.stickRules.map(\.rule)
    }

    private mutating func check(_ draft: StickDraft, of proxy: Proxy) {
        let name = draft.rule.table
        guard let table = checkTable(name, named: "stick", of: proxy, draft.line) else { return }
        checkKey(draft.rule.key, of: name, named: "stick", proxy, draft.line)
        check(draft.rule.condition, draft.rule.layers, "stick", proxy, draft.line)
        let needs = draft.rule.key.needs.union(draft.rule.condition?.needs ?? [])
        if proxy.mode == .http, needs.contains(.payload) {
            add(
                .error, "Conflict",
                "'stick' of \(proxy.title) needs \(SampleLayers.payload), which is not known there in mode http",
                draft.line)
        }
        if proxy.mode == .tcp, needs.contains(.request) {
            add(
                .warning, "NeverMatches",
                "'stick' of \(proxy.title): there are no requests in mode tcp, so that it never does anything",
                draft.line)
        }
        for kind in [StoredData.Kind.serverID, .serverKey]
        where !table.stored.contains(where: { $0.kind == kind }) {
            result.tables[name]?.stored.append(StoredData(kind))
        }
    }

    /// What a rule about messages names, and tracks.
    mutating func checkTables(of draft: RuleDrafts.HTTPDraft, _ proxy: Proxy) {
        if case .count(let action) = draft.rule.action {
            return checkTables(of: action, named: draft.name, proxy, draft.place)
        }
        for table in draft.rule.action.tables { checkTable(table, named: draft.name, of: proxy, draft.place) }
    }

    /// What a section's pages of errors name; its frontend and its backend have the same.
    mutating func checkTablesOfPages(of proxy: Proxy) {
        for (status, page) in proxy.frontend.errorPages.sorted(by: { $0.key < $1.key }) {
            for table in page.composed?.tables ?? [] {
                checkTable(table, named: "http-error", of: proxy, proxy.pageLines[status] ?? proxy.line)
            }
        }
    }

    /// What counts, and where.
    mutating func checkTables(
        of action: CounterAction, named rule: String, _ proxy: Proxy, _ place: SourceLocation
    ) {
        for table in action.expression.tables { checkTable(table, named: rule, of: proxy, place) }
        guard case .track(_, let key, let table) = action else { return }
        checkTable(table, named: rule, of: proxy, place)
        checkKey(key, of: table, named: rule, proxy, place)
    }

    /// The table of a name; nil, and an error, if there is none.
    @discardableResult
    mutating func checkTable(
        _ name: TableName, named rule: String, of proxy: Proxy, _ place: SourceLocation
    ) -> StickTable? {
        if let table = result.tables[name] { return table }
        if isRefusedTable(name)
            || proxies.contains(where: {
                $0.hasRefusedTable && $0.name == name.description
            })
        {
            return nil
        }
        let known = result.tables.keys.map(\.description).sorted()
        let nearest = Suggestion.nearest(to: name.description, among: known)
        add(
            .error, "UnknownTable",
            "'\(rule)' of \(proxy.title): no section with a 'stick-table' is called '\(name)'"
                + (nearest.map { "; did you mean '\($0)'?" } ?? ""), place)
        return nil
    }

    /// Whether a sample can be a key of a table.
    mutating func checkKey(
        _ key: Expression, of name: TableName, named rule: String, _ proxy: Proxy, _ place: SourceLocation
    ) {
        guard let wanted = result.tables[name]?.type.sampleType, !key.output.casts(to: wanted) else { return }
        add(
            .error, "Conflict",
            "'\(rule)' of \(proxy.title): a sample of type \(key.output.rawValue) can not be a key of the table '\(name)', "
                + "which takes \(wanted.rawValue)", place)
    }
}

extension TableKeyType {
    /// What samples become before they are keys.
    fileprivate var sampleType: SampleType {
        switch self {
        case .ip, .ipv6: .address
        case .integer: .integer
        case .string: .string
        case .binary: .binary
        }
    }
}
