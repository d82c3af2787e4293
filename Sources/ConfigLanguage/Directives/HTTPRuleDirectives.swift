import Model

/// `http-request` and `redirect`: rules about messages.
enum HTTPRuleDirectives {
    static let table = [
        Directive("http-request") { line, proxy throws(Refusal) in
            if try SettingKeywords.skips(&line, proxy) { return }
            let (name, word) = try begin(&line, proxy, RequestActions.here, RequestActions.known)
            if !proxy.rules.redirects.isEmpty {
                line.warn("it stands behind a 'redirect' and is asked before it all the same")
            }
            let action =
                name == "capture"
                ? try CaptureDirectives.action(&line, isAnswer: false, &proxy)
                : name == "auth"
                    ? try UserListDirectives.action(&line, proxy)
                    : try RequestActions.action(name, word, &line)
            proxy.rules.requests.append(try draft(action, &line, proxy))
        },
        Directive("http-response") { line, proxy throws(Refusal) in
            if try SettingKeywords.skips(&line, proxy) { return }
            let rule = try answerRule(&line, &proxy, ResponseActions.here, ResponseActions.known)
            proxy.rules.responses.append(rule)
        },
        Directive("http-after-response") { line, proxy throws(Refusal) in
            let rule = try answerRule(
                &line, &proxy, ResponseActions.afterwards, ResponseActions.knownAfterwards)
            proxy.rules.afterResponses.append(rule)
        },
        Directive("redirect") { line, proxy throws(Refusal) in
            try RuleDirectives.refuseInDefaults(proxy)
            let action = HTTPAction.redirect(try RedirectKeywords.redirect(&line, isLiteral: true))
            proxy.rules.redirects.append(try draft(action, &line, proxy))
        },
    ]

    /// A rule about answers.
    private static func answerRule(
        _ line: inout LineReader, _ proxy: inout Proxy, _ here: [String], _ known: Set<String>
    ) throws(Refusal) -> RuleDrafts.HTTPDraft {
        let (name, word) = try begin(&line, proxy, here, known)
        let action =
            name == "capture"
            ? try CaptureDirectives.action(&line, isAnswer: true, &proxy)
            : try ResponseActions.action(name, word, &line)
        return try draft(action, &line, proxy)
    }

    /// The word that says what happens: without what stands in parentheses, and as it is written.
    private static func begin(
        _ line: inout LineReader, _ proxy: Proxy, _ here: [String], _ known: Set<String>
    ) throws(Refusal) -> (name: String, word: Word) {
        try RuleDirectives.refuseInDefaults(proxy)
        let word = try line.take("what happens: allow or another action")
        line.subject = "\(line.subject) \(word.text)"
        return (try name(word, here, known, line), word)
    }

    /// The word without what stands in parentheses, if it is here.
    private static func name(
        _ word: Word, _ here: [String], _ known: Set<String>, _ line: LineReader
    ) throws(Refusal) -> String {
        let name = word.text.split(separator: "(", maxSplits: 1).first.map(String.init) ?? ""
        let withNumbers =
            VariableKeywords.names + CounterKeywords.words + PatternKeywords.names + [NameQueryKeywords.name]
        if here.contains(name), name == word.text || withNumbers.contains(name) { return name }
        throw Suggestion.refusal(
            of: known.contains(name) ? Word(name, column: word.column) : word, known: known, here: here,
            called: line.subject)
    }

    private static func draft(
        _ action: HTTPAction, _ line: inout LineReader, _ proxy: Proxy
    ) throws(Refusal) -> RuleDrafts.HTTPDraft {
        let name = line.subject
        let condition = try line.condition(proxy.accessLists)
        return .init(name: name, rule: HTTPRule(action, when: condition), place: line.place)
    }
}

/// What may follow `http-request`.
enum RequestActions {
    static let here =
        [
            "allow", "deny", "tarpit", "reject", "silent-drop", "return", "redirect", "capture", "auth",
            "set-log-level", "do-log", "set-src", "set-src-port", "early-hint", "use-service",
            "set-bandwidth-limit",
            "wait-for-body", "set-timeout", "normalize-uri", NameQueryKeywords.name, "set-dst",
            "set-dst-port", "disable-l7-retry", "strict-mode",
        ] + SettingKeywords.names + ChangeKeywords.ofFields + ChangeKeywords.ofRequests
        + VariableKeywords.names
        + CounterKeywords.words + PatternKeywords.names

