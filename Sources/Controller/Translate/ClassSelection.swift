import Kubernetes

/// Which Ingresses are ours (Ingress v1, "Ingress class").
struct ClassSelection {
    let settings: TranslationSettings
    let classes: [String: IngressClass]
    /// Those that the operator's selector chooses, if there is one.
    var namespaces: Set<String> = []
    /// Whether a class that is not known does not exist.
    var knowsClasses = true

    /// By the class's controller, and not by its name alone unless that was asked for. The field wins over the legacy annotation.
    func selects(_ ingress: Ingress) -> Bool { isNamedBy(ingress) && !refusesCatchAll(of: ingress) }

    /// Whether it would be ours if it had no default backend, which is everybody's.
    func refuses(_ ingress: Ingress) -> Bool { isNamedBy(ingress) && refusesCatchAll(of: ingress) }

    private func refusesCatchAll(of ingress: Ingress) -> Bool {
        !settings.allowsCatchAll && ingress.defaultBackend != nil
    }

    private func isNamedBy(_ ingress: Ingress) -> Bool {
        guard isChosen(ingress) else { return false }
        return namesOurs(ingress)
    }

    /// Whether it is in a namespace that is read at all.
    private func isChosen(_ ingress: Ingress) -> Bool {
        !settings.choosesNamespaces || namespaces.contains(ingress.meta.namespace)
    }

    private func namesOurs(_ ingress: Ingress) -> Bool {
        switch ClassSelection.naming(of: ingress) {
        case .field(let name):
            isOurs(name) ?? (name == settings.className && (settings.acceptsMissingClass || !knowsClasses))
        // The annotation is older than IngressClass: it needs none, but a foreign one of that name takes it away.
        case .annotation(let name): isOurs(name) ?? (name == settings.className)
        case .none: settings.watchesClassless
        }
    }

    /// The class an Ingress names by its field though there is none: nobody serves it then.
    func missingClass(of ingress: Ingress) -> String? {
        guard knowsClasses, isChosen(ingress), case .field(let name) = ClassSelection.naming(of: ingress),
            classes[name] == nil, !selects(ingress)
        else { return nil }
        return name
    }

    /// How an Ingress names its class. An empty name is none.
    private enum Naming {
        case field(String)
        case annotation(String)
        case none
    }

    private static func naming(of ingress: Ingress) -> Naming {
        if let name = ingress.className, !name.isEmpty { return .field(name) }
        if let name = ingress.meta.annotations[Ingress.legacyClassAnnotation], !name.isEmpty {
            return .annotation(name)
        }
        return .none
    }

    /// nil if there is no class of that name.
    private func isOurs(_ name: String) -> Bool? {
        classes[name].map {
            $0.controller == settings.controllerName
                || settings.matchesClassByName && name == settings.className
        }
    }
}
