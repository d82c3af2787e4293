import Model

/// A Service's port as one Ingress wants it used: `namespace/service:port~ingress`.
extension BackendName {
    /// The same servers under the settings of an Ingress of the same namespace.
    func variant(of ingress: String) -> BackendName { BackendName("\(self)~\(ingress)") }

    // No name in Kubernetes has these characters.
    private static let security = "+tls"

    /// The same servers, spoken to by TLS because the client does: `namespace/service:port~ingress+tls`.
    var secured: BackendName { BackendName("\(self)\(BackendName.security)") }

    /// Whether it is that.
    var isSecured: Bool { ingress != nil && description.hasSuffix(BackendName.security) }

    /// The Ingress whose settings it has; nil is none's.
    var ingress: String? {
        guard let mark = description.lastIndex(of: "~") else { return nil }
        let name = description[description.index(after: mark)...]
        return String(
            name.hasSuffix(BackendName.security) ? name.dropLast(BackendName.security.count) : name)
    }

    /// Without the Ingress.
    var withoutIngress: Substring {
        description[..<(description.lastIndex(of: "~") ?? description.endIndex)]
    }
}
