/// The object an Event is about.
public struct EventReference: Sendable, Hashable {
    /// Of the object's kind.
    public var apiVersion: String
    /// The object's kind.
    public var kind: String
    /// The object's namespace, empty for one that has none, and its name.
    public var key: ObjectKey
    /// `kubectl describe` shows only Events with the object's own.
    public var uid: String

    /// A reference from its parts.
    public init(apiVersion: String, kind: String, key: ObjectKey, uid: String) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.key = key
        self.uid = uid
    }
}

/// Something to be told about an object: an events.k8s.io/v1 Event of type Warning.
public struct EventNote: Sendable, Hashable {
    /// What it is about.
    public var regarding: EventReference
    /// A short machine-readable word.
    public var reason: String
    /// A sentence for the object's owner.
    public var note: String

    /// A note from its parts.
    public init(regarding: EventReference, reason: String, note: String) {
        self.regarding = regarding
        self.reason = reason
        self.note = note
    }

    /// The same for the same note in every process: replicas and restarts continue one series instead of telling it again.
    public var name: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        let parts = [
            regarding.apiVersion, regarding.kind, regarding.key.description, regarding.uid, reason, note,
        ]
        for part in parts {
            // A byte that no text holds ends each part.
            for byte in Array(part.utf8) + [0xFF] { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01b3 }
        }
        let digits = String(hash, radix: 16)
        let stem = regarding.key.name.prefix(200).lowercased()
        return "\(stem).\(String(repeating: "0", count: 16 - digits.count))\(digits)"
    }

    /// Where its Event lives; Events of objects without a namespace live in `default`.
    public var namespace: String { regarding.key.namespace.isEmpty ? "default" : regarding.key.namespace }
}
