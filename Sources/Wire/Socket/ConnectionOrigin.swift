import CSystem
import Glibc

/// Where a connection that is opened comes from, and what it is bound to.
public struct ConnectionOrigin: Sendable, Equatable {
    /// Our address; nil is the system's choice. Its port is a matter of `ports`.
    public var address: SocketAddress?
    /// Our port; nil is the system's choice. Of several the first free one is taken, from a random one on.
    public var ports: ClosedRange<UInt16>?
    /// The address need not be this machine's.
    public var isForeign = false
    /// The network interface; empty is the system's choice.
    public var interface = ""
    /// For so long (ms) may what was sent stay unacknowledged; 0 is the system's choice.
    public var patience = 0

    /// The system's choice.
    public init() {}

    /// How often a port is tried.
    private static let tries = 64

    /// Sets what is not a matter of ports; an error number, 0 for none.
    func prepare(_ descriptor: Int32) -> Int32 {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        if patience > 0 {
            var limit = UInt32(clamping: patience)
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &limit, size)
        }
        if !interface.isEmpty {
            let result = interface.utf8CString.withUnsafeBufferPointer {
                setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, $0.baseAddress, socklen_t($0.count))
            }
            guard result == 0 else { return errno }
        }
        guard let address else { return 0 }
        if isForeign {
            let result =
                address.isV6
                ? setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_TRANSPARENT, &on, size)
                : setsockopt(descriptor, Int32(IPPROTO_IP), IP_TRANSPARENT, &on, size)
            guard result == 0 else { return errno }
        }
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        // The port is found when it is known whom it is for: each may have all of them.
        if ports == nil { setsockopt(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, &on, size) }
        return 0
    }

    /// The addresses that are tried, one after the other; one without a port if the system chooses.
    var candidates: [SocketAddress] {
        guard var place = address else { return [] }
        guard let ports else {
            place.port = 0
            return [place]
        }
        let first = UInt16.random(in: ports)
        return (0..<min(ports.count, ConnectionOrigin.tries)).map { step in
            let offset = (Int(first - ports.lowerBound) + step) % ports.count
            place.port = ports.lowerBound + UInt16(offset)
            return place
        }
    }
}
