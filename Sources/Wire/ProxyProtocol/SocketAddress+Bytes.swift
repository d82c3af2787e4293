public import Basics
import Glibc

/// Addresses as they travel in binary headers: in network order, without family.
extension SocketAddress {
    init(_ address: in_addr, port: UInt16) {
        var v4 = sockaddr_in()
        v4.sin_family = sa_family_t(AF_INET)
        v4.sin_port = port.bigEndian
        v4.sin_addr = address
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v4, as: sockaddr_in.self) }
        self.init(storage)
    }

    init(_ address: in6_addr, port: UInt16) {
        var v6 = sockaddr_in6()
        v6.sin6_family = sa_family_t(AF_INET6)
        v6.sin6_port = port.bigEndian
        v6.sin6_addr = address
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v6, as: sockaddr_in6.self) }
        self.init(storage)
    }

    /// Reads four bytes as IPv4 or sixteen as IPv6; nil for any other number.
    init?(networkOrder bytes: ByteView, port: UInt16) {
        switch bytes.count {
        case 4:
            var address = in_addr()
            withUnsafeMutableBytes(of: &address) { for i in 0..<4 { $0[i] = bytes[i] } }
            self.init(address, port: port)
        case 16:
            var address = in6_addr()
            withUnsafeMutableBytes(of: &address) { for i in 0..<16 { $0[i] = bytes[i] } }
            self.init(address, port: port)
        default:
            return nil
        }
    }

    /// Writes the address in network order: sixteen bytes with `asV6`, an IPv4 address then mapped, else four.
    public func write(networkOrderTo writer: inout ByteWriter, asV6: Bool) {
        guard asV6 else { return writer.append(high, 0, count: 4) }
        if isV6 {
            writer.append(high, low, count: 16)
        } else {
            writer.append(0, high << 32 | UInt64(UInt32(0xFFFF_0000).littleEndian), count: 16)
        }
    }
}
