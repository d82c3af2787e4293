import Basics

/// One part of a table, confined to whoever holds its lock: entries, the index of their keys, and their order of age.
///
/// ```
///   chunks of entries, made one after the other and never moved:
///   ┌ first of bucket n │ next of my bucket ┬ hash │ holders ┬ older │ newer ┬ touched ┬ key … │ data … ┐
/// ```
/// There are as many buckets as entries were made: each new one takes half of another bucket with it (linear hashing), so that
/// neither the index nor the memory ever grows at one stroke. Entry 0 is nobody's: the ring of ages begins and ends there.
/// An entry that is held does not age; it stands in no ring until it is let go.
struct TableShard: ~Copyable, Sendable {
    /// The words that stand before the key.
    static let headWords = 4

    private let words: Int
    /// Two to this are the entries of a chunk.
    private let chunkShift: Int
    private let chunks: FixedArray<FixedArray<UInt64>>
    /// Entries that have memory.
    private var made: UInt32 = 0
    /// The first of those that are not used; 0 is none.
    private var free: UInt32 = 0
    /// How many are used.
    private(set) var count = 0
    /// Where entries say whether peers have to be told of them; 0 if there are none.
    private let news: Int
    /// Told when there is something to tell.
    private let bell: Unmanaged<NewsBell>?
    /// Those that changed since they were told of, the first and the last; 0 is none.
    private var firstChanged: UInt32 = 0
    private var lastChanged: UInt32 = 0

    /// A part that may hold up to `most` entries, and takes memory for a few at a time.
    init(words: Int, most: Int, news: Int = 0, bell: Unmanaged<NewsBell>? = nil) {
        self.words = words
        self.news = news
        self.bell = bell
        var shift = 4
        while shift < 10, most >> shift > 64 { shift += 1 }
        chunkShift = shift
        chunks = FixedArray(count: (most >> shift) + 1) { _ in FixedArray(count: 0) { _ in 0 } }
    }

    /// A word of an entry.
    subscript(entry: UInt32, word: Int) -> UInt64 {
        @inline(__always) get { chunks[Int(entry) >> chunkShift][place(entry) &+ word] }
        @inline(__always) nonmutating set {
            chunks[Int(entry) >> chunkShift][place(entry) &+ word] = newValue
        }
    }

    /// The first word within a chunk.
    @inline(__always) private func place(_ entry: UInt32) -> Int {
        (Int(entry) & (1 << chunkShift - 1)) &* words
    }

    /// When it was last used, milliseconds.
    func touched(_ entry: UInt32) -> UInt64 { self[entry, 3] }

    /// How many hold it.
    func holders(_ entry: UInt32) -> UInt32 { high(entry, 1) }

    /// The half of its key's hash that it holds.
    func keyHash(_ entry: UInt32) -> UInt64 { UInt64(low(entry, 1)) }

    // MARK: Keys

    /// The entry of a key; 0 if there is none.
    func find(_ key: TableKey) -> UInt32 {
        guard made > 0 else { return 0 }
        let hash = UInt32(truncatingIfNeeded: key.hash)
        var entry = low(bucket(of: hash), 0)
        while entry != 0 {
            if low(entry, 1) == hash, isKey(of: entry, key) { return entry }
            entry = high(entry, 0)
        }
        return 0
    }

    private func isKey(of entry: UInt32, _ key: TableKey) -> Bool {
        for i in 0..<key.words where self[entry, TableShard.headWords &+ i] != key.word(i) { return false }
        return true
    }

    /// A new entry for a key that has none; 0 if there is no memory for more.
    mutating func insert(_ key: TableKey, now: UInt64) -> UInt32 {
        let entry = takeFree()
        guard entry != 0 else { return 0 }
        let hash = UInt32(truncatingIfNeeded: key.hash)
        // The first word stays: it is a bucket's, which may hold others.
        // So does its place among those that changed.
        let place = news > 0 ? self[entry, news &+ 1] | TableShard.isUsed : 0
        for i in 1..<words { self[entry, i] = 0 }
        if news > 0 { self[entry, news &+ 1] = place }
        for i in 0..<key.words { self[entry, TableShard.headWords &+ i] = key.word(i) }
        setLow(entry, 1, hash)
        self[entry, 3] = now
        let bucket = bucket(of: hash)
        setHigh(entry, 0, low(bucket, 0))
        setLow(bucket, 0, entry)
        link(entry)
        count &+= 1
        return entry
    }

    private mutating func takeFree() -> UInt32 {
        let entry = free
        if entry != 0 {
            free = low(entry, 2)
            return entry
        }
        if made == 0, make() == nil { return 0 }
        return make() ?? 0
    }

    /// Memory for one entry more, and a bucket.
    private mutating func make() -> UInt32? {
        let new = made
        let chunk = Int(new) >> chunkShift
        guard chunk < chunks.count else { return nil }
        if chunks[chunk].count == 0 { chunks[chunk] = FixedArray(count: words << chunkShift) { _ in 0 } }
        made &+= 1
        if new > 0 { split(into: new) }
        return new
    }

    /// Keys go to as many buckets as there are entries: those of the next power of two that are not there yet are still the
    /// ones below.
    private func bucket(of hash: UInt32) -> UInt32 {
        let mask = TableShard.mask(made &- 1)
        let place = hash & mask
        return place < made ? place : place & mask >> 1
    }

    /// The lowest ones up to the highest one of a number.
    private static func mask(_ number: UInt32) -> UInt32 {
        number == 0 ? 0 : .max >> UInt32(number.leadingZeroBitCount)
    }

