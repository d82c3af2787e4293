import Model

/// What is tried again at another server.
struct Retrying: Sendable, Equatable {
    var conditions: Conditions?
    /// All attempts together; 0 is as many as there may be.
    var tries: Int?
    /// How long a request may be given to further servers, in milliseconds; 0 is as long as it takes.
    var timeLimit = 0

    /// `proxy-next-upstream`'s words.
    struct Conditions: Sendable, Equatable {
        var failures: RetryConditions = []
        /// Also requests that may have an effect when they are sent twice.
        var repeatsAll = false
    }

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
            backend.retryOn = conditions.failures
            backend.repeatsHarmlessOnly = !conditions.repeatsAll
        }
        backend.retryTimeLimit = timeLimit
        if let tries { backend.retries = tries == 0 ? 100 : tries - 1 }
    }
}

extension SettingForm where Value == Retrying.Conditions {
    /// nginx's words.
    static var nextUpstream: SettingForm {
        SettingForm(
            type: "list of words",
            expectation:
                "off, or words of error, timeout, invalid_header, http_500, http_502, http_503, http_504, http_403, http_404, http_429, non_idempotent"
        ) { text, _ in
            var found = Retrying.Conditions()
            let words = text.split { $0 == "," || $0.isWhitespace }
            for word in words {
                switch word {
                case "error": found.failures.formUnion([.connectionFailure, .emptyResponse])
                case "timeout": found.failures.formUnion([.connectionFailure, .responseTimeout])
                case "invalid_header": found.failures.formUnion(.junkResponse)
                case "non_idempotent": found.repeatsAll = true
                case "off": return words.count == 1 ? found : nil
                default:
                    let known = [
                        "http_500", "http_502", "http_503", "http_504", "http_403", "http_404", "http_429",
                    ]
                    guard known.contains(String(word)),
                        let status = SettingText.number(word.dropFirst(5)),
                        let condition = RetryConditions.status(UInt16(clamping: status))
                    else { return nil }
                    found.failures.formUnion(condition)
                }
            }
            return words.isEmpty ? nil : found
        }
    }
}
