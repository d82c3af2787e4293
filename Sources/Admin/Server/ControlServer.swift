import Glibc
import Synchronization
public import Wire

/// A small server for operators, of HTTP or of commands: one thread, non-blocking sockets, everything bounded.
///
/// It never carries traffic, so it is written for safety, not for speed: at the limit of connections the one that has
/// the least time left makes room, so that a crowd of idle clients cannot keep a probe out.
public final class ControlServer: Sendable {
    /// Answers a request on the server's thread.
    public typealias Answer = @Sendable (ControlRequest) -> ControlResponse

    /// Where it listens, with the port the system chose if it was asked to.
    public let address: SocketAddress
    private let name: String
    private let listener: Mutex<Listener>
    private let descriptor: Int32
    private let begin: @Sendable (Int64) -> any ControlDialogue
    /// Nobody will connect any more.
    private let onEnd: @Sendable () -> Void
    private let orders = Mailbox<Void>()
    private let thread = Mutex<Thread?>(nil)
    private static let limit = 128

    /// Binds to `address`; nothing is accepted before `start`.
    public convenience init(
        name: String, at address: SocketAddress, answer: @escaping Answer
    ) throws(Listener.Failure) {
        self.init(name: name, try Listener(address, v6Only: false, deferAccept: false)) { now in
            HTTPDialogue(now: now, answer)
        }
    }

    /// Talks with whoever connects as `begin` says.
    init(
        name: String, _ listener: consuming Listener, onEnd: @escaping @Sendable () -> Void = {},
        begin: @escaping @Sendable (Int64) -> any ControlDialogue
    ) {
        self.name = name
        self.address = listener.address
        self.begin = begin
        self.onEnd = onEnd
        descriptor = listener.descriptor
        self.listener = Mutex(listener)
    }

    /// Starts the thread; false if the system refuses one.
    public func start() -> Bool {
        let started = Thread(name: name) { self.run() }
        thread.withLock { $0 = started }
        return started != nil
    }

    /// Ends the thread, closes its connections and the listener.
    public func stop() {
        orders.post(())
        thread.withLock { $0.take() }?.join()
        // Whoever connects now is refused at once; the descriptor itself goes with the last reference.
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private func run() {
        var connections: [Int32: any ControlDialogue] = [:]
        defer { for client in connections.keys { close(client) } }
        var listening = descriptor
        while true {
            var descriptors = [pollfd(fd: orders.wakeUp, events: Int16(POLLIN), revents: 0)]
            descriptors.append(pollfd(fd: listening, events: Int16(POLLIN), revents: 0))
            for (client, connection) in connections {
                let interest = connection.hasOutput ? POLLOUT : POLLIN
                descriptors.append(pollfd(fd: client, events: Int16(interest), revents: 0))
            }
            let ready = poll(&descriptors, nfds_t(descriptors.count), ControlServer.patience(connections))
            guard ready >= 0 || errno == EINTR else { return }
            if descriptors[0].revents != 0 { return }
            if descriptors[1].revents != 0 { acceptAll(&connections) }
            if Int32(descriptors[1].revents) & Int32(POLLHUP) != 0, listening >= 0 {
                // Not asked for again: poll leaves negative ones out.
                listening = -1
                onEnd()
            }
            for ready in descriptors.dropFirst(2) where ready.revents != 0 { serve(ready.fd, &connections) }
            closeOverdue(&connections)
        }
    }

    /// Until the next deadline.
    private static func patience(_ connections: [Int32: any ControlDialogue]) -> Int32 {
        guard let next = connections.values.map(\.deadline).min() else { return -1 }
        return Int32(clamping: max(0, next - now()) + 1)
    }

    private func acceptAll(_ connections: inout [Int32: any ControlDialogue]) {
        while let client = listener.withLock({ $0.accept()?.descriptor }) {
            if connections.count >= Self.limit,
                let victim = connections.min(by: { $0.value.deadline < $1.value.deadline })
            {
                end(victim.key, &connections)
            }
            connections[client] = begin(Self.now())
        }
    }

    private func serve(_ client: Int32, _ connections: inout [Int32: any ControlDialogue]) {
        guard var connection = connections[client] else { return }
        let isAlive = (connection.hasOutput || receive(client, &connection)) && send(client, &connection)
        if isAlive, !connection.isEnded {
            connections[client] = connection
        } else {
            end(client, &connections)
        }
    }

    /// One read per round: a client that sends without end shares the thread with the others.
    private func receive(_ client: Int32, _ connection: inout any ControlDialogue) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = recv(client, &bytes, bytes.count, 0)
        guard count != 0 else { return connection.finish(now: Self.now()) }
        guard count > 0 else { return errno == EAGAIN || errno == EINTR }
        connection.receive(bytes[..<count], now: Self.now())
        return true
    }

    private func send(_ client: Int32, _ connection: inout any ControlDialogue) -> Bool {
        while connection.hasOutput {
            let count = connection.unsent.withUnsafeBytes {
                Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count >= 0 else { return errno == EAGAIN || errno == EINTR }
            connection.advance(count, now: Self.now())
        }
        return true
    }

    private func closeOverdue(_ connections: inout [Int32: any ControlDialogue]) {
        let now = Self.now()
        for (client, connection) in connections where connection.deadline <= now { end(client, &connections) }
    }

    private func end(_ client: Int32, _ connections: inout [Int32: any ControlDialogue]) {
        connections[client] = nil
        // What the client has sent beyond what was read would turn the close into a reset that destroys the answer.
        shutdown(client, Int32(SHUT_WR))
        var rest = [UInt8](repeating: 0, count: 16_384)
        _ = recv(client, &rest, rest.count, 0)
        close(client)
    }

    private static func now() -> Int64 { Int64(clamping: Clock.now() / 1_000_000) }
}
