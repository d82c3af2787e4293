import Kubernetes
import Model

/// What must be translated again after changes of the state.
struct Dirty: Equatable {
    /// Hosts whose routes may differ.
    var hosts: Set<HostPattern> = []
    /// Services whose pools may differ.
    var services: Set<ObjectKey> = []
    /// Secrets whose certificates may differ.
    var secrets: Set<ObjectKey> = []
    /// TLS names whose lists of certificates may differ.
    var serverNames: Set<HostPattern> = []
    /// Ingresses whose own diagnostics may differ.
    var ingresses: Set<ObjectKey> = []
    /// ConfigMaps that differ.
    var configMaps: Set<ObjectKey> = []
    /// ConfigMaps that annotations name, or have named.
    var namedConfigMaps: Set<ObjectKey> = []
    /// The default backend of the whole may differ.
    var fallback = false

    /// Whether more than pools is touched.
    var touchesRoutes: Bool {
        fallback || !hosts.isEmpty || !secrets.isEmpty || !serverNames.isEmpty || !ingresses.isEmpty
            || !configMaps.isEmpty
    }

    var isEmpty: Bool { !touchesRoutes && services.isEmpty }

    /// Everything an Ingress touches by appearing, changing or going.
    mutating func insert(_ references: IngressReferences) {
        hosts.formUnion(references.hosts)
        services.formUnion(references.services)
        secrets.formUnion(references.secrets)
        secrets.formUnion(references.annotated.secrets)
        namedConfigMaps.formUnion(references.annotated.configMaps)
        serverNames.formUnion(references.serverNames)
        fallback = fallback || references.hasDefaultBackend
    }

    /// Everything that Ingresses touch whose annotations mean something else now.
    mutating func touch(
        _ keys: Set<ObjectKey>, _ all: [ObjectKey: Ingress], _ prefixes: AnnotationPrefixes
    ) {
        for key in keys {
            guard let ingress = all[key] else { continue }
            ingresses.insert(key)
            insert(IngressReferences(ingress, prefixes))
        }
    }

    /// Whatever depends on what Ingresses say.
    mutating func renewPlans(_ everything: Dirty) {
        hosts.formUnion(everything.hosts)
        services.formUnion(everything.services)
        ingresses.formUnion(everything.ingresses)
        fallback = true
    }

    mutating func formUnion(_ other: Dirty) {
        hosts.formUnion(other.hosts)
        services.formUnion(other.services)
        secrets.formUnion(other.secrets)
        serverNames.formUnion(other.serverNames)
        ingresses.formUnion(other.ingresses)
        configMaps.formUnion(other.configMaps)
        namedConfigMaps.formUnion(other.namedConfigMaps)
        fallback = fallback || other.fallback
    }
}
