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

    init(_ ingress: Ingress, _ prefixes: AnnotationPrefixes) {
        annotated = AnnotatedObjects(ingress, prefixes)
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
struct ReverseIndex<Name: Hashable & Sendable>: Sendable {
    private var holders: [Name: KeySet] = [:]

    /// The Ingresses that name `name`.
    subscript(name: Name) -> Set<ObjectKey> { holders[name]?.keys ?? [] }

    /// All names somebody names.
    var names: some Collection<Name> { holders.keys }

    mutating func add(_ key: ObjectKey, naming names: Set<Name>) {
        for name in names { holders[name, default: KeySet()].insert(key) }
    }

    mutating func remove(_ key: ObjectKey, naming names: Set<Name>) {
        for name in names {
            holders[name]?.remove(key)
            if holders[name]?.isEmpty == true { holders[name] = nil }
        }
    }
}

/// Keys of objects: mostly one, for which no table is kept.
private struct KeySet {
    /// The only one, or none.
    private var single: ObjectKey?
    /// All of several, or none.
    private var several: Set<ObjectKey> = []

    var keys: Set<ObjectKey> { single.map { [$0] } ?? several }

    var isEmpty: Bool { single == nil && several.isEmpty }

    mutating func insert(_ key: ObjectKey) {
        if let other = single {
            guard other != key else { return }
            (single, several) = (nil, [other, key])
        } else if several.isEmpty {
            single = key
        } else {
            several.insert(key)
        }
    }

    mutating func remove(_ key: ObjectKey) {
        if single == key { single = nil }
        several.remove(key)
        if several.count == 1 { (single, several) = (several.first, []) }
    }
}
