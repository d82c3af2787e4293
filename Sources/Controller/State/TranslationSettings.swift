public import Kubernetes
public import Model

/// What the operator decides about translation, from flags.
public struct TranslationSettings: Sendable, Equatable {
    /// The `spec.controller` of the classes that are ours.
    public var controllerName = "ingress.sluice.dev/controller"
    /// The class name that is ours by the legacy annotation, and by the field where no IngressClass can be read.
    public var className = "sluice"
    /// Whether a class of that name is ours whatever its controller.
    public var matchesClassByName = false
    /// Whether Ingresses that name no class are ours.
    public var watchesClassless = false
    /// Whether only Ingresses of namespaces that a selector chooses are ours.
    public var choosesNamespaces = false
    /// Whether a class name counts without an IngressClass of that name: folders of manifests rarely hold one.
    public var acceptsMissingClass = false
    /// Whether Services of type ExternalName are resolved.
    public var allowsExternalName = true
    /// Whether Ingresses with a default backend of their own are served.
    public var allowsCatchAll = true
    /// Whether external names may lead to loopback and link-local addresses. In a cluster whoever may write a Service could
    /// otherwise reach this process's own ports and the node's metadata.
    public var allowsLocalAddresses = false
    /// Where requests go that no rule matches and no Ingress has a default backend for.
    public var defaultBackend: ObjectKey?
    /// The certificate for names that no Ingress names.
    public var defaultTLSSecret: ObjectKey?
    /// The ConfigMap of settings for all traffic; nil leaves the defaults.
    public var globalSettings: ObjectKey?
    /// The ConfigMap of TCP services; nil opens no ports.
    public var tcpServices: ObjectKey?
    /// The zone whose servers are taken where a Service wants that; nil is not known, or not asked for.
    public var zone: String?
    /// Services whose requests go elsewhere than to their pods.
    public var overrides: [ObjectKey: ServiceOverride] = [:]
    /// The sides that traffic comes in by beside those of TCP services.
    public var frontends: [Frontend] = []
    /// Where the ports of TCP services are opened; nil is every address.
    public var bindAddress: String?
    /// The port clients find HTTPS at, for redirects; nil is 443, as Services map it.
    public var httpsPort: UInt16?
    /// Whether lines of `configuration-snippet` that are known become rules.
    public var translatesSnippets = false
    /// What is let through that is not wholly understood.
    public var relaxed: Set<StrictnessRule> = []
    /// Whose defaults hold where the ConfigMap does not say.
    public var usual = UsualSettings.sluice
    /// Whether lines of the access log are ingress-nginx's where the ConfigMap does not say.
    public var logsAsNginx = false
    /// The prefixes of annotations that are read.
    public var annotationPrefixes = AnnotationPrefixes()
    /// Ports that TCP services may not have: this process listens there itself.
    public var reservedPorts: Set<UInt16> = []

    /// The defaults of the flags.
    public init() {}

    /// How annotations are read.
    var reading: ReadingChoices {
        ReadingChoices(
            translatesSnippets: translatesSnippets, relaxed: relaxed, prefixes: annotationPrefixes)
    }

    /// The ConfigMaps that flags name.
    var configMaps: Set<ObjectKey> { Set([globalSettings, tcpServices].compactMap(\.self)) }

    /// The names among the overrides.
    public var overrideNames: Set<String> { Set(overrides.values.compactMap(\.resolvableName)) }

    /// The Services that a name stands in for.
    func services(overriddenBy name: String) -> Set<ObjectKey> {
        Set(overrides.filter { $0.value.resolvableName == name }.keys)
    }

    /// The same for folders of manifests, which rarely hold an IngressClass or name one.
    public var forFolders: TranslationSettings {
        var settings = self
        settings.watchesClassless = true
        settings.acceptsMissingClass = true
        settings.allowsLocalAddresses = true
        return settings
    }
}
