public import Basics

/// Addresses as numbers and as parts of networks.
extension SocketAddress {
    /// An IPv4 address from its number.
    public init(v4 number: UInt32) {
        self.init()
        set(high: UInt64(number.bigEndian), low: 0, isV6: false)
    }

    /// An IPv6 address from its number.
    public init(v6 number: UInt128) {
        self.init()
        set(
            high: UInt64(truncatingIfNeeded: number >> 64).bigEndian,
            low: UInt64(truncatingIfNeeded: number).bigEndian, isV6: true)
    }

    /// An IPv4 address as a number; nil for another one.
    public var v4Number: UInt32? { isV6 || isLocal ? nil : UInt32(truncatingIfNeeded: high).bigEndian }

    /// The whole address as a number; of an IPv4 one it says nothing.
    public var v6Number: UInt128 { UInt128(high.bigEndian) << 64 | UInt128(low.bigEndian) }

    /// Reads an address in text form, without brackets; nil if it is none. IPv4 without allocation.
    public init?(_ text: ByteView) {
        if let number = SocketAddress.dotted(text) {
            self.init(v4: number)
            return
        }
        guard text.count >= 2, text.count <= 45, text.firstIndex(of: UInt8(ascii: ":")) != nil else {
            return nil
        }
        self.init(text.string, port: 0)
    }

    private static func dotted(_ text: ByteView) -> UInt32? {
        guard text.count >= 7, text.count <= 15 else { return nil }
        var (number, part, digits, dots): (UInt32, UInt32, Int, Int) = (0, 0, 0, 0)
        for i in 0..<text.count {
            let digit = text[i] &- UInt8(ascii: "0")
            if digit <= 9 {
                part = part * 10 + UInt32(digit)
                digits += 1
                guard digits <= 3, part <= 255 else { return nil }
            } else {
                guard text[i] == UInt8(ascii: "."), digits > 0, dots < 3 else { return nil }
                number = number << 8 | part
                (part, digits, dots) = (0, 0, dots + 1)
            }
        }
        return dots == 3 && digits > 0 ? number << 8 | part : nil
    }

    /// The same with all bits behind a prefix cleared, and without a port.
    public func masked(v4: UInt32, v6 prefix: Int) -> SocketAddress {
        var result = SocketAddress()
        guard isV6 else {
            result.set(high: high & UInt64(v4.bigEndian), low: 0, isV6: false)
            return result
        }
        let bits = max(0, min(128, prefix))
        result.set(
            high: high & SocketAddress.mask(min(64, bits)), low: low & SocketAddress.mask(max(0, bits - 64)),
            isV6: true)
        return result
    }

    /// The first bits of a word in network order.
    private static func mask(_ bits: Int) -> UInt64 {
        bits == 0 ? 0 : (UInt64.max << UInt64(64 - bits)).bigEndian
    }
}
