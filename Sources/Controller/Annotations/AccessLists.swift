import Model

/// Who may come in, by address: the denied first, then everybody but the allowed.
struct AccessLists: Sendable, Equatable {
    /// Nobody else may; nil is everybody.
    var allowed: [String]?
    var denied: [String] = []
    /// Whether the address is the one that a proxy which is believed names, where one does.
    var believesProxies = false

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("denylist-source-range"), .own("denylist-source-range"), .haproxy("deny-list"),
                .haproxy("blacklist"), form: SettingForm.network.list(of: "addresses and networks"),
                fallback: "", "Refuses clients from these networks with 403."
            ) { $0.access.denied = $1 },
            phase: .access, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx("allowlist-source-range"), .own("allowlist-source-range"),
                .nginx("whitelist-source-range"), .haproxy("allow-list"), .haproxy("whitelist"),
                form: SettingForm.network.list(of: "addresses and networks"), fallback: "",
                "Refuses clients from all other networks with 403."
            ) { $0.access.allowed = $1 },
            phase: .access, risk: .medium),
    ]

    /// What it says, and else what another does: each list by itself.
    func over(_ other: AccessLists) -> AccessLists {
        AccessLists(
            allowed: allowed ?? other.allowed, denied: denied.isEmpty ? other.denied : denied,
            believesProxies: believesProxies || other.believesProxies)
    }

    /// Whether anybody is kept out.
    var isEmpty: Bool { allowed == nil && denied.isEmpty }

    /// Refuses whom they keep out.
    var rules: [HTTPRule] {
        func deny(_ networks: [String], others: Bool) -> HTTPRule {
            let term = comesFrom(networks, isNegated: others)
            return HTTPRule(.deny(.page(403)), when: term.map { RuleCondition([[$0]]) })
        }
        return (denied.isEmpty ? [] : [deny(denied, others: false)])
            + (allowed.map { [deny($0, others: true)] } ?? [])
    }

    /// What all holds of whom they let in by name; nil if they name nobody.
    var admitting: [RuleCondition.Term]? {
        guard let allowed, let isAllowed = comesFrom(allowed, isNegated: false) else {
            return nil
        }
        guard !denied.isEmpty else { return [isAllowed] }
        return comesFrom(denied, isNegated: true).map { [$0, isAllowed] }
    }

    private func comesFrom(_ networks: [String], isNegated: Bool) -> RuleCondition.Term? {
        (try? Expression(believesProxies ? .told(.clientAddress) : .ofClient(.source))).map {
            RuleCondition.Term([SampleTest($0, .address(networks))], isNegated: isNegated)
        }
    }
}

extension TrafficSettings {
    /// Who may come to what has no lists itself.
    var lists: AccessLists {
        AccessLists(
            allowed: allowed.isEmpty || isShut ? nil : allowed, denied: denied,
            believesProxies: !trust.networks.isEmpty)
    }
}
