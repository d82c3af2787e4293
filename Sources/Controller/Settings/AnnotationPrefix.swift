/// The prefixes under which annotations are ours, and whose words they are.
enum AnnotationPrefix {
    static let own = "sluice.dev/"
    static let nginx = "nginx.ingress.kubernetes.io/"
    static let haproxy = "haproxy.org/"

    /// The name behind the prefix; nil if the annotation is nobody's we know.
    static func name(of key: String) -> SettingName? {
        // Most annotations are others': the first byte tells.
        guard let slash = key.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let text = String(key[key.index(after: slash)...])
        return switch key[...slash] {
        case own: .own(text)
        case nginx: .nginx(text)
        case haproxy: .haproxy(text)
        default: nil
        }
    }

    /// The annotation as it is written on an Ingress.
    static func key(of name: SettingName) -> String {
        switch name.dialect {
        case .sluice: own + name.text
        case .nginx: nginx + name.text
        case .haproxy: haproxy + name.text
        }
    }
}
