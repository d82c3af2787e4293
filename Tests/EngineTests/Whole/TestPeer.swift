import Basics
import Glibc
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

    /// A port nobody listens on.
    static func closedPort() throws -> UInt16 { try TestPeer().port }
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
