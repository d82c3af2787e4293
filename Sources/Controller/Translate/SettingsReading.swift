import Kubernetes
import Model

/// The ConfigMap of settings, read once whenever it changes.
struct SettingsReading: Equatable {
    /// What it says, as far as it can be understood.
    private(set) var settings = TrafficSettings()
    /// What is wrong with it.
    private(set) var problems: [Diagnostic] = []

    /// No settings.
    init() {}

    /// Without an object the defaults hold.
    init(_ object: ConfigMap?, key: ObjectKey) {
        guard let object else {
            problems = [
                Diagnostic(
                    .warning, kind: ConfigMap.resource.kind, object: Origin(key), reason: "ConfigMapNotFound",
                    message: "the ConfigMap of settings does not exist; the defaults hold until it does")
            ]
            return
        }
        problems = TrafficTable.table.take(object.data, into: &settings).map { problem in
            Diagnostic(
                problem.severity, kind: ConfigMap.resource.kind, object: Origin(key),
                field: "data.\(problem.name)", reason: problem.reason, message: problem.message)
        }
    }
}
