import Model

/// `http-request` and `redirect`: rules about messages.
enum HTTPRuleDirectives {
    static let table = [
        Directive("http-request") { line, proxy throws(Refusal) in
            try RuleDirectives.refuseInDefaults(proxy)
            let word = try line.take("what happens: deny, set-header or another action")
            line.subject = "http-request \(word.text)"
            guard RequestActions.here.contains(word.text) else {
                throw Suggestion.refusal(
                    of: word, known: RequestActions.known, here: RequestActions.here, called: line.subject)
            }
            if !proxy.rules.redirects.isEmpty {
                line.warn("it stands behind a 'redirect' and is asked before it all the same")
            }
            proxy.rules.requests.append(try draft(try RequestActions.action(word.text, &line), &line, proxy))
        },
        Directive("http-response") { line, proxy throws(Refusal) in
            try RuleDirectives.refuseInDefaults(proxy)
            let word = try line.take("what happens: deny, set-header or another action")
            line.subject = "http-response \(word.text)"
            guard ResponseActions.here.contains(word.text) else {
                throw Suggestion.refusal(
                    of: word, known: ResponseActions.known, here: ResponseActions.here, called: line.subject)
            }
            proxy.rules.responses.append(
                try draft(try ResponseActions.action(word.text, &line), &line, proxy))
        },
        Directive("redirect") { line, proxy throws(Refusal) in
            try RuleDirectives.refuseInDefaults(proxy)
            let action = HTTPAction.redirect(try RedirectKeywords.redirect(&line, isLiteral: true))
            proxy.rules.redirects.append(try draft(action, &line, proxy))
        },
    ]

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
            "allow", "deny", "tarpit", "reject", "silent-drop", "return", "redirect",
        ] + ChangeKeywords.ofFields + ChangeKeywords.ofRequests

    /// Reads what stands behind one of those words.
    static func action(_ word: String, _ line: inout LineReader) throws(Refusal) -> HTTPAction {
        switch word {
        case "allow": return .allow
        case "deny": return .deny(try AnswerKeywords.refusal(&line, status: 403))
        case "tarpit": return .tarpit(try AnswerKeywords.refusal(&line, status: 500))
        case "reject": return .reject
        case "silent-drop":
            if line.next?.text == "rst-ttl" {
                throw .unsupported("\(line.subject) rst-ttl", instead: "without it, it is")
            }
            return .silentDrop
        case "return": return .answer(try AnswerKeywords.answer(&line))
        case "redirect": return .redirect(try RedirectKeywords.redirect(&line))
        default: return .change(try ChangeKeywords.change(word, &line))
        }
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
