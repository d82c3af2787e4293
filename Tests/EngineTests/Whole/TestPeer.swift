import Basics
import Glibc
import Synchronization
import Wire

/// A listening socket whose connections a test takes and speaks on itself.
final class TestPeer: Sendable {
    let port: UInt16
    private let listener: Listener

    init() throws {
        let any = SocketAddress("127.0.0.1", port: 0) ?? SocketAddress()
        listener = try Listener(any, v6Only: true, deferAccept: false)
        port = listener.address.port
    }

    /// The next connection; nil if none comes.
    func accept(within milliseconds: Int32 = patience) -> TestConnection? {
        var entry = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) > 0, let (descriptor, _) = listener.accept() else { return nil }
        return TestConnection(descriptor: descriptor)
    }

    /// A port nobody listens on, nor is about to: below those that the kernel gives to whoever asks for any, which tests beside this one
    /// do all the time, and never the same one twice.
    static func closedPort() throws -> UInt16 {
        for _ in 0..<ownPorts.count {
            let number = given.wrappingAdd(1, ordering: .relaxed).oldValue
            let port = ownPorts.lowerBound + UInt16(truncatingIfNeeded: number % ownPorts.count)
            let address = SocketAddress("127.0.0.1", port: port) ?? SocketAddress()
            if (try? Listener(address, v6Only: true, deferAccept: false, sharesPort: false)) != nil {
                return port
            }
        }
        return try TestPeer().port
    }

    private static let ownPorts: Range<UInt16> = 10_000..<15_000
    /// Another process may run tests too.
    private static let given = Atomic<Int>(Int(getpid()) * 50)
}

extension TestConnection {
    /// Ends the sending side.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes so that the peer hears of a reset.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close()
    }

    /// Whether bytes or the end come within a short time: for what must not come.
    func hears(within milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }
}
