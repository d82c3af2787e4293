import Basics

/// A hash that grows byte by byte, so that one walk over a text gives those of all its beginnings. Its seed is the process's: nobody
/// outside can choose keys that meet.
struct PatternHash {
    private(set) var value = PatternHash.seed

    private static let seed = KeyedHash.hash(0x7061_7474, 0x6572_6E73)
    private static let secret = KeyedHash.hash(0x6C69_7374, 0x7061_7474) | 1

    /// Takes a word.
    @inline(__always)
    mutating func add(_ word: UInt64) {
        let product = (value ^ word).multipliedFullWidth(by: PatternHash.secret)
        value = product.high ^ product.low
    }

    /// Takes a byte; ASCII letters are the same in both cases if case is folded.
    @inline(__always)
    mutating func add(_ byte: UInt8, isFolded: Bool) {
        let isUpper = isFolded && byte &- UInt8(ascii: "A") < 26
        add(UInt64(isUpper ? byte | 0x20 : byte) &+ 1)
    }

    /// The hash of a text from its first byte on, or from its last one back.
    static func hash(_ text: ByteView, isFolded: Bool, fromEnd: Bool = false) -> UInt64 {
        var hash = PatternHash()
        for i in 0..<text.count { hash.add(text[fromEnd ? text.count - 1 - i : i], isFolded: isFolded) }
        return hash.value
    }

    /// The hash of some words.
    static func hash(_ first: UInt64, _ second: UInt64 = 0, _ third: UInt64 = 0) -> UInt64 {
        var hash = PatternHash()
        hash.add(first)
        hash.add(second)
        hash.add(third)
        return hash.value
    }
}