    /// Reads what stands behind one of those words.
    static func action(_ name: String, _ word: Word, _ line: inout LineReader) throws(Refusal) -> HTTPAction {
        switch name {
        case "allow": return .allow
        case "deny": return .deny(try AnswerKeywords.refusal(&line, status: 403))
        case "tarpit": return .tarpit(try AnswerKeywords.refusal(&line, status: 500))
        case "reject": return .reject
        case "silent-drop":
            if line.next?.text == "rst-ttl" {
                throw .unsupported("\(line.subject) rst-ttl", instead: "without it, it is")
            }
            return .silentDrop
        case "set-src": return .setSource(try place(name, &line))
        case "set-src-port": return .setSourcePort(try place(name, &line))
        case "set-dst": return .setDestination(try place(name, &line))
        case "set-dst-port": return .setDestinationPort(try place(name, &line))
        case "early-hint": return try ChangeKeywords.hint(&line)
        case "use-service":
            let word = try line.take("prometheus-exporter")
            if word.text.hasPrefix("lua.") {
                throw .unsupported("\(line.subject) \(word.text)", instead: Suggestion.noLua)
            }
            guard word.text == "prometheus-exporter" else {
                throw .invalid(word, expected: "prometheus-exporter")
            }
            return .service(.prometheus)
        case "set-log-level": return .setLogLevel(try LogLevelKeywords.level(&line))
        case "do-log": return .log(.requestRule)
        case "set-bandwidth-limit":
            return .limitBandwidth(try BandwidthDirectives.limit(&line, for: .choosingServer))
        case "set-timeout": return .setTimeout(try timeout(&line))
        case "disable-l7-retry": return .repeatNothing
        case "strict-mode": return .setStrictness(try line.choice(["on": true, "off": false]))
        case NameQueryKeywords.name: return .resolve(try NameQueryKeywords.query(word, &line))
        case "wait-for-body": return .waitForBody(try bodyWait(&line))
        case "normalize-uri": return .normalize(try ChangeKeywords.normalizer(&line))
        case "return": return .answer(try AnswerKeywords.answer(&line))
        case "redirect": return .redirect(try RedirectKeywords.redirect(&line))
        case _ where SettingKeywords.names.contains(name):
            return .adjust(try SettingKeywords.setting(name, &line))
        case _ where VariableKeywords.names.contains(name):
            return .variable(try VariableKeywords.change(word, &line))
        case _ where PatternKeywords.names.contains(name):
            return .patterns(try PatternKeywords.edit(word, &line))
        case _ where CounterKeywords.words.contains(name):
            return .count(try CounterKeywords.action(word, &line, for: .choosingServer))
        default: return .change(try ChangeKeywords.change(name, &line))
        }
    }

    private static func timeout(_ line: inout LineReader) throws(Refusal) -> TimeoutChange {
        let expected = "client, server or tunnel"
        let word = try line.take(expected)
        guard let kind = TimeoutChange.Kind(rawValue: word.text) else {
            throw .invalid(word, expected: expected)
        }
        // What begins with a digit is no name of a sample.
        if let first = line.next?.bytes.first, (0x30...0x39).contains(first) {
            let time = try line.time()
            guard time > 0 else {
                throw .conflict("'set-timeout \(kind.rawValue) 0': a time above 0 is needed")
            }
            return TimeoutChange(kind, .fixed(time))
        }
        let expression = try line.expression(for: SampleLayers(rawValue: .max))
        guard expression.output.casts(to: .integer) else {
            throw .conflict("a sample of type \(expression.output.rawValue) is no time")
        }
        return TimeoutChange(kind, .sample(expression))
    }

    /// Where a request or a connection comes from, or goes to.
    static func place(_ name: String, _ line: inout LineReader) throws(Refusal) -> Expression {
        let expression = try line.expression(for: SampleLayers(rawValue: .max))
        let isPort = name.hasSuffix("-port")
        guard expression.output.casts(to: isPort ? .integer : .address) else {
            throw .conflict(
                "a sample of type \(expression.output.rawValue) is no \(isPort ? "number" : "address")")
        }
        return expression
    }

    /// Of requests and of answers.
    static func bodyWait(_ line: inout LineReader) throws(Refusal) -> BodyWait {
        var wait = BodyWait()
        while let word = line.next, ["time", "at-least"].contains(word.text) {
            _ = line.takeIfAny()
            if word.text == "time" { wait.time = try line.time() } else { wait.least = try line.size() }
        }
        guard wait.time != nil else { throw .missing(expected: "'time' and how long") }
        return wait
    }

    /// HAProxy's.
    static let known: Set<String> = [
        "add-acl", "add-header", "allow", "auth", "cache-use", "capture", "del-acl", "del-header", "del-map",
        "deny", "disable-l7-retry", "do-log", "do-resolve", "early-hint", "normalize-uri", "pause",
        "redirect",
        "reject", "replace-header", "replace-path", "replace-pathq", "replace-uri", "replace-value", "return",
        "sc-add-gpc", "sc-inc-gpc", "sc-inc-gpc0", "sc-inc-gpc1", "sc-set-gpt", "sc-set-gpt0",
        "send-spoe-group",
        "set-bandwidth-limit", "set-bc-mark", "set-bc-tos", "set-dst", "set-dst-port", "set-fc-mark",
        "set-fc-tos",
        "set-header", "set-headers-bin", "set-log-level", "set-map", "set-mark", "set-method", "set-nice",
        "set-path", "set-pathq", "set-priority-class", "set-priority-offset", "set-query", "set-retries",
        "set-src",
        "set-src-port", "set-timeout", "set-tos", "set-uri", "set-var", "set-var-fmt", "silent-drop",
        "strict-mode",
        "tarpit", "track-sc0", "track-sc1", "track-sc2", "unset-var", "use-service", "wait-for-body",
        "wait-for-handshake",
    ]
}
