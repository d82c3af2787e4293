import Basics

/// What may stand in the fields of HTTP/2 (RFC 9113 8.2): as strict as the scanner of HTTP/1.
///
/// Views must have 32 readable bytes behind their end, which those of a `Buffer` have.
enum FieldSyntax {
    /// Whether a name is a token without capital letters.
    static func isName(_ name: ByteView) -> Bool {
        name.withPointer { base, count in
            guard count > 0 else { return false }
            var at = 0
            while at < count {
                let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
                let others = othersThanUsual(UInt64(littleEndian: word))
                if others == 0 {
                    at &+= 8
                    continue
                }
                at &+= others.trailingZeroBitCount / 8
                guard at < count else { return true }
                guard isToken(base[at]), base[at] &- UInt8(ascii: "A") >= 26 else { return false }
                at &+= 1
            }
            return true
        }
    }

    /// Whether a value is free of controls (but for tabs) and of blanks at its ends.
    static func isValue(_ value: ByteView) -> Bool {
        guard !value.isEmpty else { return true }
        guard !isBlank(value[0]), !isBlank(value[value.count - 1]) else { return false }
        return value.withPointer { ByteClasses.endOfValue($0, from: 0, count: $1) >= $1 }
    }

    /// Marks the bytes that are not small letters, digits or hyphens, in their highest bits: adding lifts a byte
    /// over 0x7F exactly if it is large enough, and no carry leaves a byte of seven bits.
    @inline(__always)
    private static func othersThanUsual(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let top: UInt64 = 0x8080_8080_8080_8080
        let ascii = word & ~top
        let letters = (ascii &+ 0x1F &* ones) & ~(ascii &+ 0x05 &* ones)
        let digits = (ascii &+ 0x50 &* ones) & ~(ascii &+ 0x46 &* ones)
        let hyphens = top &- (ascii ^ 0x2D &* ones)
        return ((letters | digits | hyphens) & ~word & top) ^ top
    }
}
