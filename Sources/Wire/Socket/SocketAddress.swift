public import Basics
public import Glibc

/// An IPv4 or IPv6 address with a port, or a socket of this machine, in 20 bytes. IPv4-mapped IPv6 addresses are stored as IPv4.
public struct SocketAddress: Sendable, Equatable, Hashable {
    /// The address in network order; an IPv4 address stands in the first four bytes of `high`. Of a socket of this machine it says
    /// which, 0 for one without a name.
    public private(set) var high: UInt64 = 0
    /// The second half of an IPv6 address.
    public private(set) var low: UInt64 = 0
    /// In host order.
    public var port: UInt16 = 0
    /// Whether it is an IPv6 address.
    public private(set) var isV6 = false
    /// Whether it is a socket of this machine, which has no address on a network.
    public private(set) var isLocal = false

    /// 0.0.0.0:0.
    public init() {}

    init(localName number: UInt64) {
        (high, isLocal) = (number, true)
    }

    /// Reads an address in text form, without brackets; nil if it is none.
    public init?(_ text: String, port: UInt16) {
        // The library would read up to a NUL only.
        guard !text.utf8.contains(0) else { return nil }
        self.port = port
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            high = UInt64(v4.s_addr)
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        set(v6)
    }

    /// Takes over what the system says of a peer.
    public init(_ storage: sockaddr_storage) {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            let v4 = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in.self) }
            high = UInt64(v4.sin_addr.s_addr)
            port = UInt16(bigEndian: v4.sin_port)
        case AF_INET6:
            let v6 = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in6.self) }
            port = UInt16(bigEndian: v6.sin6_port)
            set(v6.sin6_addr)
        case AF_UNIX:
            isLocal = true
        default:
            break
        }
    }

    mutating func set(high: UInt64, low: UInt64, isV6: Bool) {
        (self.high, self.low, self.isV6, isLocal) = (high, low, isV6, false)
    }

    private mutating func set(_ address: in6_addr) {
        let halves = withUnsafeBytes(of: address) {
            ($0.load(as: UInt64.self), $0.load(fromByteOffset: 8, as: UInt64.self))
        }
        if halves.0 == 0, UInt32(truncatingIfNeeded: halves.1) == UInt32(0xFFFF_0000).littleEndian {
            high = halves.1 >> 32
        } else {
            (high, low, isV6) = (halves.0, halves.1, true)
        }
    }

    /// The system's form and its length.
    public var storage: (sockaddr_storage, socklen_t) {
        if let localName { return SocketAddress.storage(of: localName) }
        var storage = sockaddr_storage()
        if isV6 {
            var v6 = sockaddr_in6()
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &v6.sin6_addr) {
                $0.storeBytes(of: high, as: UInt64.self)
                $0.storeBytes(of: low, toByteOffset: 8, as: UInt64.self)
            }
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v6, as: sockaddr_in6.self) }
            return (storage, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
        var v4 = sockaddr_in()
        v4.sin_family = sa_family_t(AF_INET)
        v4.sin_port = port.bigEndian
        v4.sin_addr.s_addr = UInt32(truncatingIfNeeded: high)
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v4, as: sockaddr_in.self) }
        return (storage, socklen_t(MemoryLayout<sockaddr_in>.size))
    }

    /// Writes the address without port in text form.
    public func write(to writer: inout ByteWriter) {
        guard !isLocal else { return writer.append("unix") }
        guard isV6 else {
            for i in 0..<4 {
                if i > 0 { writer.append(".") }
                writer.append(decimal: Int64(UInt8(truncatingIfNeeded: high >> UInt64(i * 8))))
            }
            return
        }
        // IPv6 clients are rarer and the zero compression is the library's business.
        description(withPort: false).withView { writer.append($0) }
    }

    /// The address in text form; with the port as `1.2.3.4:5` or `[::1]:5`.
    public func description(withPort: Bool) -> String {
        guard !isLocal else { return localDescription(withPort: withPort) }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        var storage = storage.0
        withUnsafeBytes(of: &storage) { bytes in
            let offset = isV6 ? 8 : 4
            _ = inet_ntop(
                isV6 ? AF_INET6 : AF_INET, bytes.baseAddress.map { $0 + offset }, &text, socklen_t(text.count)
            )
        }
        let address = text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        guard withPort else { return address }
        return isV6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}

/// A network in CIDR form, e.g. of trusted proxies.
public struct Network: Sendable, Equatable {
    private let address: SocketAddress
    private let prefix: Int

    /// Reads `10.0.0.0/8`, `fd00::/8` or a single address; nil if it is neither.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = SocketAddress(String(parts[0]), port: 0) else { return nil }
        let most = address.isV6 ? 128 : 32
        guard parts.count == 2 else {
            self.address = address
            prefix = most
            return
        }
        // Digits only: `Int` takes signs too, and `/-0` would trust everybody.
        guard parts[1].utf8.allSatisfy(isDigit), let prefix = Int(parts[1]), prefix <= most else {
            return nil
        }
        self.address = address
        self.prefix = prefix
    }

    /// The addresses it holds, if they are IPv4 ones.
    public var v4Range: ClosedRange<UInt32>? {
        guard let number = address.v4Number else { return nil }
        let rest = prefix >= 32 ? 0 : UInt32.max >> UInt32(prefix)
        return (number & ~rest)...(number | rest)
    }

    /// The addresses it holds, if they are IPv6 ones.
    public var v6Range: ClosedRange<UInt128>? {
        guard address.isV6 else { return nil }
        let rest = prefix >= 128 ? 0 : UInt128.max >> UInt128(prefix)
        return (address.v6Number & ~rest)...(address.v6Number | rest)
    }

    /// Whether `other` lies in the network.
    public func contains(_ other: SocketAddress) -> Bool {
        guard other.isV6 == address.isV6, !other.isLocal else { return false }
        guard address.isV6 else {
            let difference = UInt32(truncatingIfNeeded: other.high ^ address.high).byteSwapped
            return prefix == 0 || difference >> UInt32(32 - prefix) == 0
        }
        let first = (other.high ^ address.high).byteSwapped
        let second = (other.low ^ address.low).byteSwapped
        if prefix == 0 { return true }
        if prefix <= 64 { return first >> UInt64(64 - prefix) == 0 }
        return first == 0 && second >> UInt64(128 - prefix) == 0
    }
}
