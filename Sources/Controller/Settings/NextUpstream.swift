import Model

/// `proxy-next-upstream`'s words: what moves a request to another server.
struct NextUpstream: Sendable, Equatable {
    var failures: RetryConditions = []
    /// Also requests that may have an effect when they are sent twice.
    var repeatsAll = false

    func apply(to backend: inout Backend) {
        backend.retryOn = failures
        backend.repeatsHarmlessOnly = !repeatsAll
    }
}

extension SettingForm where Value == NextUpstream {
    /// nginx's words.
    static var nextUpstream: SettingForm {
        SettingForm(
            type: "list of words",
            expectation:
                "off, or words of error, timeout, invalid_header, http_500, http_502, http_503, http_504, http_403, http_404, http_429, non_idempotent"
        ) { text, _ in
            var found = NextUpstream()
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
