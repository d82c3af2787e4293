import Kubernetes

/// Decides how objects are followed that no list brings which is there from the beginning: by name while they are few, and all
/// the others of their kind together when they are many.
///
/// Several informers may tell about one object, in any order: it is gone when the last of them lets it go.
struct ObjectFollowing<Object: KubernetesObject> {
    /// Who tells about an object.
    enum Holder: Hashable {
        /// A list that is there from the beginning: of Secrets those of `kubernetes.io/tls`.
        case list
        /// A watch of one name.
        case name
        /// The list of all others.
        case rest
    }

    /// What has to happen now.
    struct Steps: Equatable {
        var start: [ObjectKey] = []
        var stop: [ObjectKey] = []
        /// Of those stopped: what nobody else will take back.
        var gone: [ObjectKey] = []
        /// The list of all others has to begin.
        var startsRest = false
    }

    /// Watches by name at most.
    private let limit: Int
    /// What is named, and unknown or not of those that are listed.
    private var wanted: Set<ObjectKey> = []
    private var named: Set<ObjectKey> = []
    private var held: [Holder: Set<ObjectKey>] = [:]
    /// Held by name and of those that are listed.
    private var listable: Set<ObjectKey> = []
    private var hasRest = false
    /// Namespaces of which the list of all others is complete; the empty one is all.
    private var covered: Set<String> = []
    private var isSettled = true

    private let isListed: @Sendable (Object) -> Bool

    /// Follows up to `limit` by name; `isListed` says which objects the lists bring.
    init(limit: Int, isListed: @escaping @Sendable (Object) -> Bool = { _ in false }) {
        (self.limit, self.isListed) = (limit, isListed)
    }

    /// Takes over what is wanted; settle then.
    mutating func want(_ keys: Set<ObjectKey>) { (wanted, isSettled) = (keys, false) }

    /// Notes a batch and answers what of it is true for the state; settle then.
    mutating func admit(
        _ batch: ObjectBatch<Object>, from holder: Holder, scope: String = ""
    ) -> ObjectBatch<Object> {
        if holder == .rest, batch.isInitial { (covered, isSettled) = (covered.union([scope]), false) }
        var admitted = batch
        admitted.changes = batch.changes.filter { change in
            guard case .upserted(let object) = change else { return release(change.key, holder) }
            held[holder, default: []].insert(change.key)
            if listable.contains(change.key) { isSettled = false }
            if holder == .name {
                if isListed(object) {
                    listable.insert(change.key)
                } else {
                    listable.remove(change.key)
                }
            }
            return true
        }
        return admitted
    }

    /// Makes what runs equal to what is wanted.
    mutating func settle() -> Steps {
        var steps = Steps()
        // Most batches decide nothing, and thousands may be wanted.
        guard !isSettled else { return steps }
        defer { isSettled = true }
        steps.stop = named.filter { !isKept($0) }.sorted()
        for key in steps.stop {
            named.remove(key)
            if held[.name]?.contains(key) == true, release(key, .name) { steps.gone.append(key) }
        }
        let missing = wanted.filter { !named.contains($0) && !isCovered($0) }.sorted()
        steps.start = Array(missing.prefix(limit - named.count))
        named.formUnion(steps.start)
        steps.startsRest = steps.start.count < missing.count && !hasRest
        if steps.startsRest { hasRest = true }
        return steps
    }

    /// Whether a watch by name goes on. One that brings what is listed stays until the list has it too: that may be
    /// never, for want of permission.
    private func isKept(_ key: ObjectKey) -> Bool {
        if wanted.contains(key) { return !isCovered(key) }
        return listable.contains(key) && held[.list]?.contains(key) != true
    }

    private func isCovered(_ key: ObjectKey) -> Bool {
        covered.contains("") || covered.contains(key.namespace)
    }

    /// Whether nobody holds it any more.
    private mutating func release(_ key: ObjectKey, _ holder: Holder) -> Bool {
        held[holder]?.remove(key)
        if holder == .name, listable.remove(key) != nil { isSettled = false }
        return !held.values.contains { $0.contains(key) }
    }
}
