import Kubernetes
import Model

/// ConfigMaps that annotations name, for the fields that these hold.
struct FieldSources: Sendable, Equatable {
    /// Of every answer.
    var answered: ObjectReference?
    /// Of the questions of `auth-url`.
    var asked: ObjectReference?

    private static let answeredName = "custom-headers"
    private static let askedName = "auth-proxy-set-headers"

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx(answeredName), .own(answeredName), form: .object, fallback: "",
                "A ConfigMap whose keys are the names of fields that every answer has, ours too, with the values behind them. All of them have to stand in `global-allowed-response-headers` of the ConfigMap of settings; otherwise, or without the ConfigMap, paths are answered 503."
            ) { $0.sources.answered = $1 },
            phase: .answer, risk: .medium),
        AnnotationRow(
            SettingRow(
                .nginx(askedName), .own(askedName), form: .object, fallback: "",
                "A ConfigMap of the same namespace whose keys are the names of fields that the question has besides, with values in which variables may stand. With one that is missing or holds what is no field, paths are answered 503."
            ) { $0.sources.asked = $1 },
            phase: .access, risk: .medium,
            differs: "`Host` and fields that tell how a message is sent close the paths"),
    ]

    /// The fields of answers, for an Ingress of a namespace, of which all have to be `allowed`, in lower case.
    func answered(
        in namespace: String, _ configMaps: [ObjectKey: ConfigMap], allowed: Set<String>
    ) throws(AnnotationFlaw) -> FieldMap {
        guard let answered else { return FieldMap() }
        // ingress-nginx takes those of any namespace: what they may hold is the operator's list.
        let key = answered.anyKey(in: namespace)
        let map = try FieldSources.map(at: key, configMaps, .none, for: FieldSources.answeredName)
        if let field = map.fields.first(where: { !allowed.contains($0.name.lowercased()) }) {
            throw AnnotationFlaw(
                FieldSources.answeredName, "FieldNotAllowed",
                "field \(field.name) of ConfigMap \(key) does not stand in global-allowed-response-headers")
        }
        if let field = map.fields.first(where: \.value.isEmpty) {
            throw AnnotationFlaw(
                FieldSources.answeredName, "FieldInvalid",
                "field \(field.name) of ConfigMap \(key) has no value")
        }
        return map
    }

    /// The fields of questions.
    func asked(in namespace: String, _ configMaps: [ObjectKey: ConfigMap]) throws(AnnotationFlaw) -> FieldMap
    {
        guard let asked else { return FieldMap() }
        guard let key = asked.key(in: namespace) else {
            throw AnnotationFlaw(
                FieldSources.askedName, "ConfigMapRefused", "the ConfigMap is in another namespace")
        }
        return try FieldSources.map(at: key, configMaps, .all, for: FieldSources.askedName)
    }

    private static func map(
        at key: ObjectKey, _ configMaps: [ObjectKey: ConfigMap], _ variables: FieldMap.Variables,
        for annotation: String
    ) throws(AnnotationFlaw) -> FieldMap {
        guard let data = configMaps[key]?.data else {
            throw AnnotationFlaw(
                annotation, "ConfigMapNotFound",
                "ConfigMap \(key) does not exist, or is of a namespace that is not read")
        }
        let map = FieldMap(data, variables)
        if let flaw = map.flaws.first {
            throw AnnotationFlaw(
                annotation, "FieldInvalid", "\"\(flaw.key)\" of ConfigMap \(key): \(flaw.message)")
        }
        return map
    }
}
