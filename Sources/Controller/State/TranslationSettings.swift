public import Kubernetes
public import Model

/// What the operator decides about translation, from flags.
public struct TranslationSettings: Sendable, Equatable {
    /// The `spec.controller` of the classes that are ours.
    public var controllerName = "ingress.sluice.dev/controller"
    /// The class name that is ours by the legacy annotation, and by the field where no IngressClass can be read.
    public var className = "sluice"
    /// Whether Ingresses that name no class are ours.
    public var watchesClassless = false
    /// Whether a class name counts without an IngressClass of that name: folders of manifests rarely hold one.
    public var acceptsMissingClass = false
    /// Whether Services of type ExternalName are resolved.
    public var allowsExternalName = true
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
    /// The sides that traffic comes in by beside those of TCP services.
    public var frontends: [Frontend] = []
    /// Where the ports of TCP services are opened; nil is every address.
    public var bindAddress: String?
    /// The port clients find HTTPS at, for redirects; nil is 443, as Services map it.
    public var httpsPort: UInt16?
    /// Ports that TCP services may not have: this process listens there itself.
    public var reservedPorts: Set<UInt16> = []

    /// The defaults of the flags.
    public init() {}

    /// The ConfigMaps that flags name.
    var configMaps: Set<ObjectKey> { Set([globalSettings, tcpServices].compactMap(\.self)) }

    /// The same for folders of manifests, which rarely hold an IngressClass or name one.
    public var forFolders: TranslationSettings {
        var settings = self
        settings.watchesClassless = true
        settings.acceptsMissingClass = true
        settings.allowsLocalAddresses = true
        return settings
    }
}
