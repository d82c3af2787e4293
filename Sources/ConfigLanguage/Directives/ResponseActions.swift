import Model

/// What may follow `http-response`.
enum ResponseActions {
    static let here = ["allow", "deny", "return"] + ChangeKeywords.ofFields

    /// Reads what stands behind one of those words.
    static func action(_ word: String, _ line: inout LineReader) throws(Refusal) -> HTTPAction {
        switch word {
        case "allow": return .allow
        case "deny": return .deny(try AnswerKeywords.refusal(&line, status: 502))
        case "return": return .answer(try AnswerKeywords.answer(&line))
        default: return .change(try ChangeKeywords.change(word, &line))
        }
    }

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
