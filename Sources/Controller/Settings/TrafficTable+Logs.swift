/// Keys of the ConfigMap about the access log.
extension TrafficTable {
    static let logs: [Row] = [
        Row(
            .own("access-log"), form: .bool, fallback: "true",
            "Whether requests and TCP sessions are logged at all."
        ) { settings, isOn in (settings.lines.isOfRequests, settings.lines.isOfSessions) = (isOn, isOn) },
        Row(
            .nginx("disable-access-log"), form: .bool, fallback: "false", "The contrary of access-log."
        ) { settings, isOff in (settings.lines.isOfRequests, settings.lines.isOfSessions) = (!isOff, !isOff)
        },
        Row(
            .nginx("disable-http-access-log"), form: .bool, fallback: "false",
            "Whether requests have no line in the log."
        ) { if $1 { $0.lines.isOfRequests = false } },
        Row(
            .nginx("disable-stream-access-log"), form: .bool, fallback: "false",
            "Whether TCP sessions have none."
        ) { if $1 { $0.lines.isOfSessions = false } },
        Row(
            .nginx("log-format-upstream"), form: .logLine(of: .requests),
            fallback: "the form that --log-format says",
            "What a line about a request says: a text with nginx's variables, `$request` or `${request}`. One that is not known is told of and written as what is not there, `-`."
        ) { settings, format in
            settings.lines.requests = format
            settings.note(format, of: "log-format-upstream")
        }.differing(
            "ports of Services are said by number; `$server_name` is the host that was asked for, `$uri` the path before it is rewritten; of `$body_bytes_sent` the framing of chunks is no part; a line is at most 48 KiB long, and a value 4,096 bytes"
        ),
        Row(
            .nginx("log-format-stream"), form: .logLine(of: .sessions),
            fallback: "the form that --log-format says",
            "The same of sessions of TCP services."
        ) { settings, format in
            settings.lines.sessions = format
            settings.note(format, of: "log-format-stream")
        }.differing("sessions that are passed through by `ssl-passthrough` have a line of ours"),
        Row(
            .nginx("log-format-escape-json"), form: .bool, fallback: "false",
            "Whether these lines have the values of variables as texts of JSON have them, and nothing for what is not there; else quotation marks, backslashes and what is not ASCII are written `\\x22`."
        ) { $0.lines.isJSON = $1 },
        Row(
            .nginx("log-format-escape-none"), form: .bool, fallback: "false",
            "Whether they have them as they are; counts before log-format-escape-json."
        ) { $0.lines.isVerbatim = $1 },
        Row(
            .own("skip-access-log-urls"), .nginx("skip-access-log-urls"), form: .texts, fallback: "none",
            "Paths with their queries whose requests have no line in the log: texts, whatever their case, or `~` and a regular expression, `~*` without regard to case, with a comma between two."
        ) { $0.unloggedTargets = $1 }
        .differing("an expression that is none matches nothing"),
        Row(
            .own("enable-access-log-for-default-backend"), .nginx("enable-access-log-for-default-backend"),
            form: .bool, fallback: "true",
            "Whether requests that no Ingress has a path for have a line in the log."
        ) { $0.logsUnrouted = $1 }
        .differing("without it they have (ingress-nginx: not)"),
        Row(
            withoutMeaning: .nginx("access-log-path"), .nginx("http-access-log-path"),
            .nginx("stream-access-log-path"), .nginx("access-log-params"),
            because: "where the access log goes is a flag: --access-log"),
        Row(
            withoutMeaning: .nginx("error-log-path"), .nginx("error-log-level"),
            because: "what is no line of a request goes to stderr; how much of it is a flag: --log-level"),
    ]
}

extension TrafficSettings {
    /// Tells of variables that nobody knows.
    fileprivate mutating func note(_ format: NginxLogFormat, of name: String) {
        guard !format.unknown.isEmpty else { return }
        remarks.append(SettingProblem(name, .unknownVariables(format.unknown)))
    }
}
