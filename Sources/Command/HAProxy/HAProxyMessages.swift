import Glibc
import Model

/// Messages on stderr as haproxy writes them, which tools look for: `[ALERT]    (PID) : text`.
struct HAProxyMessages: Sendable {
    /// `-q`.
    let isQuiet: Bool

    func alert(_ text: String) { say("[ALERT]    ", text) }
    func warning(_ text: String) { if !isQuiet { say("[WARNING]  ", text) } }
    func notice(_ text: String) { if !isQuiet { say("[NOTICE]   ", text) } }

    /// What is wrong with files, `file:line` each.
    func tell(_ findings: [Diagnostic]) {
        for finding in findings {
            let text = "config : parsing \(HAProxyMessages.place(of: finding)): \(finding.message)"
            switch finding.severity {
            case .error: alert(text)
            case .warning: warning(text)
            }
        }
    }

    private static func place(of finding: Diagnostic) -> String {
        finding.location.map { "[\($0.file):\($0.line)] " } ?? ""
    }

    private func say(_ level: String, _ text: String) {
        Output.write("\(level)(\(getpid())) : \(text)\n", to: STDERR_FILENO)
    }
}
