import Kubernetes
import Model

/// The ConfigMap of settings, read once whenever it changes.
struct SettingsReading: Equatable {
    /// What it says, as far as it can be understood.
    private(set) var settings = TrafficSettings()
    /// What is wrong with it.
    private(set) var problems: [Diagnostic] = []
    /// The ConfigMaps of fields that it names, existing or not.
    private(set) var sources: Set<ObjectKey> = []

    /// No settings but the usual ones.
    init(_ usual: UsualSettings = .sluice) { _ = TrafficTable.table.take(usual.data, into: &settings) }

    /// Without an object the usual ones hold. `configMaps` are all there are.
    init(
        _ object: ConfigMap?, key: ObjectKey, _ configMaps: [ObjectKey: ConfigMap] = [:],
        over usual: UsualSettings = .sluice
    ) {
        guard let object else {
            _ = TrafficTable.table.take(usual.data, into: &settings)
            problems = [
                Diagnostic(
                    .warning, kind: ConfigMap.resource.kind, object: Origin(key), reason: "ConfigMapNotFound",
                    message: "the ConfigMap of settings does not exist; the defaults hold until it does")
            ]
            return
        }
        let found = TrafficTable.table.take(usual.under(object.data), into: &settings)
        let bad = Set(found.filter { $0.severity == .error }.map(\.name))
        _ = TrafficTable.table.take(usual.instead(of: bad, in: object.data), into: &settings)
        problems = (found + settings.remarks).map { problem in
            Diagnostic(
                problem.severity, kind: ConfigMap.resource.kind, object: Origin(key),
                field: "data.\(problem.name)", reason: problem.reason, message: problem.message)
        }
        let named = (settings.fields, asked: settings.authentication.source)
        settings.fields.answered = fields(of: named.0.answeredSource, as: "add-headers", key, configMaps)
        settings.fields.asked = fields(of: named.0.askedSource, as: "proxy-set-headers", key, configMaps)
        settings.authentication.added = fields(
            of: named.asked, as: "global-auth-proxy-set-headers", key, configMaps)
    }

    /// What a ConfigMap holds that a key of the settings names. What is wrong with a field is told where it stands.
    private mutating func fields(
        of reference: ObjectReference?, as name: String, _ key: ObjectKey,
        _ configMaps: [ObjectKey: ConfigMap]
    ) -> FieldMap {
        guard let reference else { return FieldMap() }
        let source = reference.anyKey(in: key.namespace)
        sources.insert(source)
        guard let data = configMaps[source]?.data else {
            problems.append(
                Diagnostic(
                    .warning, kind: ConfigMap.resource.kind, object: Origin(key), field: "data.\(name)",
                    reason: "ConfigMapNotFound",
                    message: "ConfigMap \(source) does not exist; its fields are not set until it does"))
            return FieldMap()
        }
        let map = FieldMap(data, .ofRequests)
        problems += map.flaws.map { flaw in
            Diagnostic(
                .error, kind: ConfigMap.resource.kind, object: Origin(source), field: "data.\(flaw.key)",
                reason: "FieldInvalid", message: "\(flaw.message); it is left out")
        }
        return map
    }
}
