import Model

/// `http-request` and `redirect`: rules about messages.
enum HTTPRuleDirectives {
    static let table = [
        Directive("http-request") { line, proxy throws(Refusal) in
            try RuleDirectives.refuseInDefaults(proxy)
            let word = try line.take(
                "what happens: \(RequestActions.byName.keys.sorted().joined(separator: ", "))")
            line.subject = "http-request \(word.text)"
            guard let action = RequestActions.byName[word.text] else {
                throw Suggestion.refusal(
                    of: word, known: RequestActions.known, here: RequestActions.byName.keys.sorted(),
                    called: line.subject)
            }
            if !proxy.rules.redirects.isEmpty {
                line.warn("it stands behind a 'redirect' and is asked before it all the same")
            }
            proxy.rules.requests.append(try draft(try action(&line, proxy), &line, proxy))
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
    typealias Reader = @Sendable (inout LineReader, Proxy) throws(Refusal) -> HTTPAction

    static let byName: [String: Reader] = [
        "allow": { _, _ in .allow },
        "deny": { line, _ throws(Refusal) in .deny(try AnswerKeywords.refusal(&line, status: 403)) },
        "tarpit": { line, _ throws(Refusal) in .tarpit(try AnswerKeywords.refusal(&line, status: 500)) },
        "reject": { _, _ in .reject },
        "silent-drop": { line, _ throws(Refusal) in
            if line.next?.text == "rst-ttl" {
                throw .unsupported("\(line.subject) rst-ttl", instead: "without it, it is")
            }
            return .silentDrop
        },
        "return": { line, _ throws(Refusal) in .answer(try AnswerKeywords.answer(&line)) },
        "redirect": { line, _ throws(Refusal) in .redirect(try RedirectKeywords.redirect(&line)) },
    ]

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
