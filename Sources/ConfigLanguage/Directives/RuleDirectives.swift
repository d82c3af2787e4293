import Model

/// `acl`, `use_backend`, `use-server`, and what `tcp-request` says of connections.
enum RuleDirectives {
    static let table = [
        Directive("acl") { line, proxy throws(Refusal) in
            try refuseInDefaults(proxy)
            let name = try name(&line)
            var reader = TestReader(line.surroundings)
            let tests: [SampleTest]
            do throws(Refusal) {
                tests = try reader.test(line.rest)
            } catch {
                proxy.accessLists.refuse(name)
                throw error
            }
            line.skipRest()
            for warning in reader.warnings { line.warn(warning) }
            proxy.accessLists.add(tests, to: name)
        },
        Directive("use_backend") { line, proxy throws(Refusal) in
            proxy.rules.backends.append(try choice("backend", &line, proxy))
        },
        Directive("use-server") { line, proxy throws(Refusal) in
            proxy.rules.servers.append(try choice("server", &line, proxy))
        },
        Directive("force-persist") { line, proxy throws(Refusal) in try exception(true, &line, &proxy) },
        Directive("ignore-persist") { line, proxy throws(Refusal) in try exception(false, &line, &proxy) },
        Directive("tcp-request inspect-delay") { line, proxy throws(Refusal) in
            // 0 is what HAProxy has without the line, which means the default here.
            let delay = try line.time()
            if delay > 0 { proxy.frontend.timeouts.hello = delay }
            proxy.backend.sessionRules.contentDelay = delay
        },
        Directive("tcp-response inspect-delay") { line, proxy throws(Refusal) in
            proxy.backend.sessionRules.answerDelay = try line.time()
        },
        Directive("tcp-request connection") { line, proxy throws(Refusal) in
            try session(.connection, [.connection], &line, &proxy)
        },
        Directive("tcp-request session") { line, proxy throws(Refusal) in
            try session(.session, [.connection], &line, &proxy)
        },
        Directive("tcp-request content") { line, proxy throws(Refusal) in
            try session(.content, SampleLayers(rawValue: .max), &line, &proxy)
        },
        Directive("tcp-response content") { line, proxy throws(Refusal) in
            try session(.answer, SampleLayers(rawValue: .max), &line, &proxy)
        },
    ]

    private static func session(
        _ moment: RuleDrafts.Moment, _ layers: SampleLayers, _ line: inout LineReader, _ proxy: inout Proxy
    ) throws(Refusal) {
        try refuseInDefaults(proxy)
        if moment >= .content, line.next?.text == "set-nice" {
            return try SettingKeywords.skipNice(&line, proxy)
        }
        let word = try line.take("what happens: accept, reject or another action")
        line.subject += " \(word.text)"
        let action =
            word.text == "capture" && moment == .content
            ? try capture(&line, &proxy) : try action(word, moment, layers, &line)
        let condition = try line.condition(proxy.accessLists)
        proxy.rules.sessions.append(
            .init(
                moment: moment, name: line.subject, rule: SessionRule(action, when: condition),
                place: line.place))
    }

    private static func capture(
        _ line: inout LineReader, _ proxy: inout Proxy
    ) throws(Refusal) -> SessionRule.Action {
        guard
            case .capture(let expression, let slot) = try CaptureDirectives.action(
                &line, isAnswer: false, &proxy)
        else { throw .unsupported(line.subject, instead: nil) }
        return .capture(expression, slot: slot)
    }

