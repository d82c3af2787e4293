import Model

/// Which limit a rule means by a name.
extension Assembly {
    /// A rule about messages with the limit that its section declares.
    mutating func limited(_ draft: RuleDrafts.HTTPDraft, of proxy: Proxy) -> HTTPRule {
        guard case .limitBandwidth(let named) = draft.rule.action else { return draft.rule }
        let isOfAnswers = draft.name.hasPrefix("http-response")
        let layers = isOfAnswers ? SampleLayers.answering : .choosingServer.union(.body)
        let limit = declared(named, draft.name, of: proxy, draft.place, layers)
        return HTTPRule(.limitBandwidth(limit), when: draft.rule.condition)
    }

    /// The same of a rule about connections.
    mutating func limited(_ draft: RuleDrafts.SessionDraft, of proxy: Proxy) -> SessionRule {
        guard case .limitBandwidth(let named) = draft.rule.action else { return draft.rule }
        let limit = declared(named, draft.name, of: proxy, draft.place, SampleLayers(rawValue: .max))
        return SessionRule(.limitBandwidth(limit), when: draft.rule.condition)
    }

    private mutating func declared(
        _ named: BandwidthLimit, _ rule: String, of proxy: Proxy, _ place: SourceLocation,
        _ layers: SampleLayers
    ) -> BandwidthLimit {
        guard var limit = proxy.bandwidthLimits.first(where: { $0.name == named.name }) else {
            // A section with both sides is looked at twice.
            guard !diagnostics.contains(where: { $0.reason == "UnknownLimit" && $0.location == place }) else {
                return named
            }
            let nearest = Suggestion.nearest(to: named.name, among: proxy.bandwidthLimits.map(\.name))
            add(
                .error, "UnknownLimit",
                "'\(rule)': \(proxy.title) has no 'filter bwlim-in' or 'bwlim-out' called '\(named.name)'"
                    + (nearest.map { "; did you mean '\($0)'?" } ?? ""), place)
            return named
        }
        (limit.chosenBytes, limit.chosenPeriod) = (named.chosenBytes, named.chosenPeriod)
        if let sharing = limit.sharing { share(&limit, sharing, rule, of: proxy, place, layers) }
        return limit
    }

    /// The period of a limit that is shared is that of what its table stores.
    private mutating func share(
        _ limit: inout BandwidthLimit, _ sharing: BandwidthLimit.Sharing, _ rule: String, of proxy: Proxy,
        _ place: SourceLocation, _ layers: SampleLayers
    ) {
        limit.period = 1_000
        guard !diagnostics.contains(where: { $0.severity == .error && $0.location == place }) else { return }
        let title = "'\(rule)': the limit '\(limit.name)' of \(proxy.title)"
        guard limit.chosenBytes == nil, limit.chosenPeriod == nil else {
            return add(
                .error, "Conflict", "\(title) is shared: 'limit' and 'period' are for limits of each stream",
                place)
        }
        check(sharing.key.needs, layers, rule, proxy, place)
        guard let table = checkTable(sharing.table, named: rule, of: proxy, place) else { return }
        checkKey(sharing.key, of: sharing.table, named: rule, proxy, place)
        guard let stored = table.stored.first(where: { $0.kind == limit.storedRate }) else {
            return add(
                .error, "Conflict",
                "\(title) counts in the table '\(sharing.table)', which does not store "
                    + limit.storedRate.rawValue, place)
        }
        limit.period = stored.period
    }
}
