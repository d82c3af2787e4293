import Basics

/// A hash that grows word by word, so that one walk over a text gives those of all its beginnings. Its seed is the process's: nobody
/// outside can choose keys that meet.
struct PatternHash {
    private(set) var value: UInt64
    private let secret: UInt64

    /// What all hashes of the process begin with. Whoever hashes often keeps it: a global costs a call each time.
    struct Seed: Sendable {
        fileprivate let start = KeyedHash.hash(0x7061_7474, 0x6572_6E73)
        fileprivate let secret = KeyedHash.hash(0x6C69_7374, 0x7061_7474) | 1

        static let own = Seed()
    }

    init(_ seed: Seed) { (value, secret) = (seed.start, seed.secret) }

    /// Takes a word.
    @inline(__always)
    mutating func add(_ word: UInt64) {
        let product = (value ^ word).multipliedFullWidth(by: secret)
        value = product.high ^ product.low
    }

    /// The hash of what was taken and the first bytes of a block.
    @inline(__always)
    func value(with block: Block, _ count: Int) -> UInt64 {
        var hash = self
        hash.add(block.first(count))
        return hash.value
    }

    /// Eight bytes of a text, in one word.
    struct Block {
        private let word: UInt64
        private let isFromEnd: Bool

        /// Those from `at` on, or from the end back; what the text has not is anything. With folded case, bytes that differ in more may become
        /// the same, too: texts are compared in the end.
        @inline(__always)
        init(_ text: ByteView, at: Int, isFolded: Bool, fromEnd: Bool) {
            let fold: UInt64 = isFolded ? 0x2020_2020_2020_2020 : 0
            let left = text.count - at
            let word =
                !fromEnd
                ? text.rest(at: at)
                : left >= 8 ? text.word(at: left - 8) : text.rest(at: 0) << UInt64(8 * (8 - left))
            self.word = word | fold
            isFromEnd = fromEnd
        }

        /// The first bytes, less than eight, and zero in place of the others.
        @inline(__always)
        func first(_ count: Int) -> UInt64 {
            let bits = UInt64(truncatingIfNeeded: count &* 8)
            if isFromEnd { return count == 0 ? 0 : word & ~0 &<< (64 &- bits) }
            return word & ((1 &<< bits) &- 1)
        }

        /// All of them.
        var all: UInt64 { word }
    }

    /// The hash of a text from its first byte on, or from its last one back.
    static func hash(_ text: ByteView, isFolded: Bool, fromEnd: Bool, _ seed: Seed) -> UInt64 {
        var hash = PatternHash(seed)
        var at = 0
        while true {
            let block = Block(text, at: at, isFolded: isFolded, fromEnd: fromEnd)
            guard text.count - at >= 8 else { return hash.value(with: block, text.count - at) }
            hash.add(block.all)
            at += 8
        }
    }

    /// The hash of a text that is only looked for as a whole: eight bytes at once, the last eight may overlap those before.
    static func hash(whole text: ByteView, isFolded: Bool, _ seed: Seed) -> UInt64 {
        // Bytes that differ in more than case may become the same; texts are compared in the end.
        let fold: UInt64 = isFolded ? 0x2020_2020_2020_2020 : 0
        var hash = PatternHash(seed)
        hash.add(UInt64(text.count))
        guard text.count >= 8 else {
            var word: UInt64 = 0
            for i in 0..<text.count { word = word << 8 | UInt64(text[i]) }
            hash.add(word | fold)
            return hash.value
        }
        var at = 0
        while at + 8 < text.count {
            hash.add(text.word(at: at) | fold)
            at += 8
        }
        hash.add(text.word(at: text.count - 8) | fold)
        return hash.value
    }

    /// The hash of a word.
    static func hash(_ word: UInt64, _ seed: Seed) -> UInt64 {
        var hash = PatternHash(seed)
        hash.add(word)
        return hash.value
    }

    /// The hash of some words.
    static func hash(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ seed: Seed) -> UInt64 {
        var hash = PatternHash(seed)
        hash.add(first)
        hash.add(second)
        hash.add(third)
        return hash.value
    }
}
