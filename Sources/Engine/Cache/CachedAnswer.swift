import Basics
import Synchronization

/// What answers are found by: the host in lower case, and path and query as they are forwarded.
final class CacheKey: Sendable {
    let hash: UInt64
    let bytes: FixedArray<UInt8>

    init(_ bytes: ByteView) {
        hash = KeyedHash.hash(bytes)
        self.bytes = FixedArray(count: bytes.count) { bytes[$0] }
    }
}

/// An answer as it is kept: immutable, shared by the workers that send it, gone with the last one of them.
final class CachedAnswer: Sendable {
    let key: CacheKey
    /// The reason phrase, then the field lines, each ended by CRLF.
    let head: Buffer
    let body: Buffer
    /// Empty without one.
    let tag: [UInt8]
    let facts: Facts
    private let budget: CacheBudget
    /// What of the budget it holds.
    let size: Int

    /// Times are in nanoseconds of the clock that is never set.
    struct Facts: Equatable {
        var cameAt: Int64
        var goodUntil: Int64
        /// How old it was when it came, in seconds.
        var age: Int64
        /// When it was last changed, in seconds since 1970.
        var modified: Int64
    }

    /// What an answer takes besides its bytes: the objects and their places in the tables, rounded up.
    static let overhead = 512

    /// Takes over `size` bytes that have been reserved.
    init(
        key: CacheKey, head: consuming Buffer, body: consuming Buffer, tag: [UInt8], facts: Facts,
        size: Int, of budget: CacheBudget
    ) {
        self.key = key
        self.head = head
        self.body = body
        self.tag = tag
        self.facts = facts
        self.size = size
        self.budget = budget
    }

    deinit { budget.giveBack(size) }

    var reason: ByteView { head.view[0..<(head.view.firstIndex(of: UInt8(ascii: "\r")) ?? 0)] }

    /// The field lines.
    var fields: ByteView { head.view[min(head.count, reason.count + 2)..<head.count] }

    /// How old it is, in seconds; no age is told beyond 2^31 (RFC 9111 1.2.2).
    func age(now: Int64) -> Int64 { min(1 << 31, facts.age + max(0, now - facts.cameAt) / 1_000_000_000) }
}

/// The bytes that the answers of one cache take, those included that are still arriving or are still being sent after they
/// have been thrown out: never more than the limit.
final class CacheBudget: Sendable {
    private let used = Atomic<Int>(0)
    private let limit: Atomic<Int>

    init(limit: Int) { self.limit = Atomic(max(0, limit)) }

    /// Bytes in use.
    var bytes: Int { used.load(ordering: .relaxed) }
    /// The most there may be.
    var most: Int { limit.load(ordering: .relaxed) }

    func setLimit(_ bytes: Int) { limit.store(max(0, bytes), ordering: .relaxed) }

    /// Whether so many more are taken. All or none.
    func take(_ bytes: Int) -> Bool {
        guard bytes >= 0, bytes <= most else { return false }
        let taken = used.wrappingAdd(bytes, ordering: .relaxed).newValue
        if taken <= most { return true }
        giveBack(bytes)
        return false
    }

    func giveBack(_ bytes: Int) { _ = used.wrappingSubtract(bytes, ordering: .relaxed) }
}
