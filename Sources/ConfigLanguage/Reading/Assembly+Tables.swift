import Model

/// Tables and what is said of them: a rule may name a table of a section that comes later.
extension Assembly {
    /// Tables have the names of their sections.
    mutating func enter(_ table: StickTable, of proxy: Proxy) {
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
        guard let table = result.tables[name] else {
            let known = result.tables.keys.map(\.description).sorted()
            let nearest = Suggestion.nearest(to: name.description, among: known)
            return add(
                .error, "UnknownTable",
                "'stick' of \(proxy.title): no section with a 'stick-table' is called '\(name)'"
                    + (nearest.map { "; did you mean '\($0)'?" } ?? ""), draft.line)
        }
        let (found, wanted) = (draft.rule.key.output, table.type.sampleType)
        if !found.casts(to: wanted) {
            add(
                .error, "Conflict",
                "'stick' of \(proxy.title): a sample of type \(found.rawValue) can not be a key of the table '\(name)', "
                    + "which takes \(wanted.rawValue)", draft.line)
        }
        if proxy.mode == .tcp, draft.rule.key.needs.contains(.request) {
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
