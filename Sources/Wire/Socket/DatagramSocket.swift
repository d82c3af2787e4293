public import Basics
import Glibc

/// A socket that sends datagrams to one address and never waits.
public final class DatagramSocket {
    private let descriptor: Int32
    private var address: sockaddr_storage
    private let addressCount: socklen_t

    /// To an address and port; nil without a descriptor.
    public init?(to address: SocketAddress) {
        let storage = address.storage
        self.address = storage.0
        addressCount = storage.1
        descriptor = socket(
            address.isV6 ? AF_INET6 : AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
    }

    /// To a path in the file system; nil without a descriptor, and if the path is too long.
    public init?(path: String) {
        guard let storage = Listener.storage(of: path) else { return nil }
        (address, addressCount) = storage
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    /// Sends one datagram; false if nobody took it.
    public func send(_ bytes: ByteView) -> Bool {
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        return bytes.withPointer { start, count in
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, start, count, flags, $0, addressCount) == count
                }
            }
        }
    }
}
