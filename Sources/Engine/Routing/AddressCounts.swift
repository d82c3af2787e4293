import Basics
import Synchronization

/// How many requests of each address are under way, over all workers. An address is known only while there are any, so there are never
/// more than exchanges.
final class AddressCounts: Sendable {
    private let shards = FixedArray<Mutex<[UInt64: Int]>>(count: 64) { _ in Mutex([:]) }

    /// Counts a request of an address in; false, and nothing counted, if there are `most` already.
    func enter(_ address: UInt64, most: Int) -> Bool {
        shards[Int(address & 63)].withLock { counts in
            let known = counts[address] ?? 0
            guard known < most else { return false }
            counts[address] = known &+ 1
            return true
        }
    }

    /// Counts a request out that was counted in.
    func leave(_ address: UInt64) {
        shards[Int(address & 63)].withLock { counts in
            guard let known = counts[address] else { return }
            counts[address] = known > 1 ? known &- 1 : nil
        }
    }

    /// How many addresses have requests under way.
    var count: Int { (0..<shards.count).reduce(0) { $0 + shards[$1].withLock { $0.count } } }
}
