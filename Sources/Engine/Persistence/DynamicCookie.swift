import Basics
import Wire

/// The cookie value of a server that has none of its own, as HAProxy makes it with `dynamic`: the same on every
/// replica, and as long as address, port and key stay.
enum DynamicCookie {
    /// Sixteen hexadecimal digits: XXH64 of key, address in network order and port in four bytes.
    static func value(key: String, address: SocketAddress) -> String {
        var bytes = Array(key.utf8)
        append(address.high, count: address.isV6 ? 8 : 4, to: &bytes)
        if address.isV6 { append(address.low, count: 8, to: &bytes) }
        bytes += [0, 0, UInt8(address.port >> 8), UInt8(truncatingIfNeeded: address.port)]
        let digits = String(bytes.withView { XXHash64.hash($0) }, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// A word's bytes as they stand in memory, which is network order here.
    private static func append(_ word: UInt64, count: Int, to bytes: inout [UInt8]) {
        for i in 0..<count { bytes.append(UInt8(truncatingIfNeeded: word.littleEndian >> UInt64(8 * i))) }
    }
}
