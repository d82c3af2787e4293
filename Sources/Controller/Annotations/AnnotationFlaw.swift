import Kubernetes

/// Why an annotation can not be used, beyond its value.
struct AnnotationFlaw: Error, Equatable {
    var annotation: SettingName
    var reason: String
    var message: String

    /// A flaw of an annotation under somebody's name of it.
    init(
        _ annotation: String, _ reason: String, _ message: String, of dialect: SettingName.Dialect = .nginx
    ) {
        self.annotation = SettingName(text: annotation, dialect: dialect)
        (self.reason, self.message) = (reason, message)
    }
}

extension ObjectReference {
    /// What the Secret holds that an annotation of an Ingress of a namespace names.
    func data(
        in namespace: String, _ secrets: [ObjectKey: Secret], named annotation: String,
        of dialect: SettingName.Dialect = .nginx
    ) throws(AnnotationFlaw) -> [String: [UInt8]] {
        guard let key = key(in: namespace) else {
            throw AnnotationFlaw(
                annotation, "SecretRefused", "the secret is in another namespace", of: dialect)
        }
        guard let data = secrets[key]?.data else {
            throw AnnotationFlaw(annotation, "SecretNotFound", "secret \(key) does not exist", of: dialect)
        }
        return data
    }
}