    private func split(into new: UInt32) {
        let mask = TableShard.mask(new)
        let old = new & mask >> 1
        var entry = low(old, 0)
        setLow(old, 0, 0)
        while entry != 0 {
            let next = high(entry, 0)
            let bucket = low(entry, 1) & mask == new ? new : old
            setHigh(entry, 0, low(bucket, 0))
            setLow(bucket, 0, entry)
            entry = next
        }
    }

    // MARK: Age

    /// It is used now, and the last to be forgotten.
    mutating func touch(_ entry: UInt32, now: UInt64) {
        noteChange(of: entry)
        if now > self[entry, 3] { self[entry, 3] = now }
        renew(entry)
    }

    /// It is the last to be forgotten.
    private mutating func renew(_ entry: UInt32) {
        guard holders(entry) == 0, low(0, 2) != entry else { return }
        unlink(entry)
        link(entry)
    }

    /// It stays until it is let go as often as it was held.
    mutating func hold(_ entry: UInt32) {
        if holders(entry) == 0 { unlink(entry) }
        setHigh(entry, 1, holders(entry) &+ 1)
    }

    /// One holder less.
    mutating func letGo(_ entry: UInt32, now: UInt64) {
        guard holders(entry) > 0 else { return }
        noteChange(of: entry)
        setHigh(entry, 1, holders(entry) &- 1)
        guard holders(entry) == 0 else { return }
        self[entry, 3] = max(now, self[entry, 3])
        link(entry)
    }

    /// The one that was used longest ago and is not held; 0 if there is none.
    var oldest: UInt32 { made == 0 ? 0 : high(0, 2) }

    /// Forgets an entry that nobody holds.
    mutating func remove(_ entry: UInt32) {
        guard holders(entry) == 0 else { return }
        unlink(entry)
        let bucket = bucket(of: low(entry, 1))
        if low(bucket, 0) == entry {
            setLow(bucket, 0, high(entry, 0))
        } else {
            var before = low(bucket, 0)
            while high(before, 0) != entry { before = high(before, 0) }
            setHigh(before, 0, high(entry, 0))
        }
        if news > 0 { self[entry, news &+ 1] = self[entry, news &+ 1] & ~TableShard.isUsed }
        self[entry, 2] = UInt64(free)
        free = entry
        count &-= 1
    }

    /// Every entry, held or not, as long as `body` wants more.
    func forEach(_ body: (UInt32) -> Bool) {
        for bucket in 0..<made {
            var entry = low(bucket, 0)
            while entry != 0 {
                let next = high(entry, 0)
                guard body(entry) else { return }
                entry = next
            }
        }
    }

    /// In word 2 of entry 0 and of all that age: who is older, who is newer. Beyond the newest and the oldest is 0.
    private func link(_ entry: UInt32) {
        let newest = low(0, 2)
        self[entry, 2] = UInt64(newest)
        setHigh(newest, 2, entry)
        setLow(0, 2, entry)
    }

    private func unlink(_ entry: UInt32) {
        let (older, newer) = (low(entry, 2), high(entry, 2))
        setHigh(older, 2, newer)
        setLow(newer, 2, older)
    }

    // MARK: News

    /// Words of an entry that peers share: the number of its last change, and its place among those to be told of.
    static var newsWords: Int { 2 }
    private static var isWaiting: UInt64 { 1 << 32 }
    private static var isUsed: UInt64 { 1 << 33 }

    /// Peers have to be told of it, if there are any.
    @inline(__always)
    mutating func noteChange(of entry: UInt32) {
        if news > 0 { queue(entry) }
    }

    private mutating func queue(_ entry: UInt32) {
        let place = self[entry, news + 1]
        guard place & TableShard.isWaiting == 0 else { return }
        self[entry, news + 1] = place & TableShard.isUsed | TableShard.isWaiting
        if lastChanged == 0 {
            firstChanged = entry
            bell?._withUnsafeGuaranteedRef { $0.ring() }
        } else {
            setLow(lastChanged, news + 1, entry)
        }
        lastChanged = entry
    }

    /// The next one to be told of; 0 is none.
    mutating func takeChanged() -> UInt32 {
        while firstChanged != 0 {
            let entry = firstChanged
            let place = self[entry, news + 1]
            firstChanged = UInt32(truncatingIfNeeded: place)
            if firstChanged == 0 { lastChanged = 0 }
            self[entry, news + 1] = place & TableShard.isUsed
            // It may have been forgotten since.
            if place & TableShard.isUsed != 0 { return entry }
        }
        return 0
    }

    /// The number of its last change here; 0 if it came from others.
    func change(of entry: UInt32) -> UInt32 { low(entry, news) }

    /// Gives its last change a number.
    mutating func setChange(of entry: UInt32, _ number: UInt32) { self[entry, news] = UInt64(number) }

    /// The next entry behind this one, in the order of their memory; 0 at the end.
    func following(_ entry: UInt32) -> UInt32 {
        var next = entry &+ 1
        while next < made {
            if self[next, news + 1] & TableShard.isUsed != 0 { return next }
            next &+= 1
        }
        return 0
    }

    /// It was last used then, as others say.
    mutating func learnAge(of entry: UInt32, _ touched: UInt64) {
        self[entry, 3] = touched
        renew(entry)
    }

    private func low(_ entry: UInt32, _ word: Int) -> UInt32 { UInt32(truncatingIfNeeded: self[entry, word]) }
    private func high(_ entry: UInt32, _ word: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: self[entry, word] >> 32)
    }
    private func setLow(_ entry: UInt32, _ word: Int, _ value: UInt32) {
        self[entry, word] = self[entry, word] & 0xFFFF_FFFF_0000_0000 | UInt64(value)
    }
    private func setHigh(_ entry: UInt32, _ word: Int, _ value: UInt32) {
        self[entry, word] = self[entry, word] & 0xFFFF_FFFF | UInt64(value) << 32
    }
}
