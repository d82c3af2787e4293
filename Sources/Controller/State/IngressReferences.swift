import Kubernetes
import Model

/// Everything an Ingress names, existing or not: the keys of the reverse indexes.
struct IngressReferences: Equatable {
    var hosts: Set<HostPattern> = []
    var services: Set<ObjectKey> = []
    var secrets: Set<ObjectKey> = []
    var serverNames: Set<HostPattern> = []
    var hasDefaultBackend = false
    /// What annotations name.
    var annotated: AnnotatedObjects

    init(_ ingress: Ingress) {
        annotated = AnnotatedObjects(ingress)
        services = annotated.services
        let namespace = ingress.meta.namespace
        func note(_ backend: IngressBackend) {
            if case .service(let name, _) = backend {
                services.insert(ObjectKey(namespace: namespace, name: name))
            }
        }
        for rule in ingress.rules {
            if let host = HostPattern(rule.host) { hosts.insert(host) }
            for path in rule.paths ?? [] { note(path.backend) }
        }
        if let backend = ingress.defaultBackend {
            hasDefaultBackend = true
            note(backend)
        }
        for entry in ingress.tls {
            if !entry.secretName.isEmpty {
                secrets.insert(ObjectKey(namespace: namespace, name: entry.secretName))
            }
            for host in entry.hosts {
                if let pattern = HostPattern(host), pattern != .any { serverNames.insert(pattern) }
            }
        }
    }
}

extension Ingress {
    static let legacyClassAnnotation = "kubernetes.io/ingress.class"

    /// Whether it is translated to the same: it differs in version and status at most.
    func meansTheSame(as other: Ingress) -> Bool {
        var other = other
        other.meta.resourceVersion = meta.resourceVersion
        other.addresses = addresses
        return self == other
    }

    /// Whether it names this class, by its field or by the legacy annotation.
    func names(class name: String) -> Bool {
        className == name || meta.annotations[Ingress.legacyClassAnnotation] == name
    }
}

/// Which Ingresses name a thing.
struct ReverseIndex<Name: Hashable> {
    private var holders: [Name: Set<ObjectKey>] = [:]

    /// The Ingresses that name `name`.
    subscript(name: Name) -> Set<ObjectKey> { holders[name] ?? [] }

    /// All names somebody names.
    var names: Dictionary<Name, Set<ObjectKey>>.Keys { holders.keys }

    mutating func add(_ key: ObjectKey, naming names: Set<Name>) {
        for name in names { holders[name, default: []].insert(key) }
    }

    mutating func remove(_ key: ObjectKey, naming names: Set<Name>) {
        for name in names {
            holders[name]?.remove(key)
            if holders[name]?.isEmpty == true { holders[name] = nil }
        }
    }
}
