/// Which objects of one kind are known, and in which version: enough to tell what a list or an event changes.
struct ObjectIndex<Object: DecodableObject> {
    private var versions: [ObjectKey: String] = [:]
    /// The part of a list that has arrived.
    private var collected: [ObjectKey: Object] = [:]
    private var collectedRejections: Set<ObjectKey> = []

    /// An index of objects that were there at some time, in an unknown version: the first list tells what became of each.
    init(known: Set<ObjectKey> = []) {
        versions = Dictionary(uniqueKeysWithValues: known.map { ($0, "") })
    }

    var count: Int { versions.count }

    // MARK: a list

    mutating func beginCollection() {
        collected = [:]
        collectedRejections = []
    }

    mutating func collect(_ object: Object) {
        collected[object.meta.key] = object
    }

    mutating func discard(_ key: ObjectKey) {
        collected[key] = nil
    }

    /// An object of the list cannot be read: it is there, whatever it is.
    mutating func collect(rejected key: ObjectKey) {
        collectedRejections.insert(key)
    }

    /// Makes the collection the state and answers what that changes.
    mutating func adoptCollection() -> [ObjectChange<Object>] {
        var changes = [ObjectChange<Object>]()
        var next = [ObjectKey: String](minimumCapacity: collected.count)
        for (key, object) in collected {
            let version = object.meta.resourceVersion
            if version.isEmpty || versions[key] != version { changes.append(.upserted(object)) }
            next[key] = version
        }
        for (key, version) in versions where collected[key] == nil {
            if collectedRejections.contains(key) {
                next[key] = version
            } else {
                changes.append(.deleted(key))
            }
        }
        versions = next
        beginCollection()
        return changes
    }

    // MARK: an event

    /// The object is there in this version; nil if that is known.
    mutating func upsert(_ object: Object) -> ObjectChange<Object>? {
        let version = object.meta.resourceVersion
        let known = versions.updateValue(version, forKey: object.meta.key)
        return known == version && !version.isEmpty ? nil : .upserted(object)
    }

    /// The object is gone; nil if that is known.
    mutating func delete(_ key: ObjectKey) -> ObjectChange<Object>? {
        versions.removeValue(forKey: key) == nil ? nil : .deleted(key)
    }
}
