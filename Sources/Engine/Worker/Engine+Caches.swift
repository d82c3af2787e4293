import Synchronization
import Wire

/// What is in caches, for operators.
extension Engine {
    /// The caches there are, by name, with the answers in them that are still good.
    public func caches() -> [CacheReport] {
        let now = Int64(truncatingIfNeeded: Clock.now())
        let stores = state.withLock { $0?.publisher.cacheStores ?? [] }
        return stores.map { name, store in
            CacheReport(
                name: name, limit: store.budget.most, used: store.budget.bytes,
                answers: store.answers(now: now))
        }
    }
}
