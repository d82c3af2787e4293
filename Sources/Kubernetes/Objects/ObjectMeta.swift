/// What the controller uses of an object's `metadata`; everything else is dropped while decoding.
public struct ObjectMeta: Sendable, Equatable {
    /// Empty for cluster-scoped objects.
    public var namespace = ""
    /// Unique with the namespace among objects of one kind.
    public var name = ""
    /// Distinguishes two objects that had the same name one after the other.
    public var uid = ""
    /// Opaque: never compared by order, never constructed.
    public var resourceVersion = ""
    /// Seconds since 1970; 0 when absent.
    public var creationTimestamp: Int64 = 0
    /// All annotations but `kubectl.kubernetes.io/last-applied-configuration`.
    public var annotations: [String: String] = [:]

    /// Empty metadata.
    public init() {}

    /// `namespace` and `name` as one key.
    public var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }
}

/// The key of an object among those of its kind.
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Empty for cluster-scoped objects.
    public var namespace: String
    /// The object's name.
    public var name: String

    /// A key from its parts.
    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`, or `name` alone.
    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// By namespace, then by name.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

/// A kind of object that can be listed, watched and decoded.
public protocol KubernetesObject: Sendable, Equatable {
    /// Where the API serves this kind.
    static var resource: Resource { get }
    /// The object's metadata.
    var meta: ObjectMeta { get }
}

/// Where the API serves a kind of object.
public struct Resource: Sendable, Hashable {
    /// `Ingress`, `Secret`, …
    public let kind: String
    /// `v1` or `group/version`.
    public let apiVersion: String
    /// `ingresses`, `secrets`, …
    public let plural: String
    /// Whether objects live in namespaces.
    public let isNamespaced: Bool

    /// A resource from its parts.
    public init(kind: String, apiVersion: String, plural: String, isNamespaced: Bool = true) {
        self.kind = kind
        self.apiVersion = apiVersion
        self.plural = plural
        self.isNamespaced = isNamespaced
    }
}
