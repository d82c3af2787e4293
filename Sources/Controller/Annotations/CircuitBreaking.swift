import Model

/// When servers that keep failing are left alone for a while.
struct CircuitBreaking: Sendable, Equatable {
    /// Failures in a row; nil leaves nobody alone.
    var errors: Int?
    /// In milliseconds.
    var ejection: Int?
    var longestEjection: Int?
    /// Per cent of the servers.
    var mostEjected: Int?

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .own("circuit-breaker-errors"), form: .integer(0...10_000), fallback: "0: off",
                "So many failures of a server in a row, over all workers, and it gets nothing for a while, then one request that decides. Failures are answers of 500 and above (but 501 and 505, which clients can bring about), and connections that fail or end without an answer."
            ) { $0.breaking.errors = $1 > 0 ? $1 : nil },
            scope: .backend, phase: .proxying),
        AnnotationRow(
            SettingRow(
                .own("circuit-breaker-ejection"), form: .duration(1...SettingText.week), fallback: "30s",
                "How long that is the first time; twice as long each time it fails again."
            ) { $0.breaking.ejection = $1 },
            scope: .backend, phase: .proxying, whenInvalid: .fallsBack),
        AnnotationRow(
            SettingRow(
                .own("circuit-breaker-longest-ejection"), form: .duration(1...SettingText.week),
                fallback: "5m", "The longest that it is."
            ) { $0.breaking.longestEjection = $1 },
            scope: .backend, phase: .proxying, whenInvalid: .fallsBack),
        AnnotationRow(
            SettingRow(
                .own("circuit-breaker-max-ejected"), form: .integer(0...100), fallback: "50",
                "The most servers that are left alone at a time, in per cent; one may always be, unless it is the last."
            ) { $0.breaking.mostEjected = $1 },
            scope: .backend, phase: .proxying, whenInvalid: .fallsBack),
    ]

    func apply(to backend: inout Backend) {
        guard let errors else { return }
        var breaker = CircuitBreaker()
        breaker.errors = errors
        if let ejection { breaker.ejection = ejection }
        breaker.longestEjection = max(longestEjection ?? breaker.longestEjection, breaker.ejection)
        if let mostEjected { breaker.mostEjected = mostEjected }
        backend.circuitBreaker = breaker
    }
}
