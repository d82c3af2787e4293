import Engine

/// `show stat` and `clear counters`.
struct StatisticsCommands: Sendable {
    let engine: Engine
    /// The most connections of a frontend that has no limit of its own.
    let processLimit: Int

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "show stat", "[desc|json|no-maint|typed|up]*",
                "report counters for each proxy and server", .user
            ) { show($0) },
            RuntimeCommand(
                "clear counters", "[all]", "clear max statistics counters (or all counters)", .operator
            ) { clear($0) },
        ]
    }

    private func show(_ call: RuntimeCall) -> String {
        let statistics = engine.statistics()
        var table = StatisticsTable(statistics: statistics, processLimit: processLimit)
        table.scope.showsDetails = call.level >= .operator
        var words = call.words[...]
        if words.first == "domain" {
            words = words.dropFirst()
            guard words.popFirst() == "proxy" else {
                return "Invalid statistics domain.\n"
            }
        }
        if words.count >= 3 {
            guard let bounds = bounds(Array(words.prefix(3)), statistics) else { return "No such proxy.\n" }
            (table.scope.proxyID, table.scope.kinds, table.scope.serverID) = bounds
            words = words.dropFirst(3)
        }
        table.scope.hidesMaintenance = words.contains("no-maint")
        table.scope.hidesDown = words.contains("up")
        if words.contains("json") { return StatisticsText.json(table.rows) + "\n" }
        return words.contains("typed") ? StatisticsText.typed(table.rows) : StatisticsText.csv(table.rows)
    }

    /// `<iid|name> <type> <sid>`, where -1 is all; nil if no section has the name.
    private func bounds(
        _ words: [String], _ statistics: Statistics
    ) -> (proxy: Int?, kinds: Int, server: Int?)? {
        let kinds = Int(words[1]) ?? 0
        let server = Int(words[2]).flatMap { $0 == -1 ? nil : $0 }
        if let number = Int(words[0]), number != 0 { return (number == -1 ? nil : number, kinds, server) }
        let sections = StatisticsTable(statistics: statistics).sections
        guard let found = sections.first(where: { $0.proxy.name == words[0] }) else { return nil }
        return (Int(found.id), kinds, server)
    }

    private func clear(_ call: RuntimeCall) -> String {
        engine.clearCounters(all: call.words.first == "all")
        return ""
    }
}
