import Model

/// What is tried again at another server.
struct Retrying: Sendable, Equatable {
    var conditions: NextUpstream?
    /// All attempts together; 0 is as many as there may be.
    var tries: Int?
    /// How long a request may be given to further servers, in milliseconds; 0 is as long as it takes.
    var timeLimit: Int?

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("proxy-next-upstream"), .own("proxy-next-upstream"), form: .nextUpstream,
                fallback: "connections that do not come about",
                "Which failures move a request to another server: `error`, `timeout`, `invalid_header`, `http_500` and the like; requests that may have an effect only with `non_idempotent`."
            ) { $0.retrying.conditions = $1 },
            scope: .backend, phase: .proxying, risk: .medium,
            differs:
                "without it connections that fail are repeated, not silence (ingress-nginx: `error timeout`); a body that is not at hand any more is not sent again"
        ),
        AnnotationRow(
            SettingRow(
                .nginx("proxy-next-upstream-tries"), .own("proxy-next-upstream-tries"),
                form: .integer(0...100), fallback: "4",
                "All attempts together; 0 is as many as there may be, which are 100."
            ) { $0.retrying.tries = $1 },
            scope: .backend, phase: .proxying),
        AnnotationRow(
            SettingRow(
                .nginx("proxy-next-upstream-timeout"), .own("proxy-next-upstream-timeout"),
                form: .duration(), fallback: "0",
                "How long after a request came it may be given to another server; 0 is as long as it takes."
            ) { $0.retrying.timeLimit = $1 },
            scope: .backend, phase: .proxying, whenInvalid: .fallsBack),
    ]

    func apply(to backend: inout Backend) {
        if let conditions {
            conditions.apply(to: &backend)
        }
        if let timeLimit { backend.retryTimeLimit = timeLimit }
        if let tries { backend.retries = tries == 0 ? 100 : tries - 1 }
    }
}
