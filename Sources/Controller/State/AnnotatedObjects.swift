import Kubernetes

/// The objects that an Ingress names in annotations, whatever these come to.
struct AnnotatedObjects: Equatable {
    var secrets: Set<ObjectKey> = []
    var configMaps: Set<ObjectKey> = []
    /// Services, and hosts outside of the cluster under keys without a namespace.
    var services: Set<ObjectKey> = []

    private static let secretNames: Set<String> = [
        "auth-secret", "auth-tls-secret", "proxy-ssl-secret", "server-ca", "server-crt",
    ]

    init(_ ingress: Ingress, _ prefixes: AnnotationPrefixes) {
        for (key, value) in ingress.meta.annotations {
            let name = prefixes.name(of: key)?.text
            if name == "auth-url" || name == "mirror-target",
                let service = QuestionURL(SettingText.trimmed(value))?.service
            {
                services.insert(service)
            }
            if name == "default-backend",
                let service = SettingForm<String>.sibling.read(value)
            {
                services.insert(ObjectKey(namespace: ingress.meta.namespace, name: service))
            }
            if name == "custom-headers", let reference = ObjectReference(SettingText.trimmed(value)) {
                configMaps.insert(reference.anyKey(in: ingress.meta.namespace))
            }
            if name == "auth-proxy-set-headers" || name == "fastcgi-params-configmap",
                let map = ObjectReference(SettingText.trimmed(value))?.key(in: ingress.meta.namespace)
            {
                configMaps.insert(map)
            }
            guard let name, AnnotatedObjects.secretNames.contains(name),
                let object = ObjectReference(SettingText.trimmed(value))?.key(in: ingress.meta.namespace)
            else { continue }
            secrets.insert(object)
        }
    }
}
