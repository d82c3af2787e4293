/// The prefixes under which annotations are read: ours always, and those of others' words that the operator has chosen.
public struct AnnotationPrefixes: Sendable, Hashable {
    /// Those of ingress-nginx's words, with their slash.
    private let nginx: [String]
    private let honoursHAProxy: Bool

    /// What is read unless somebody chooses.
    public init() { self.init([]) }

    /// Those that `--annotations-prefix` names, with or without a slash; none is the usual ones. `haproxy.org` brings the words of the
    /// HAProxy controllers, every other one ingress-nginx's.
    public init(_ names: [String]) {
        let chosen = names.isEmpty ? [AnnotationPrefix.nginx, AnnotationPrefix.haproxy] : names
        let prefixes = chosen.map { $0.hasSuffix("/") ? $0 : $0 + "/" }
        nginx = prefixes.filter { $0 != AnnotationPrefix.haproxy && $0 != AnnotationPrefix.own }
        honoursHAProxy = prefixes.contains(AnnotationPrefix.haproxy)
    }

    /// The name behind the prefix; nil if the annotation is nobody's we read.
    func name(of key: String) -> SettingName? {
        // Most annotations are others': the first byte tells.
        guard let slash = key.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let (prefix, text) = (key[...slash], String(key[key.index(after: slash)...]))
        if prefix == AnnotationPrefix.own { return .own(text) }
        if honoursHAProxy, prefix == AnnotationPrefix.haproxy { return .haproxy(text) }
        return nginx.contains { prefix == $0 } ? .nginx(text) : nil
    }

    /// The annotation as it is written on an Ingress.
    func key(of name: SettingName) -> String {
        name.dialect == .nginx
            ? (nginx.first ?? AnnotationPrefix.nginx) + name.text : AnnotationPrefix.key(of: name)
    }
}
