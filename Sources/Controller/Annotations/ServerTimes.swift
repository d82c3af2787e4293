import Model

/// How long servers are waited for.
struct ServerTimes: Sendable, Equatable {
    /// All in milliseconds.
    var connect: Int?
    var read: Int?
    var send: Int?

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("proxy-connect-timeout"), .own("timeout-connect"), .own("proxy-connect-timeout"),
                form: .duration(1...SettingText.week), fallback: "5s",
                "How long connecting to a server may take."
            ) { $0.times.connect = $1 },
            scope: .backend, phase: .proxying, whenInvalid: .fallsBack),
        AnnotationRow(
            SettingRow(
                .nginx("proxy-read-timeout"), .own("timeout-server"), .own("proxy-read-timeout"),
                .haproxy("timeout-server"), form: .duration(1...SettingText.week), fallback: "60s",
                "Silence of a server: 504 before its answer, a cut within it. WebSockets may be silent as long."
            ) { $0.times.read = $1 },
            scope: .backend, phase: .proxying, whenInvalid: .fallsBack,
            differs: "without it WebSockets may be silent for an hour (ingress-nginx: 60s)"),
        AnnotationRow(
            SettingRow(
                .nginx("proxy-send-timeout"), .own("proxy-send-timeout"),
                form: .duration(1...SettingText.week), fallback: "60s",
                "How long a server may take nothing of a request."
            ) { $0.times.send = $1 },
            scope: .backend, phase: .proxying, whenInvalid: .fallsBack,
            differs: "there is one limit for both directions: the longer of this and `proxy-read-timeout`"),
    ]

    func apply(to backend: inout Backend) {
        if let connect { backend.timeouts.connect = connect }
        if let read { backend.timeouts.tunnel = max(read, send ?? 0) }
        guard read != nil || send != nil else { return }
        backend.timeouts.server = max(read ?? backend.timeouts.server, send ?? 0)
    }
}
