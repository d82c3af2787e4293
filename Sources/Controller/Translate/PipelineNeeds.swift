public import Kubernetes

/// What our Ingresses refer to that no list brings by itself.
public struct PipelineNeeds: Sendable, Equatable {
    /// Names to resolve, for Services of type ExternalName.
    public var externalNames: Set<String> = []
    /// Secrets to follow by name: those that are named and unknown, or known and not of type `kubernetes.io/tls`.
    public var unknownSecrets: Set<ObjectKey> = []

    /// ConfigMaps that annotations name, existing or not.
    public var configMaps: Set<ObjectKey> = []
    /// The same of the ConfigMap of settings.
    public var settingsConfigMaps: Set<ObjectKey> = []

    /// Nothing.
    public init() {}
}
