import Model

/// What may follow `http-response`.
enum ResponseActions {
    static let here =
        [
            "allow", "deny", "return", "capture", "redirect", "set-status", "set-log-level", "do-log",
            "set-bandwidth-limit", "silent-drop", "strict-mode", "wait-for-body",
        ]
        + ChangeKeywords.ofFields + VariableKeywords.names + CounterKeywords.words
        + PatternKeywords.names + SettingKeywords.ofClients

    /// Reads what stands behind one of those words.
    static func action(_ name: String, _ word: Word, _ line: inout LineReader) throws(Refusal) -> HTTPAction {
        switch name {
        case "allow": return .allow
        case "deny": return .deny(try AnswerKeywords.refusal(&line, status: 502))
        case "set-status": return try status(&line)
        case "strict-mode": return .setStrictness(try line.choice(["on": true, "off": false]))
        case "set-log-level": return .setLogLevel(try LogLevelKeywords.level(&line))
        case "do-log":
            return .log(line.subject.hasPrefix("http-after") ? .afterResponseRule : .responseRule)
        case "set-bandwidth-limit":
            return .limitBandwidth(try BandwidthDirectives.limit(&line, for: .answering))
        case "silent-drop":
            if line.next?.text == "rst-ttl" {
                throw .unsupported("\(line.subject) rst-ttl", instead: "without it, it is")
            }
            return .silentDrop
        case "wait-for-body": return .waitForBody(try RequestActions.bodyWait(&line))
        case "redirect":
            let redirect = try RedirectKeywords.redirect(&line)
            guard redirect.kind == .location else {
                throw .unsupported("\(line.subject) \(redirect.kind.rawValue)", instead: "'location' is")
            }
            return .redirect(redirect)
        case "return": return .answer(try AnswerKeywords.answer(&line))
        case _ where SettingKeywords.ofClients.contains(name):
            return .adjust(try SettingKeywords.setting(name, &line))
        case _ where VariableKeywords.names.contains(name):
            return .variable(try VariableKeywords.change(word, &line))
        case _ where PatternKeywords.names.contains(name):
            return .patterns(try PatternKeywords.edit(word, &line))
        case _ where CounterKeywords.words.contains(name):
            return .count(try CounterKeywords.action(word, &line, for: .answering))
        default: return .change(try ChangeKeywords.change(name, &line))
        }
    }

    /// An answer that has a body keeps it, and one that has none gets none.
    private static func status(_ line: inout LineReader) throws(Refusal) -> HTTPAction {
        let expected = "a status from 200 to 599 but 204 and 304, whose answers have no body"
        let word = try line.take(expected)
        guard let status = UInt16(word.text), (200...599).contains(status), status != 204, status != 304
        else {
            throw .invalid(word, expected: expected)
        }
        guard line.takes("reason") else { return .setStatus(status, reason: "") }
        let reason = try line.take("a reason")
        guard reason.bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), reason.bytes.count <= 255 else {
            throw .invalid(reason, expected: "a text of one line")
        }
        return .setStatus(status, reason: reason.text)
    }

    /// Behind `http-after-response`: what changes an answer and refuses none.
    static let afterwards =
        ["allow", "capture", "set-status", "set-log-level", "do-log", "strict-mode"] + ChangeKeywords.ofFields
        + VariableKeywords.names + PatternKeywords.names.filter { $0 != "add-acl" }
        + CounterKeywords.words.filter { !$0.hasPrefix("track-") }

    /// HAProxy's, there.
    static let knownAfterwards: Set<String> = [
        "add-header", "allow", "capture", "del-acl", "del-header", "del-map", "do-log", "replace-header",
        "replace-value", "sc-add-gpc", "sc-inc-gpc", "sc-inc-gpc0", "sc-inc-gpc1", "sc-set-gpt",
        "sc-set-gpt0",
        "set-header", "set-headers-bin", "set-log-level", "set-map", "set-status", "set-var", "set-var-fmt",
        "strict-mode", "unset-var",
    ]

    /// HAProxy's.
    static let known: Set<String> = [
        "add-acl", "add-header", "allow", "cache-store", "capture", "del-acl", "del-header", "del-map",
        "deny", "do-log",
        "pause", "redirect", "replace-header", "replace-value", "return", "sc-add-gpc", "sc-inc-gpc",
        "sc-inc-gpc0",
        "sc-inc-gpc1", "sc-set-gpt", "sc-set-gpt0", "send-spoe-group", "set-bandwidth-limit", "set-fc-mark",
        "set-fc-tos",
        "set-header", "set-headers-bin", "set-log-level", "set-map", "set-mark", "set-nice", "set-status",
        "set-timeout",
        "set-tos", "set-var", "set-var-fmt", "silent-drop", "strict-mode", "track-sc0", "track-sc1",
        "track-sc2",
        "unset-var", "wait-for-body",
    ]
}

/// What may follow `set-log-level`.
enum LogLevelKeywords {
    static func level(_ line: inout LineReader) throws(Refusal) -> LogLevel? {
        let expected = "one of \(LogLevel.names.joined(separator: ", ")) and silent"
        let word = try line.take(expected)
        if word.text == "silent" { return nil }
        guard let level = LogLevel(name: word.text) else { throw .invalid(word, expected: expected) }
        return level
    }
}
