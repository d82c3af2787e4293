import Basics
import Model
import Wire

/// A key in the form a table compares: good as long as the bytes it was made from.
struct TableKey {
    let hash: UInt64
    /// How many words tell it from others.
    let words: Int
    private let isText: Bool
    private let first: UInt64
    private let second: UInt64
    /// Of texts and bytes.
    private var bytes: ByteView

    /// An address for a table of them; nil if it can not be one of that family.
    init?(_ address: SocketAddress, for type: TableKeyType) {
        guard !address.isLocal else { return nil }
        (bytes, isText) = (.empty, false)
        switch (type, address.isV6) {
        case (.ip, false): (words, first, second) = (1, address.high, 0)
        case (.ipv6, true): (words, first, second) = (2, address.high, address.low)
        case (.ipv6, false):
            // ::ffff:a.b.c.d as it stands in memory; the first half is zero.
            (words, first, second) = (2, 0, (address.high << 32 | 0xFFFF_0000).littleEndian)
        default: return nil
        }
        hash = KeyedHash.hash(first, second)
    }

    /// A number for a table of them, of which the lowest 32 bits count.
    init(number: Int64) {
        (bytes, isText) = (.empty, false)
        (words, first, second) = (1, UInt64(UInt32(truncatingIfNeeded: number)), 0)
        hash = KeyedHash.hash(first, second)
    }

    /// A key without bytes, as an entry holds it.
    init(_ first: UInt64, _ second: UInt64, count: Int) {
        (bytes, isText) = (.empty, false)
        (words, self.first, self.second) = (count, first, second)
        hash = KeyedHash.hash(first, second)
    }

    /// Text or bytes for a table of them: cut at its length, bytes also filled up to it.
    init?(_ text: ByteView, for type: TableKeyType) {
        (first, second, isText) = (0, 0, true)
        switch type {
        case .string(let length):
            bytes = text[0..<min(length, text.count)]
        case .binary(let length):
            var end = min(length, text.count)
            // What it would be filled up with says nothing.
            while end > 0, text[end - 1] == 0 { end -= 1 }
            bytes = text[0..<end]
        default: return nil
        }
        words = 1 + (bytes.count + 7) / 8
        hash = KeyedHash.hash(bytes)
    }

    /// The bytes that have to stay where they are as long as the key; nil if there are none.
    var text: ByteView? { isText ? bytes : nil }

    /// Without those bytes: to be kept, and given them again.
    var withoutText: TableKey { with(.empty) }

    /// With its bytes as they stand elsewhere.
    func with(_ text: ByteView) -> TableKey {
        var copy = self
        copy.bytes = text
        return copy
    }

    /// One of its words, as an entry holds them.
    func word(_ index: Int) -> UInt64 {
        guard isText else { return index == 0 ? first : second }
        guard index > 0 else { return UInt64(bytes.count) }
        let start = (index - 1) * 8
        if start + 8 <= bytes.count { return bytes.word(at: start) }
        var word: UInt64 = 0
        for i in start..<bytes.count { word |= UInt64(bytes[i]) << UInt64((i - start) * 8) }
        return word
    }
}
