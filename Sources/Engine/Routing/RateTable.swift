import Basics
import Synchronization

/// The buckets of one rate limit, common to all workers: exact, whatever worker a request came to.
///
/// ```
///   key's hash ─► one of 64 shards, each with a lock of its own ─► a set of 8 buckets ─► the bucket
/// ```
/// Two workers meet at a lock once in 64 requests that come at the same moment, and then for some 20 ns. A set that is full forgets the
/// bucket that has been quiet for longest, as nginx does, so memory is bounded. A shard begins without buckets and doubles its sets when one
/// of them would have to forget a bucket that still holds something: 10,000 limits that nobody comes near take 1 KiB each, not half a MiB.
/// Hashes are keyed by the process: nobody can choose a key that shares another's set on purpose.
final class RateTable: Sendable {
    private static let mostShards = 64
    private static let ways = 8
    private let shards: FixedArray<Shard>
    private let setsPerShard: Int

    private struct Shard: ~Copyable {
        /// Sets one behind the other.
        let buckets = Mutex<[Entry]>([])
    }

    private struct Entry {
        var key: UInt64 = 0
        var bucket = LeakyBucket()
    }

    /// A table for about so many keys.
    init(keys: Int) {
        let keys = max(1, min(1 << 20, keys))
        // One key meets itself at one lock, however many there are.
        let count = keys == 1 ? 1 : RateTable.mostShards
        setsPerShard = max(1, (keys / count + RateTable.ways - 1) / RateTable.ways)
        shards = FixedArray(count: count) { _ in Shard() }
    }

    /// Whether a request with this key's hash may pass, and counts it if so.
    func take(_ key: UInt64, now: UInt64, _ rate: LeakyBucket.Rate) -> Bool {
        let shard = Int(truncatingIfNeeded: key & UInt64(shards.count - 1))
        return shards[shard].buckets.withLock { entries in
            while true {
                if !entries.isEmpty {
                    let first = RateTable.set(of: key, among: entries.count)
                    var chosen = first
                    for i in first..<first + RateTable.ways {
                        if entries[i].key == key, entries[i].bucket.last > 0 {
                            return entries[i].bucket.take(now: now, rate)
                        }
                        if entries[i].bucket.last < entries[chosen].bucket.last { chosen = i }
                    }
                    let isWhole = entries.count >= setsPerShard * RateTable.ways
                    if isWhole || entries[chosen].bucket.isEmpty(now: now, rate) {
                        entries[chosen] = Entry(key: key)
                        return entries[chosen].bucket.take(now: now, rate)
                    }
                }
                grow(&entries)
            }
        }
    }

    /// Where the set of a key begins.
    private static func set(of key: UInt64, among count: Int) -> Int {
        Int(truncatingIfNeeded: (key >> 6) % UInt64(count / ways)) * ways
    }

    /// Twice as many sets, as long as there may be: what was in one is in two of them then.
    private func grow(_ entries: inout [Entry]) {
        let sets = min(setsPerShard, max(1, 2 * (entries.count / RateTable.ways)))
        var larger = [Entry](repeating: Entry(), count: sets * RateTable.ways)
        for entry in entries where entry.bucket.last > 0 {
            let first = RateTable.set(of: entry.key, among: larger.count)
            var chosen = first
            for i in first..<first + RateTable.ways where larger[i].bucket.last < larger[chosen].bucket.last {
                chosen = i
            }
            // Where the last step is no doubling, two old sets may meet in a new one.
            if entry.bucket.last >= larger[chosen].bucket.last { larger[chosen] = entry }
        }
        entries = larger
    }
}
