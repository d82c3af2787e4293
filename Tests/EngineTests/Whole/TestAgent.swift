import Basics
import Glibc
import Synchronization
import Wire

/// A health agent on loopback that says its line to everyone who connects.
final class TestAgent: Sendable {
    let port: UInt16
    private let line: Mutex<String>
    private let listener: Listener
    private let stopping = Atomic<Bool>(false)

    init(_ line: String) throws {
        self.line = Mutex(line)
        let any = SocketAddress("127.0.0.1", port: 0) ?? SocketAddress()
        listener = try Listener(any, v6Only: true, deferAccept: false)
        port = listener.address.port
        _ = Thread(name: "agent") { [self] in accept() }
    }

    /// What it says from now on.
    func say(_ text: String) { line.withLock { $0 = text } }

    func stop() { stopping.store(true, ordering: .relaxed) }

    private func accept() {
        while !stopping.load(ordering: .relaxed) {
            var entry = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 20) > 0, let (descriptor, _) = listener.accept() else { continue }
            let connection = TestConnection(descriptor: descriptor)
            connection.send(line.withLock { $0 } + "\n")
            connection.close()
        }
    }
}
