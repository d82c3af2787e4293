import Controller
import Kubernetes

extension TranslationChoices {
    /// The choices as translation takes them.
    var settings: TranslationSettings {
        var settings = TranslationSettings()
        if !ingressClass.isEmpty { settings.className = ingressClass }
        if !controllerName.isEmpty { settings.controllerName = controllerName }
        settings.watchesClassless = watchesWithoutClass
        settings.matchesClassByName = matchesClassByName
        settings.choosesNamespaces = namespaceSelector != nil
        settings.allowsExternalName = resolvesExternalNames
        (settings.translatesSnippets, settings.relaxed) = (translatesSnippets, relaxed)
        settings.zone = zone == "auto" ? nil : zone
        settings.allowsCatchAll = servesCatchAll
        settings.usual = usual
        settings.logsAsNginx = logsAsNginx
        settings.annotationPrefixes = AnnotationPrefixes(annotationPrefixes)
        settings.defaultBackend = defaultBackendService.map {
            ObjectKey(namespace: $0.namespace, name: $0.name)
        }
        settings.defaultTLSSecret = defaultTLSSecret.map { ObjectKey(namespace: $0.namespace, name: $0.name) }
        settings.globalSettings = configMap.map { ObjectKey(namespace: $0.namespace, name: $0.name) }
        settings.tcpServices = tcpServicesConfigMap.map { ObjectKey(namespace: $0.namespace, name: $0.name) }
        for choice in overrides {
            let key = ObjectKey(namespace: choice.service.namespace, name: choice.service.name)
            settings.overrides[key] = choice.target
        }
        return settings
    }
}

extension Settings {
    /// What translation has to know, of the process's own ports too.
    var translationSettings: TranslationSettings {
        var settings = translation.settings
        settings.frontends = listeners.frontends
        settings.bindAddress = listeners.bindAddress
        settings.reservedPorts = [
            listeners.httpPort, listeners.httpsPort, listeners.opsPort, listeners.admin.port,
            admission?.port ?? 0,
        ]
        return settings
    }
}
