import Basics
import Synchronization

/// One cache, common to all workers and owned by the publisher, in bounded memory.
///
/// ```
///   key's hash ─► one of 16 shards, each with a lock of its own ─► the answer, counted once more
///   all shards ─► one budget of bytes (an atomic), asked when an answer is kept, never when one is found
/// ```
/// A lock is held while an answer is found or put in place, some 100 ns, and never while bytes are copied or sent: whoever has found
/// an answer holds it by a count of its own, and it may be thrown out meanwhile. Two workers meet at a lock once in sixteen
/// hits that come at the same moment. When memory is full, the one goes that has been left
/// alone for longest; which shard it is in is read from an atomic of each.
final class CacheStore: Sendable {
    private static let shardCount = 16
    let budget: CacheBudget
    private let shards: FixedArray<Place>

    private struct Place: ~Copyable {
        private let shard = Mutex(CacheShard())
        /// `CacheShard.oldestUse`, for those who look for what can go.
        let oldestUse = Atomic<Int64>(.max)

        func withShard<Result>(_ body: (inout sending CacheShard) -> sending Result) -> Result {
            shard.withLock { shard in
                let result = body(&shard)
                oldestUse.store(shard.oldestUse, ordering: .relaxed)
                return result
            }
        }
    }

    /// The right to put an answer into the store.
    struct Ticket {
        fileprivate let shard: Int
        fileprivate let inShard: CacheShard.Ticket
    }

    init(totalSize: Int) {
        budget = CacheBudget(limit: totalSize)
        shards = FixedArray(count: CacheStore.shardCount) { _ in Place() }
    }

    /// How many answers there are.
    var count: Int { (0..<CacheStore.shardCount).reduce(0) { $0 + shards[$1].withShard { $0.count } } }

    /// Those that are still good, by the hashes of their addresses.
    func answers(now: Int64) -> [CacheReport.Answer] {
        (0..<CacheStore.shardCount).flatMap { place in shards[place].withShard { $0.answers(now: now) } }
            .sorted { $0.hash < $1.hash }
    }

    private func index(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash >> 48) & (CacheStore.shardCount - 1)
    }

    /// A good answer to a request, counted once more for the caller.
    func find(_ key: ByteView, for request: RequestVariant, now: Int64) -> Unmanaged<CachedAnswer>? {
        let hash = KeyedHash.hash(key)
        return shards[index(hash)].withShard { shard in
            shard.find(key, hash: hash, for: request, now: now).map { Unmanaged.passRetained($0) }
        }
    }

    /// Takes a place for an answer that has begun to arrive; see `CacheShard.begin`.
    func begin(_ key: CacheKey, _ variant: Variant, most: Int, now: Int64) -> Ticket? {
        let index = index(key.hash)
        return shards[index].withShard { $0.begin(key, variant, most: most, now: now) }
            .map { Ticket(shard: index, inShard: $0) }
    }

    /// Puts the whole answer in its place.
    func complete(_ ticket: Ticket, _ answer: CachedAnswer) {
        shards[ticket.shard].withShard { $0.complete(ticket.inShard, answer) }
    }

    /// Gives back the place of an answer that will not come.
    func cancel(_ ticket: Ticket) { shards[ticket.shard].withShard { $0.cancel(ticket.inShard) } }

    /// Drops all that there is of an address.
    func forget(_ key: ByteView) {
        let hash = KeyedHash.hash(key)
        shards[index(hash)].withShard { $0.forget(key, hash: hash) }
    }

    /// Takes so many bytes of the budget, and drops for them what has not been asked for for longest. What others are still
    /// sending frees nothing now, so no more is dropped than was asked for.
    func reserve(_ bytes: Int) -> Bool {
        guard !budget.take(bytes) else { return true }
        guard bytes <= budget.most else { return false }
        var dropped = 0
        while dropped < bytes {
            guard let size = dropOne() else { return budget.take(bytes) }
            dropped += size
            if budget.take(bytes) { return true }
        }
        return false
    }

    func giveBack(_ bytes: Int) { budget.giveBack(bytes) }

    /// Other answers may go or come from now on.
    func resize(to totalSize: Int) {
        budget.setLimit(totalSize)
        while budget.bytes > budget.most, dropOne() != nil {}
    }

    /// Drops the answer that has been left alone for longest; its size. Nil if there are none at all.
    private func dropOne() -> Int? {
        while true {
            var (chosen, oldest) = (-1, Int64.max)
            for i in 0..<CacheStore.shardCount {
                let use = shards[i].oldestUse.load(ordering: .relaxed)
                if use < oldest { (chosen, oldest) = (i, use) }
            }
            guard chosen >= 0 else { return nil }
            // Released behind the lock. Somebody else may have been faster.
            if let answer = shards[chosen].withShard({ $0.dropOldest() }) { return answer.size }
        }
    }
}
