import Model

/// What servers are told beside requests, once all sections are known.
extension Assembly {
    /// What a section says of it. Mode tcp has no fields.
    mutating func told(_ proxy: Proxy) -> ToldFields {
        guard proxy.mode == .http else { return ToldFields() }
        var told = proxy.backend.told
        if proxy.adjustsNames.ofServers { told.fieldNames = fieldNames }
        for table in told.forwarded?.expressions.flatMap(\.tables) ?? [] {
            checkTable(table, named: "option forwarded", of: proxy, proxy.forwardedLine ?? proxy.line)
        }
        // What all frontends say, as where `defaults` does, needs no second look at each request.
        let fronts = proxies.filter {
            SectionSet.clients.contains($0.kind) && $0.mode == .http && !$0.isDisabled
        }.map(\.frontend.forwarding)
        guard !fronts.isEmpty else { return told }
        if fronts.allSatisfy({ $0.appended == told.source }) { told.source = nil }
        if fronts.allSatisfy({ $0.appendedDestination == told.destination }) { told.destination = nil }
        return told
    }
}
