extension Decision {
    /// A line for each step, and one for what is not reached.
    func lines(_ notes: [Explanation.Note]) -> [String] {
        let width = steps.map(\.phase.rawValue.count).max() ?? 0
        var lines = steps.map { step in
            let gap = String(repeating: " ", count: width - step.phase.rawValue.count)
            return
                "  \(step.phase.rawValue)\(gap)  \(step.outcome.word)  \(step.text)\(step.reason)\(names(of: step, notes))"
        }
        if !unreached.isEmpty {
            lines.append("  not reached: \(unreached.map(\.rawValue).joined(separator: ", "))")
        }
        return lines
    }

    /// What stands behind the backend's name in the first line, if the decision has anything to say about it.
    var end: String? {
        guard isAnswered, let last = steps.last(where: { $0.outcome == .ends }) else { return nil }
        return last.phase == .servers
            ? ", no server: 503" : "; not asked, \(last.phase.rawValue) answers: \(last.text)"
    }

    /// Who says so: annotations by their names, if the step does something.
    private func names(of step: Step, _ notes: [Explanation.Note]) -> String {
        guard step.outcome != .passes else { return "" }
        let names = notes.compactMap(\.name).filter { name in step.hints.contains { name.contains($0) } }
        return names.isEmpty ? "" : "  [\(names.joined(separator: ", "))]"
    }
}

extension Decision.Step {
    /// Parts of the names of annotations that say such things.
    fileprivate var hints: [String] {
        switch phase {
        case .bodySize: ["body-size"]
        case .redirect: text.hasPrefix("3") ? ["redirect", "app-root", "rewrite-target"] : ["cors"]
        case .secure: ["ssl-redirect"]
        case .servers: []
        case .limits: text.contains("at a time") ? ["limit-connections"] : ["limit-rp", "rate-limit"]
        case .access:
            text.hasPrefix("401")
                ? ["auth-type", "auth-secret"] : ["source-range", "-list", "whitelist", "blacklist"]
        case .authorization: ["auth-url"]
        case .mirror: ["mirror"]
        case .request:
            text.contains("the path")
                ? ["rewrite-target"] : text.contains("host") ? ["vhost"] : ["x-forwarded-prefix"]
        case .backend: ["canary"]
        case .answer:
            text.contains("Access-Control") ? ["cors"] : ["custom-h", "cookie", "hsts", "proxy-redirect"]
        case .trace: ["opentelemetry"]
        }
    }
}

extension Decision.Outcome {
    /// All of one length.
    fileprivate var word: String {
        switch self {
        case .passes: "no     "
        case .acts: "yes    "
        case .ends: "ends   "
        case .depends: "perhaps"
        }
    }
}

extension Decision.Step {
    /// What it depends on.
    fileprivate var reason: String {
        guard case .depends(let unknown) = outcome else { return "" }
        let words = Decision.Unknown.allCases.filter(unknown.contains).map(\.words)
        return " (\(words.joined(separator: ", ")))"
    }
}

extension Decision.Unknown {
    fileprivate var words: String {
        switch self {
        case .client: "depends on the client's address"
        case .connection: "depends on the connection"
        case .chance: "by chance"
        case .time: "depends on the time"
        case .state: "depends on other requests"
        case .answer: "depends on the answer"
        }
    }
}
