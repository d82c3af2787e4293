public import Basics
import CSystem
import Glibc

/// Calls on a connection's descriptor. Interrupted calls are repeated, errors become values.
public enum Socket {
    /// Opens a connection to `address`; the descriptor becomes writable when it stands. Negative: the error number.
    public static func connect(
        to address: SocketAddress, tos: UInt8? = nil, mark: UInt32? = nil,
        from origin: ConnectionOrigin? = nil
    ) -> Int32 {
        guard let origin, !address.isLocal else { return connect(to: address, tos, mark) }
        let first = connect(to: address, tos, mark, origin, nil)
        guard first == -EADDRINUSE || first == -EADDRNOTAVAIL, origin.ports != nil else { return first }
        // Ports are taken, or have been used to this server a moment ago.
        for place in origin.candidates {
            let descriptor = connect(to: address, tos, mark, origin, place)
            guard descriptor == -EADDRINUSE || descriptor == -EADDRNOTAVAIL else { return descriptor }
        }
        return first
    }

    private static func connect(
        to address: SocketAddress, _ tos: UInt8?, _ mark: UInt32?, _ origin: ConnectionOrigin? = nil,
        _ place: SocketAddress? = nil
    ) -> Int32 {
        let descriptor = socket(
            address.family,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return -errno }
        if !address.isLocal {
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        // What routes go by has to stand before the first packet.
        if let tos { setTypeOfService(descriptor, tos) }
        if let mark { setMark(descriptor, mark) }
        if let origin {
            let code = origin.prepare(descriptor)
            let refusal = code != 0 ? code : bind(descriptor, to: place ?? origin.candidates.first)
            guard refusal == 0 else {
                Glibc.close(descriptor)
                return -refusal
            }
        }
        var (storage, length) = address.storage
        let result = withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
        }
        guard result == 0 || errno == EINPROGRESS else {
            let code = errno
            Glibc.close(descriptor)
            return -code
        }
        return descriptor
    }

    /// Binds to an address, if there is one; an error number, 0 for none.
    private static func bind(_ descriptor: Int32, to address: SocketAddress?) -> Int32 {
        guard let address else { return 0 }
        var (storage, length) = address.storage
        let result = withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, length) }
        }
        return result == 0 ? 0 : errno
    }

    /// The pending error of a connection attempt; 0 when it stands.
    public static func error(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno
    }

    /// Reads into the room behind `buffer`'s end, `most` bytes at most; no room reads nothing.
    @inline(__always)
    public static func read(_ descriptor: Int32, into buffer: inout Buffer, most: Int = .max) -> IOResult {
        let result = buffer.withRoom { room, count -> Int? in
            let wanted = min(count, most)
            guard wanted > 0 else { return nil }
            while true {
                let got = csystem_receive(descriptor, room, wanted)
                if got >= 0 || errno != EINTR { return got }
            }
        }
        guard let result, let result else { return .wouldBlock }
        if result > 0 {
            buffer.filled(result)
            return .bytes(result)
        }
        if result == 0 { return .closed }
        return errno == EAGAIN ? .wouldBlock : .failed(errno)
    }

    /// Reads as `read` does, and leaves what it reads where it is.
    public static func peek(_ descriptor: Int32, into buffer: inout Buffer, most: Int) -> IOResult {
        let result = buffer.withRoom { room, count in
            while true {
                let got = csystem_peek(descriptor, room, min(count, most))
                if got >= 0 || errno != EINTR { return got }
            }
        }
        guard let result else { return .wouldBlock }
        if result > 0 {
            buffer.filled(result)
            return .bytes(result)
        }
        if result == 0 { return .closed }
        return errno == EAGAIN ? .wouldBlock : .failed(errno)
    }

    /// Writes `bytes`; may write fewer than there are.
    @inline(__always)
    public static func write(_ descriptor: Int32, _ bytes: ByteView) -> IOResult {
        bytes.withPointer { start, count in
            guard count > 0 else { return .wouldBlock }
            while true {
                let sent = csystem_send(descriptor, start, count)
                if sent >= 0 { return .bytes(sent) }
                if errno == EAGAIN { return .wouldBlock }
                if errno != EINTR { return .failed(errno) }
            }
        }
    }

    /// Writes as `write` does, and says that more will follow at once.
    public static func writeAhead(_ descriptor: Int32, _ bytes: ByteView) -> IOResult {
        bytes.withPointer { start, count in
            guard count > 0 else { return .wouldBlock }
            while true {
                let sent = csystem_send_more(descriptor, start, count)
                if sent >= 0 { return .bytes(sent) }
                if errno == EAGAIN { return .wouldBlock }
                if errno != EINTR { return .failed(errno) }
            }
        }
    }

    /// Ends our sending side.
    public static func shutdownWrite(_ descriptor: Int32) { shutdown(descriptor, Int32(SHUT_WR)) }

    /// What follows, its close included, is not told to the peer: the kernel forgets the connection if we may ask for that, else its
    /// packets do not get past the first router.
    public static func silence(_ descriptor: Int32) {
        let size = socklen_t(MemoryLayout<Int32>.size)
        var (repair, hops): (Int32, Int32) = (1, 1)
        guard setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_REPAIR, &repair, size) != 0 else { return }
        setsockopt(descriptor, Int32(IPPROTO_IP), IP_TTL, &hops, size)
        setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_UNICAST_HOPS, &hops, size)
    }

    /// Sets the DS field of what is sent (RFC 2474). What the kernel refuses stays as it is.
    public static func setTypeOfService(_ descriptor: Int32, _ value: UInt8) {
        let size = socklen_t(MemoryLayout<Int32>.size)
        var value = Int32(value)
        // One of the two; IPv4 in a socket of IPv6 has both.
        setsockopt(descriptor, Int32(IPPROTO_IP), IP_TOS, &value, size)
        setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_TCLASS, &value, size)
    }

    /// Sets the mark of what is sent, which the kernel lets only some do.
    public static func setMark(_ descriptor: Int32, _ value: UInt32) {
        var value = value
        setsockopt(descriptor, SOL_SOCKET, SO_MARK, &value, socklen_t(MemoryLayout<UInt32>.size))
    }

    /// Whether an address is this machine's: whether something could listen there.
    public static func isOwn(_ address: SocketAddress) -> Bool {
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var place = address
        place.port = 0
        var (storage, length) = place.storage
        return withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, length) == 0 }
        }
    }

    /// Closes the descriptor.
    public static func close(_ descriptor: Int32) { Glibc.close(descriptor) }
}
