public import Basics

/// A client's address in text form, rendered once for its connection: it stands in three places of every request.
///
/// Sixteen bytes hold any IPv4 address. IPv6 clients are rarer, and rendered each time.
public struct AddressText {
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var count: UInt8 = 0

    /// Renders an address.
    public init(_ address: SocketAddress) {
        guard !address.isV6 else { return }
        var text = Buffer(capacity: 32)
        text.write { address.write(to: &$0) }
        let bytes = text.view
        count = UInt8(truncatingIfNeeded: bytes.count)
        for i in 0..<min(8, bytes.count) { first |= UInt64(bytes[i]) << UInt64(8 * i) }
        for i in 8..<max(8, bytes.count) { second |= UInt64(bytes[i]) << UInt64(8 * i - 64) }
    }

    /// Writes the text of `address`, which this was rendered from.
    @inline(__always)
    public func write(to writer: inout ByteWriter, of address: SocketAddress) {
        guard count > 0 else { return address.write(to: &writer) }
        writer.append(first.littleEndian, second.littleEndian, count: Int(count))
    }
}
