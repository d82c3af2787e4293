/// Writes into the room behind a buffer's end, for the length of one `Buffer.write`.
///
/// Where it stands and where it must end are two words that stay in registers: a piece costs 12 instructions instead of the
/// 33 of an append to a buffer that lives in an object. What does not fit is noted, not written, and the whole `write`
/// comes to nothing; so a head of thirty pieces needs one check.
public struct ByteWriter {
    @usableFromInline var at: UnsafeMutablePointer<UInt8>
    @usableFromInline let end: UnsafeMutablePointer<UInt8>
    /// Something did not fit.
    @usableFromInline var hasOverflowed = false

    @inlinable
    @inline(__always)
    init(at: UnsafeMutablePointer<UInt8>, end: UnsafeMutablePointer<UInt8>) {
        self.at = at
        self.end = end
    }

    /// How many bytes still fit.
    @inlinable
    public var room: Int { end - at }

    @inlinable
    @inline(__always)
    mutating func fits(_ count: Int) -> Bool {
        if count <= end - at { return true }
        hasOverflowed = true
        return false
    }

    /// Appends bytes.
    @inlinable
    @inline(__always)
    public mutating func append(_ bytes: ByteView) {
        guard fits(bytes.count) else { return }
        copyShort(from: bytes.start, to: at, count: bytes.count)
        at += bytes.count
    }

    /// Appends one byte.
    @inlinable
    @inline(__always)
    public mutating func append(_ byte: UInt8) {
        guard fits(1) else { return }
        at.pointee = byte
        at += 1
    }

    /// Appends a text.
    @inlinable
    @inline(__always)
    public mutating func append(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        guard fits(count) else { return }
        copyShort(from: text.utf8Start, to: at, count: count)
        at += count
    }

    /// Appends the first `count` bytes, 16 at most, of two words as they stand in memory.
    @inlinable
    @inline(__always)
    public mutating func append(_ first: UInt64, _ second: UInt64, count: Int) {
        guard count >= 0, count <= 16, fits(count) else { return }
        // Both words are stored whole: what is behind the count lies in free room or in the slack.
        let target = UnsafeMutableRawPointer(at)
        target.storeBytes(of: first, as: UInt64.self)
        target.storeBytes(of: second, toByteOffset: 8, as: UInt64.self)
        at += count
    }

    /// Appends a number in decimal.
    @inlinable
    @inline(__always)
    public mutating func append(decimal value: Int64) {
        // Most numbers of a log line are such.
        guard UInt64(bitPattern: value) < 10 else { return append(longDecimal: value) }
        append(UInt8(truncatingIfNeeded: value) | 0x30)
    }

    /// Appends a number in decimal and a byte behind it.
    @inlinable
    @inline(__always)
    public mutating func append(decimal value: Int64, then byte: UInt8) {
        guard UInt64(bitPattern: value) < 10 else { return append(longDecimal: value, then: byte) }
        guard fits(2) else { return }
        let both = UInt16(truncatingIfNeeded: value) | 0x30 | UInt16(byte) << 8
        UnsafeMutableRawPointer(at).storeBytes(of: both.littleEndian, as: UInt16.self)
        at += 2
    }

    @usableFromInline
    mutating func append(longDecimal value: Int64) {
        let start = at
        signedDigits(value)
        settle(from: start)
    }

    @usableFromInline
    mutating func append(longDecimal value: Int64, then byte: UInt8) {
        let start = at
        signedDigits(value)
        at.pointee = byte
        at += 1
        settle(from: start)
    }

    /// Written first: twenty-one bytes hold any number and what follows it, and the slack holds them.
    @inlinable
    @inline(__always)
    mutating func signedDigits(_ value: Int64) {
        if value < 0 {
            at.pointee = UInt8(ascii: "-")
            at += 1
        }
        digits(value.magnitude)
    }

    /// Takes back what went beyond the end.
    @inlinable
    @inline(__always)
    mutating func settle(from start: UnsafeMutablePointer<UInt8>) {
        guard at > end else { return }
        at = start
        hasOverflowed = true
    }

    @inlinable
    @inline(__always)
    mutating func digits(_ value: UInt64) {
        if value < 100 { return value < 10 ? digit(value) : pair(value) }
        if value < 10_000 { return upToFour(value) }
        manyDigits(value)
    }

    @inlinable
    @inline(__always)
    mutating func upToFour(_ value: UInt64) {
        let hundreds = value / 100
        if hundreds < 10 { digit(hundreds) } else { pair(hundreds) }
        pair(value &- hundreds &* 100)
    }

    @usableFromInline
    mutating func manyDigits(_ value: UInt64) {
        let front = value / 10_000
        let back = value &- front &* 10_000
        if front < 10_000 {
            if front < 100 { front < 10 ? digit(front) : pair(front) } else { upToFour(front) }
        } else {
            manyDigits(front)
        }
        let hundreds = back / 100
        pair(hundreds)
        pair(back &- hundreds &* 100)
    }

    @inlinable
    @inline(__always)
    mutating func digit(_ value: UInt64) {
        at.pointee = UInt8(truncatingIfNeeded: value) | 0x30
        at += 1
    }

    /// Two digits of a number below 100.
    @inlinable
    @inline(__always)
    mutating func pair(_ value: UInt64) {
        let tens = (value &* 103) >> 10
        let ones = value &- tens &* 10
        let both = UInt16(truncatingIfNeeded: tens | ones << 8 | 0x3030).littleEndian
        UnsafeMutableRawPointer(at).storeBytes(of: both, as: UInt16.self)
        at += 2
    }

    /// Appends sixteen lower-case hexadecimal digits.
    @inlinable
    public mutating func append(hexDigits value: UInt64) {
        append(
            eightHexDigits(UInt32(truncatingIfNeeded: value >> 32)),
            eightHexDigits(UInt32(truncatingIfNeeded: value)), count: 16)
    }
}

/// Eight hexadecimal digits as they stand in memory: nibbles spread over the bytes, then 0-9 and a-f at once.
@inlinable
@inline(__always)
func eightHexDigits(_ value: UInt32) -> UInt64 {
    var spread = UInt64(value.byteSwapped)
    spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
    spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
    spread = (spread >> 4 | spread << 8) & 0x0F0F_0F0F_0F0F_0F0F
    let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return (spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27).littleEndian
}