    private static func action(
        _ word: Word, _ moment: RuleDrafts.Moment, _ layers: SampleLayers, _ line: inout LineReader
    ) throws(Refusal) -> SessionRule.Action {
        if CounterKeywords.name(of: word) != nil, moment != .answer || !word.text.hasPrefix("track-") {
            return .count(try CounterKeywords.action(word, &line, for: layers))
        }
        if VariableKeywords.name(of: word) != nil {
            return .variable(try VariableKeywords.change(word, &line))
        }
        if word.text.hasPrefix("\(NameQueryKeywords.name)("), moment == .content {
            return .resolve(try NameQueryKeywords.query(word, &line))
        }
        if SettingKeywords.names.contains(word.text) {
            return .adjust(try setting(word, moment, &line))
        }
        switch word.text {
        case "set-bandwidth-limit" where moment >= .content:
            return .limitBandwidth(try BandwidthDirectives.limit(&line, for: layers))
        case "set-dst" where moment != .answer, "set-dst-port" where moment != .answer,
            "set-src" where moment != .answer, "set-src-port" where moment != .answer:
            return place(word.text, try RequestActions.place(word.text, &line))
        case "accept": return .accept
        case "set-log-level" where moment >= .content: return .setLogLevel(try LogLevelKeywords.level(&line))
        case "do-log": return .log(moment.logStep)
        case "close" where moment == .answer: return .closeServer
        case "reject": return .reject
        case "silent-drop":
            if line.next?.text == "rst-ttl" {
                throw .unsupported("\(line.subject) rst-ttl", instead: "without it, it is")
            }
            return .silentDrop
        case "expect-proxy" where moment == .connection:
            guard line.takes("layer4") else { throw .missing(expected: "'layer4'") }
            return .expectProxy
        case "expect-netscaler-cip" where moment == .connection:
            throw .unsupported(line.subject, instead: "the PROXY protocol is")
        default:
            throw Suggestion.refusal(
                of: word, known: contentActions,
                here: [
                    "accept", "capture", "do-log", NameQueryKeywords.name, "reject", "set-bandwidth-limit",
                    "set-dst", "set-dst-port", "set-log-level", "set-src", "set-src-port", "silent-drop",
                ]
                    + CounterKeywords.words
                    + VariableKeywords.names,
                called: line.subject)
        }
    }

    /// Where a connection goes, or comes from.
    private static func place(_ name: String, _ expression: Expression) -> SessionRule.Action {
        switch name {
        case "set-dst": .setDestination(expression)
        case "set-dst-port": .setDestinationPort(expression)
        case "set-src": .setSource(expression)
        default: .setSourcePort(expression)
        }
    }

    /// Of connections that have just come only their packets are set; of servers' answers too.
    private static func setting(
        _ word: Word, _ moment: RuleDrafts.Moment, _ line: inout LineReader
    ) throws(Refusal) -> ConnectionSetting {
        guard moment == .content || SettingKeywords.ofClients.contains(word.text) else {
            throw .unsupported(line.subject, instead: nil)
        }
        return try SettingKeywords.setting(word.text, &line)
    }

    private static let contentActions: Set<String> = [
        "accept", "capture", "do-log", "do-resolve", "reject", "sc-add-gpc", "sc-inc-gpc", "sc-inc-gpc0",
        "sc-inc-gpc1",
        "sc-set-gpt", "sc-set-gpt0", "send-spoe-group", "set-bandwidth-limit", "set-bc-mark", "set-bc-tos",
        "set-dst", "set-dst-port", "set-fc-mark", "set-fc-tos", "set-log-level", "set-mark", "set-nice",
        "set-priority-class", "set-priority-offset", "set-retries", "set-src", "set-src-port", "set-tos",
        "set-var", "set-var-fmt", "silent-drop", "switch-mode", "track-sc0", "track-sc1", "track-sc2",
        "unset-var", "use-service",
    ]

    private static func exception(
        _ forces: Bool, _ line: inout LineReader, _ proxy: inout Proxy
    ) throws(Refusal) {
        if proxy.kind == .defaults { throw .conflict("a 'defaults' section can not have it") }
        guard let condition = try line.condition(proxy.accessLists) else {
            throw .missing(expected: "'if' or 'unless' and a condition")
        }
        proxy.rules.persistence.append(
            .init(
                name: line.subject, exception: PersistenceException(forces: forces, when: condition),
                place: line.place))
    }

    private static func choice(
        _ kind: String, _ line: inout LineReader, _ proxy: Proxy
    ) throws(Refusal) -> RuleDrafts.Draft {
        guard let word = line.next, !word.bytes.isEmpty else {
            throw .missing(expected: "the name of a \(kind)")
        }
        let format = try line.format(for: .value, SampleLayers(rawValue: .max))
        // What has nothing to find out is a name as it stands.
        let isName = format.parts.allSatisfy { part in
            if case .text = part { return true }
            return false
        }
        let condition = try line.condition(proxy.accessLists)
        return .init(name: word, format: isName ? nil : format, condition: condition, place: line.place)
    }

    /// Rules stand in a `defaults` section with a name, so that it is said who has them.
    static func refuseInDefaults(_ proxy: Proxy) throws(Refusal) {
        guard proxy.kind == .defaults, proxy.name.isEmpty else { return }
        throw .conflict("it can stand in a 'defaults' section only if that has a name")
    }

    private static func name(_ line: inout LineReader) throws(Refusal) -> String {
        let expected = "a name of letters, digits, '-', '_', '.' and ':'"
        let word = try line.take(expected)
        guard word.isName(), word.text != "or" else { throw .invalid(word, expected: expected) }
        return word.text
    }
}
