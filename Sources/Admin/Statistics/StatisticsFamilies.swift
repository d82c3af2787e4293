import Engine
import Model

/// Statistics as HAProxy's exporter for Prometheus names them.
struct StatisticsFamilies {
    let rows: [StatisticsRow]
    /// Servers in maintenance are left out; backends count them all the same.
    var hidesMaintenance = false
    /// What sections are described as, by their names: a label of what is said of them.
    var descriptions: [String: String] = [:]

    /// The families of frontends, backends or servers, in HAProxy's order.
    func families(of kind: StatisticsRow.Kind) -> [MetricFamily] {
        let own = rows.filter {
            $0.kind == kind && !(hidesMaintenance && kind == .server && Self.state(of: $0) == "MAINT")
        }
        var families: [MetricFamily] = []
        for column in ExportedColumn.all where column.kinds.has(kind) {
            let name = "haproxy_\(kind.word.lowercased())_\(column.name)"
            let samples = samples(column, of: own, kind)
            if families.last?.name == name {
                families[families.count - 1].samples += samples
            } else {
                let isCounter = column.name.hasSuffix("_total")
                families.append(MetricFamily(name, isCounter ? .counter : .gauge, column.help, samples))
            }
        }
        return families
    }

    private func samples(_ column: ExportedColumn, of own: [StatisticsRow], _ kind: StatisticsRow.Kind)
        -> [MetricFamily.Sample]
    {
        switch column.column {
        case .status:
            if kind == .listener {
                return own.flatMap { samples($0, of: Self.listenerStates, [$0[.status]?.text ?? ""]) }
            }
            let states = kind == .server ? Self.serverStates : ["DOWN", "UP"]
            return own.flatMap { samples($0, of: states, [Self.state(of: $0)]) }
        case .checkStatus, .agentStatus:
            return own.flatMap { row in
                row[column.column].map { samples(row, of: Self.checkStates, [$0.text]) } ?? []
            }
        case .aggregatedServers, .aggregatedServerChecks:
            return sums(of: own, Self.serverStates) { Self.state(of: $0) }
        case .aggregatedChecks: return sums(of: own, Self.checkStates) { $0[.checkStatus]?.text }
        default: return own.compactMap { sample(column, $0) }
        }
    }

    private func sample(_ column: ExportedColumn, _ row: StatisticsRow) -> MetricFamily.Sample? {
        if column.isOfHTTP, row[.mode]?.text != "http" { return nil }
        var value = row[column.column]
        // A check that knows no codes has 0.
        if column.column == .checkCode, value == nil, row[.checkStatus] != nil { value = .outputCode(0) }
        if column.column == .agentCode, value == nil, row[.agentStatus] != nil { value = .outputCode(0) }
        guard value != nil || column.isAlways && row.kind == .server else { return nil }
        // Ages that are none are -1; what a server does not have is no number.
        let number = value.map { $0.number.map { Double($0) / column.divisor } ?? -1 } ?? .nan
        let code = column.code.map { [MetricFamily.Label(name: "code", value: $0)] } ?? []
        return MetricFamily.Sample(suffix: "", labels: labels(of: row) + code, value: number)
    }

    private func labels(of row: StatisticsRow) -> [MetricFamily.Label] {
        let proxy = row[.proxy]?.text ?? ""
        var labels = [MetricFamily.Label(name: "proxy", value: proxy)]
        if let description = descriptions[proxy] { labels.append(.init(name: "desc", value: description)) }
        if row.kind == .server || row.kind == .listener {
            let name = row.kind == .server ? "server" : "listener"
            labels.append(.init(name: name, value: row[.service]?.text ?? ""))
        }
        return labels
    }

    private static let listenerStates = ["WAITING", "OPEN", "FULL"]
    private static let serverStates = ["DOWN", "UP", "MAINT", "DRAIN", "NOLB"]

    /// What a check can have found, in HAProxy's order; the last three are of programs, which are not started here.
    private static let checkStates = [
        "HANA", "SOCKERR", "L4OK", "L4TOUT", "L4CON", "L6OK", "L6TOUT", "L6RSP", "L7TOUT", "L7RSP", "L7OK",
        "L7OKC",
        "L7STS", "PROCERR", "PROCTOUT", "PROCOK",
    ]

    /// One series for each state: how many of `found` are it.
    private func samples(_ row: StatisticsRow, of states: [String], _ found: [String])
        -> [MetricFamily.Sample]
    {
        states.map { state in
            MetricFamily.Sample(
                suffix: "", labels: labels(of: row) + [MetricFamily.Label(name: "state", value: state)],
                value: Double(found.count { $0 == state }))
        }
    }

    /// How many servers of each backend that has any are in each state.
    private func sums(
        of backends: [StatisticsRow], _ states: [String], _ state: (StatisticsRow) -> String?
    ) -> [MetricFamily.Sample] {
        let servers = Dictionary(grouping: rows.filter { $0.kind == .server }) { $0[.proxy]?.text ?? "" }
        return backends.flatMap { backend -> [MetricFamily.Sample] in
            guard let own = servers[backend[.proxy]?.text ?? ""] else { return [] }
            return samples(backend, of: states, own.compactMap(state))
        }
    }

    private static func state(of row: StatisticsRow) -> String {
        let word = row[.status]?.text ?? ""
        if word == "OPEN" || word == "no check" { return "UP" }
        return word.split(separator: " ").first.map(String.init) ?? ""
    }
}

extension MetricFamily {
    /// How large stick tables are, how full, and what peers were told of them.
    static func ofTables(_ tables: [TableAccess]) -> [MetricFamily] {
        func family(_ name: String, _ help: String, _ number: (TableAccess) -> Int) -> MetricFamily {
            let samples = tables.map { table in
                Sample(Double(number(table)), ["name": "\(table.name)", "type": table.model.type.word])
            }
            return MetricFamily("haproxy_sticktable_\(name)", .gauge, help, samples)
        }
        return [
            family("size", "Stick table size.") { $0.model.size },
            family("used", "Number of entries used in this stick table.") { $0.used },
            family(
                "local_updates",
                "Cumulative number of updates on the stick table initiated by the local process. It wraps after 4294967295."
            ) { Int($0.updates) },
        ]
    }

    /// What happened with each name server.
    static func ofResolvers(_ sections: [ResolversReport]) -> [MetricFamily] {
        let names: [(name: String, help: String)] = [
            ("sent", "Sent"), ("send_error", "Send error"), ("valid", "Valid"), ("update", "Update"),
            ("cname", "CNAME"), ("cname_error", "CNAME error"), ("any_err", "Any errors"), ("nx", "NX"),
            ("timeout", "Timeout"), ("refused", "Refused"), ("other", "Other"), ("invalid", "Invalid"),
            ("too_big", "Too big"), ("truncated", "Truncated"), ("outdated", "Outdated"),
        ]
        return names.enumerated().map { place, entry in
            let samples = sections.flatMap { section in
                section.nameServers.map { server in
                    Sample(
                        Double(server.counts.named[place].count),
                        ["resolver": section.name, "nameserver": server.name])
                }
            }
            return MetricFamily("haproxy_resolver_\(entry.name)", .gauge, entry.help, samples)
        }
    }
}
