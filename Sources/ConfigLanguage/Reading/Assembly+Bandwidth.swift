import Model

/// Which limit a rule means by a name.
extension Assembly {
    /// A rule about messages with the limit that its section declares.
    mutating func limited(_ draft: RuleDrafts.HTTPDraft, of proxy: Proxy) -> HTTPRule {
        guard case .limitBandwidth(let named) = draft.rule.action else { return draft.rule }
        let limit = declared(named, draft.name, of: proxy, draft.place)
        return HTTPRule(.limitBandwidth(limit), when: draft.rule.condition)
    }

    /// The same of a rule about connections.
    mutating func limited(_ draft: RuleDrafts.SessionDraft, of proxy: Proxy) -> SessionRule {
        guard case .limitBandwidth(let named) = draft.rule.action else { return draft.rule }
        let limit = declared(named, draft.name, of: proxy, draft.place)
        return SessionRule(.limitBandwidth(limit), when: draft.rule.condition)
    }

    private mutating func declared(
        _ named: BandwidthLimit, _ rule: String, of proxy: Proxy, _ place: SourceLocation
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
        return limit
    }
}
