import Basics
import Synchronization

/// The buckets of one rate limit, common to all workers: exact, whatever worker a request came to.
///
/// ```
///   key's hash ─► one of 64 shards, each with a lock of its own ─► a set of 8 buckets ─► the bucket
/// ```
/// Two workers meet at a lock once in 64 requests that come at the same moment, and then for some 20 ns. A set that is full forgets the
/// bucket that has been quiet for longest, as nginx does, so memory is fixed. Hashes are keyed by the process: nobody can
/// choose a key that shares another's set on purpose.
final class RateTable: Sendable {
    private static let shardCount = 64
    private static let ways = 8
    private let shards: FixedArray<Shard>
    private let setsPerShard: Int

    private struct Shard: ~Copyable {
        let buckets: Mutex<Buckets>
    }

    private struct Buckets: ~Copyable {
        let entries: FixedArray<Entry>
    }

    private struct Entry {
        var key: UInt64 = 0
        var bucket = LeakyBucket()
    }

    /// A table for about so many keys.
    init(keys: Int) {
        let perShard = max(1, min(1 << 20, keys)) / RateTable.shardCount
        let sets = max(1, (perShard + RateTable.ways - 1) / RateTable.ways)
        setsPerShard = sets
        shards = FixedArray(count: RateTable.shardCount) { _ in
            Shard(buckets: Mutex(Buckets(entries: FixedArray(count: sets * RateTable.ways) { _ in Entry() })))
        }
    }

    /// Whether a request with this key's hash may pass, and counts it if so.
    func take(_ key: UInt64, now: UInt64, _ rate: LeakyBucket.Rate) -> Bool {
        let shard = Int(truncatingIfNeeded: key & UInt64(RateTable.shardCount - 1))
        let first = Int(truncatingIfNeeded: (key >> 6) % UInt64(setsPerShard)) * RateTable.ways
        return shards[shard].buckets.withLock { buckets in
            var chosen = first
            for i in first..<first + RateTable.ways {
                if buckets.entries[i].key == key, buckets.entries[i].bucket.last > 0 {
                    return buckets.entries[i].bucket.take(now: now, rate)
                }
                if buckets.entries[i].bucket.last < buckets.entries[chosen].bucket.last { chosen = i }
            }
            buckets.entries[chosen] = Entry(key: key)
            return buckets.entries[chosen].bucket.take(now: now, rate)
        }
    }
}
