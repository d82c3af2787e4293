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
        address.append(to: &text)
        let bytes = text.view
        count = UInt8(truncatingIfNeeded: bytes.count)
        for i in 0..<min(8, bytes.count) { first |= UInt64(bytes[i]) << UInt64(8 * i) }
        for i in 8..<max(8, bytes.count) { second |= UInt64(bytes[i]) << UInt64(8 * i - 64) }
    }

    /// Appends the text of `address`, which this was rendered from; false if it does not fit.
    @discardableResult
    public func append(to buffer: inout Buffer, of address: SocketAddress) -> Bool {
        guard count > 0 else {
            address.append(to: &buffer)
            return true
        }
        return buffer.append(first.littleEndian, second.littleEndian, count: Int(count))
    }
}
