import Model

/// `tcp-request`: rules about connections.
extension SectionText {
    mutating func addSessionRules(of frontend: Frontend) {
        for rule in frontend.openingRules.connection { add(rule, "connection") }
        for rule in frontend.openingRules.session { add(rule, "session") }
        for rule in frontend.sessionRules { add(rule, "content") }
    }

    mutating func addSessionRules(of backend: Backend) {
        let rules = backend.sessionRules
        addDelay(rules.contentDelay, "tcp-request")
        for rule in rules.content { add(rule, "content") }
        addDelay(rules.answerDelay, "tcp-response")
        for rule in rules.answers { add(rule, "content", of: "tcp-response") }
    }

    /// The older words, which HAProxy of every age reads, where they will do.
    func words(of setting: ConnectionSetting) -> [Word] {
        let isOfClient = setting.kind == .clientTOS || setting.kind == .clientMark
        guard setting.kind != .priorityClass, setting.kind != .priorityOffset,
            case .integer = setting.value.fetch, setting.value.converters.isEmpty
        else { return [Word(setting.kind.rawValue), word(setting.value)] }
        let name = isOfClient ? (setting.kind == .clientTOS ? "set-tos" : "set-mark") : setting.kind.rawValue
        return [Word(name), number(setting.value)]
    }

    private mutating func addDelay(_ delay: Int, _ side: Word) {
        if delay > 0 { add(side, "inspect-delay", TimeSpelling.word(delay)) }
    }

    private mutating func add(_ rule: SessionRule, _ moment: Word, of side: Word = "tcp-request") {
        let action: [Word]
        switch rule.action {
        case .accept: action = ["accept"]
        case .reject: action = ["reject"]
        case .silentDrop: action = ["silent-drop"]
        case .expectProxy: action = ["expect-proxy", "layer4"]
        case .count(let count): action = words(of: count)
        case .limitBandwidth(let limit): action = words(of: limit)
        case .variable(let change): action = words(of: change)
        case .capture(let expression, let slot): action = words(ofCapture: expression, at: slot)
        case .adjust(let setting): action = words(of: setting)
        case .log: action = ["do-log"]
        case .resolve(let query): action = words(of: query)
        case .setDestination(let expression): action = ["set-dst", word(expression)]
        case .setSource(let expression): action = ["set-src", word(expression)]
        case .setSourcePort(let expression): action = ["set-src-port", word(expression)]
        case .setLogLevel(let level): action = ["set-log-level", Word(level?.name ?? "silent")]
        case .setDestinationPort(let expression): action = ["set-dst-port", word(expression)]
        case .closeServer: action = ["close"]
        }
        add([side, moment] + action, when: rule.condition)
    }
}
