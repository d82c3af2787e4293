import Model

/// `tcp-request`: rules about connections.
extension SectionText {
    mutating func addSessionRules(of frontend: Frontend) {
        for rule in frontend.openingRules.connection { add(rule, "connection") }
        for rule in frontend.openingRules.session { add(rule, "session") }
        for rule in frontend.sessionRules { add(rule, "content") }
    }

    private mutating func add(_ rule: SessionRule, _ moment: Word) {
        let action: [Word]
        switch rule.action {
        case .accept: action = ["accept"]
        case .reject: action = ["reject"]
        case .silentDrop: action = ["silent-drop"]
        case .expectProxy: action = ["expect-proxy", "layer4"]
        case .count(let count): action = words(of: count)
        case .limitBandwidth(let limit): action = words(of: limit)
        case .variable(let change): action = words(of: change)
        }
        add(["tcp-request", moment] + action, when: rule.condition)
    }
}
