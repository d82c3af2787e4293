import Kubernetes

/// Which Ingresses are ours (Ingress v1, "Ingress class").
struct ClassSelection {
    let settings: TranslationSettings
    let classes: [String: IngressClass]

    static let legacyAnnotation = "kubernetes.io/ingress.class"

    /// By the class's controller, never by its name alone. The field wins over the legacy annotation.
    func selects(_ ingress: Ingress) -> Bool {
        if let name = ingress.className { return isOurs(name) }
        if let name = ingress.meta.annotations[ClassSelection.legacyAnnotation] {
            return name == settings.className || isOurs(name)
        }
        return settings.watchesClassless
    }

    private func isOurs(_ name: String) -> Bool {
        if let known = classes[name] { return known.controller == settings.controllerName }
        return settings.acceptsMissingClass && name == settings.className
    }
}
