/// Reads what peers encode, from front to end; nil where the bytes do not reach.
struct PeerCursor {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// How many bytes are left.
    var count: Int { rest.count }

    mutating func byte() -> UInt8? { rest.popFirst() }

    /// A number of any size: below 240 one byte; else four bits of it are in the first byte, and seven in each that follows, the
    /// lowest first.
    mutating func number() -> UInt64? {
        guard let first = rest.popFirst() else { return nil }
        var value = UInt64(first)
        guard first >= 0xF0 else { return value }
        var shift: UInt64 = 4
        while let next = rest.popFirst() {
            // 64 bits are all there are.
            guard shift < 64, (UInt64(next) << shift) >> shift == UInt64(next) else { return nil }
            let (sum, isTooLarge) = value.addingReportingOverflow(UInt64(next) << shift)
            guard !isTooLarge else { return nil }
            value = sum
            guard next >= 0x80 else { return value }
            shift += 7
        }
        return nil
    }

    /// The same where it counts bytes or elements.
    mutating func count(most: Int) -> Int? {
        guard let value = number(), value <= UInt64(most) else { return nil }
        return Int(value)
    }

    /// Four bytes, the highest first.
    mutating func word() -> UInt32? {
        guard let bytes = bytes(4) else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}

extension [UInt8] {
    /// Appends a number as `PeerCursor.number` reads it.
    mutating func append(peerNumber value: UInt64) {
        guard value >= 0xF0 else { return append(UInt8(value)) }
        append(UInt8(truncatingIfNeeded: value) | 0xF0)
        var rest = (value - 0xF0) >> 4
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest = (rest - 0x80) >> 7
        }
        append(UInt8(rest))
    }

    /// Appends four bytes, the highest first.
    mutating func append(peerWord value: UInt32) {
        for shift: UInt32 in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
