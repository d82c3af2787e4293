/// The prefixes under which annotations are ours, and whose words they are.
enum AnnotationPrefix {
    static let own = "sluice.dev/"
    static let nginx = "nginx.ingress.kubernetes.io/"
    static let haproxy = "haproxy.org/"

    /// The name behind one of them; nil if the annotation is nobody's we know.
    static func name(of key: String) -> SettingName? { usual.name(of: key) }

    private static let usual = AnnotationPrefixes()

    /// The annotation as it is written on an Ingress.
    static func key(of name: SettingName) -> String {
        switch name.dialect {
        case .sluice: own + name.text
        case .nginx: nginx + name.text
        case .haproxy: haproxy + name.text
        }
    }
}
