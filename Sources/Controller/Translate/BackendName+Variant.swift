import Model

/// A Service's port as one Ingress wants it used: `namespace/service:port~ingress`.
extension BackendName {
    /// The same servers under the settings of an Ingress of the same namespace.
    func variant(of ingress: String) -> BackendName { BackendName("\(self)~\(ingress)") }

    /// The Ingress whose settings it has; nil is none's.
    var ingress: String? {
        // No name in Kubernetes has this character.
        description.lastIndex(of: "~").map { String(description[description.index(after: $0)...]) }
    }

    /// Without the Ingress.
    var withoutIngress: Substring {
        description[..<(description.lastIndex(of: "~") ?? description.endIndex)]
    }
}
