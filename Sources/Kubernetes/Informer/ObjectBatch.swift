/// Changes of one kind's objects that became known at one moment.
public struct ObjectBatch<Object: KubernetesObject>: Sendable {
    /// In order of arrival; at most one per key when `isInitial`.
    public var changes: [ObjectChange<Object>]
    /// Whether this is the first batch: every object there is, possibly none.
    public var isInitial: Bool
    /// When the bytes that completed the last of `changes` arrived, in nanoseconds of CLOCK_MONOTONIC.
    public var receivedAt: UInt64

    /// A batch from its parts.
    public init(changes: [ObjectChange<Object>], isInitial: Bool = false, receivedAt: UInt64) {
        self.changes = changes
        self.isInitial = isInitial
        self.receivedAt = receivedAt
    }
}

/// What became of one object.
public enum ObjectChange<Object: KubernetesObject>: Sendable, Equatable {
    /// It appeared or changed, or another one took its name (then `meta.uid` differs).
    case upserted(Object)
    /// It is gone, seen or missed. The last known object is the consumer's own.
    case deleted(ObjectKey)

    /// Which object this is about.
    public var key: ObjectKey {
        switch self {
        case .upserted(let object): object.meta.key
        case .deleted(let key): key
        }
    }
}

/// Which objects of a kind an informer follows.
public struct ObjectSelection: Sendable, Hashable {
    /// One namespace, or empty for all; ignored for cluster-scoped kinds.
    public var namespace: String
    /// As the API takes it, `type=kubernetes.io/tls` or `metadata.name=web`; empty selects all.
    public var fieldSelector: String

    /// A selection; everything by default.
    public init(namespace: String = "", fieldSelector: String = "") {
        self.namespace = namespace
        self.fieldSelector = fieldSelector
    }
}
