import Controller
import Kubernetes

extension TranslationChoices {
    /// The choices as translation takes them.
    var settings: TranslationSettings {
        var settings = TranslationSettings()
        if !ingressClass.isEmpty { settings.className = ingressClass }
        if !controllerName.isEmpty { settings.controllerName = controllerName }
        settings.watchesClassless = watchesWithoutClass
        settings.defaultBackend = defaultBackendService.map {
            ObjectKey(namespace: $0.namespace, name: $0.name)
        }
        settings.defaultTLSSecret = defaultTLSSecret.map { ObjectKey(namespace: $0.namespace, name: $0.name) }
        return settings
    }
}
