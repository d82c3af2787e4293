import Model

/// A backend's use of a cache, in the units of the engine.
final class CachePolicy: Sendable {
    let store: CacheStore
    let looksUp: Bool
    let stores: Bool
    /// Of requests and of answers; none is always.
    let lookUps: ConditionSet
    let storings: ConditionSet
    /// The most bytes of one answer.
    let longest: Int
    let terms: CacheVerdict.Terms
    let variants: Int

    /// Senseless numbers are taken for the nearest that make sense.
    init(_ use: CacheUse, store: CacheStore) {
        self.store = store
        looksUp = use.looksUp
        stores = use.stores && use.looksUp
        lookUps = ConditionSet(use.lookUpConditions)
        storings = ConditionSet(use.storeConditions)
        let total = CachePolicy.totalSize(use.cache)
        let wanted = use.cache.maxObjectSize
        longest = wanted > 0 ? min(wanted, total / 2) : total / 256
        terms = CacheVerdict.Terms(
            maxAge: Int64(max(0, min(Int(Int32.max), use.cache.maxAge))),
            processesVary: use.cache.processesVary)
        variants = max(1, use.cache.maxSecondaryEntries)
    }

    /// HAProxy's largest: 4095 MB.
    static func totalSize(_ cache: Cache) -> Int { max(0, min(4_095 << 20, cache.totalSize)) }
}

/// The caches of all backends, by name. They outlive every publish that still names them.
struct CacheRegistry {
    private var stores: [String: CacheStore] = [:]

    /// The store under a name: the one that is there, in the size that is wanted now, or a new one.
    mutating func store(of cache: Cache) -> CacheStore {
        let size = CachePolicy.totalSize(cache)
        guard let known = stores[cache.name] else {
            let new = CacheStore(totalSize: size)
            stores[cache.name] = new
            return new
        }
        known.resize(to: size)
        return known
    }

    /// Lets go of those that are not used any more.
    mutating func keep(_ names: Set<String>) { stores = stores.filter { names.contains($0.key) } }

    /// What there is, for metrics.
    var current: [(name: String, store: CacheStore)] {
        stores.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
