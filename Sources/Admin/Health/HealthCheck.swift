/// One question behind `/readyz` or `/livez`.
public struct HealthCheck: Sendable {
    /// A word for `?verbose`.
    public let name: String
    /// Asks; any thread.
    public let probe: @Sendable () -> Verdict

    /// The answer.
    public enum Verdict: Sendable, Equatable {
        /// All is well.
        case passing
        /// What is missing, in a few words.
        case failing(String)
    }

    /// A check from its parts.
    public init(_ name: String, probe: @escaping @Sendable () -> Verdict) {
        self.name = name
        self.probe = probe
    }

    /// Asks all and answers 200 if every one passes, 503 otherwise; failing checks are always named.
    static func answer(_ checks: [HealthCheck], path: String, isVerbose: Bool) -> ControlResponse {
        var lines = ""
        var isPassing = true
        for check in checks {
            switch check.probe() {
            case .passing:
                if isVerbose { lines += "[+]\(check.name) ok\n" }
            case .failing(let reason):
                isPassing = false
                lines += "[-]\(check.name) failed: \(reason)\n"
            }
        }
        if isPassing, !isVerbose { return .text("ok\n") }
        lines += "\(path) check \(isPassing ? "passed" : "failed")\n"
        return .text(lines, status: isPassing ? 200 : 503)
    }
}
