/// Changes of one kind's objects that became known at one moment.
public struct ObjectBatch<Object: KubernetesObject>: Sendable {
    /// In order of arrival; at most one per key when `isInitial`.
    public var changes: [ObjectChange<Object>]
    /// Objects that could not be read, to be reported; what was known of them before stays.
    public var rejected: [RejectedObject]
    /// Whether this is the first batch: every object there is, possibly none.
    public var isInitial: Bool
    /// When the bytes that completed the last of `changes` arrived, in nanoseconds of CLOCK_MONOTONIC.
    public var receivedAt: UInt64

    /// A batch from its parts.
    public init(
        changes: [ObjectChange<Object>], rejected: [RejectedObject] = [], isInitial: Bool = false,
        receivedAt: UInt64
    ) {
        self.changes = changes
        self.rejected = rejected
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
