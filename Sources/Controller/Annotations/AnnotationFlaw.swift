import Kubernetes

/// Why an annotation can not be used, beyond its value.
struct AnnotationFlaw: Error, Equatable {
    /// ingress-nginx's name of it.
    var annotation: String
    var reason: String
    var message: String

    init(_ annotation: String, _ reason: String, _ message: String) {
        (self.annotation, self.reason, self.message) = (annotation, reason, message)
    }
}

extension ObjectReference {
    /// What the Secret holds that an annotation of an Ingress of a namespace names.
    func data(
        in namespace: String, _ secrets: [ObjectKey: Secret], named annotation: String
    ) throws(AnnotationFlaw) -> [String: [UInt8]] {
        guard let key = key(in: namespace) else {
            throw AnnotationFlaw(annotation, "SecretRefused", "the secret is in another namespace")
        }
        guard let data = secrets[key]?.data else {
            throw AnnotationFlaw(annotation, "SecretNotFound", "secret \(key) does not exist")
        }
        return data
    }
}
