import Basics
import Model
import Synchronization
import Wire

/// One line of a list as one of its uses reads it. It never changes but for who stands behind it in its bucket.
final class PatternNode: Sendable {
    /// Its line's: of several that match the least one counts.
    let id: UInt64
    let hash: UInt64
    /// Whether it stands in a bucket; else it is tried one after the other.
    let isHashed: Bool
    let key: PatternKey
    let v4Word: UInt64
    private let value: PatternValue
    /// The key's bytes where it is a text, and the value's.
    private let bytes: FixedArray<UInt8>
    private let keyCount: Int
    /// The next one of the same bucket. Not owned: see `PatternIndex`.
    let next = Atomic<Unmanaged<PatternNode>?>(nil)

    init(id: UInt64, hash: UInt64?, key: PatternKey, value: PatternValue, text: [UInt8]) {
        var all: [UInt8] = []
        if case .text(let bytes) = key { all = bytes }
        let count = all.count
        all += text
        let memory = FixedArray(all)
        self.id = id
        self.hash = hash ?? 0
        isHashed = hash != nil
        self.key = key
        v4Word = key.v4Word
        self.value = value
        keyCount = count
        bytes = memory
    }

    /// The same once more, in front of nobody.
    init(copyOf other: PatternNode) {
        let memory = FixedArray(count: other.bytes.count) { other.bytes[$0] }
        id = other.id
        hash = other.hash
        isHashed = other.isHashed
        key = other.key
        v4Word = other.v4Word
        value = other.value
        keyCount = other.keyCount
        bytes = memory
    }

    var text: ByteView { bytes.view[0..<keyCount] }
    var valueText: ByteView { bytes.view[keyCount..<bytes.count] }

    /// What is found with it.
    var sample: Sample {
        switch value {
        case .none: .boolean(true)
        case .text: .string(valueText)
        case .number(let number): .integer(number)
        case .address(let address): .address(address)
        }
    }
}

/// Where nodes are found by hash.
final class PatternBuckets: Sendable {
    private let heads: FixedArray<Atomic<Unmanaged<PatternNode>?>>

    /// Room for about `count` nodes.
    init(for count: Int) {
        var size = 8
        while size < count { size *= 2 }
        heads = FixedArray(count: size) { _ in Atomic(nil) }
    }

    var count: Int { heads.count }

    /// The first line among the nodes of a hash that a test holds for.
    @inline(__always)
    func first(_ hash: UInt64, where holds: (PatternNode) -> Bool) -> Unmanaged<PatternNode>? {
        var best: Unmanaged<PatternNode>?
        var bestID = UInt64.max
        var at = heads[slot(hash)].load(ordering: .acquiring)
        while let node = at {
            node._withUnsafeGuaranteedRef {
                if $0.hash == hash, $0.id < bestID, holds($0) { (best, bestID) = (node, $0.id) }
                at = $0.next.load(ordering: .acquiring)
            }
        }
        return best
    }

    private func slot(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash) & (heads.count - 1)
    }

    // MARK: The owner's

    /// Puts a node in front of its bucket: whoever walks there already does not see it.
    func insert(_ node: PatternNode) {
        let slot = slot(node.hash)
        node.next.store(heads[slot].load(ordering: .relaxed), ordering: .relaxed)
        heads[slot].store(Unmanaged.passUnretained(node), ordering: .releasing)
    }

    /// Takes a node out: whoever stands at it goes on from there.
    func remove(_ node: PatternNode) {
        let slot = slot(node.hash)
        let behind = node.next.load(ordering: .relaxed)
        guard var at = heads[slot].load(ordering: .relaxed) else { return }
        if at.takeUnretainedValue() === node { return heads[slot].store(behind, ordering: .releasing) }
        while let next = at.takeUnretainedValue().next.load(ordering: .relaxed) {
            if next.takeUnretainedValue() === node {
                return at.takeUnretainedValue().next.store(behind, ordering: .releasing)
            }
            at = next
        }
    }
}
