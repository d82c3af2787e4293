public import Basics

/// The checksum of PROXY headers: CRC-32C (Castagnoli, RFC 3720 B.4), reflected, with both complements.
public struct CRC32C {
    private var state: UInt32 = ~0

    /// The checksum of no bytes.
    public init() {}

    /// The checksum of what was taken so far.
    public var value: UInt32 { ~state }

    /// Takes the next bytes.
    public mutating func take(_ bytes: ByteView) {
        for i in 0..<bytes.count { take(bytes[i]) }
    }

    /// Takes one byte.
    public mutating func take(_ byte: UInt8) {
        // Once per connection: a table read per byte is as good as an instruction that not every machine has.
        state = state >> 8 ^ CRC32C.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)]
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value >> 1 ^ (value & 1 == 0 ? 0 : 0x82F6_3B78) }
    }
}
