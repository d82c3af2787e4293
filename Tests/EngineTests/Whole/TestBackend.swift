import Basics
import Glibc
import Synchronization
import Wire

/// A small HTTP server on loopback: answers every request with its name. Requests for `/hold…` are answered when they are
/// let go.
final class TestBackend: Sendable {
    let name: String
    let port: UInt16
    private let proxyVersion: Int
    private let answer: String
    private let state = Mutex(State())
    private let listener: Listener
    private let stopping = Atomic<Bool>(false)

    private struct State {
        var requests = 0
        var held = 0
        var mostHeld = 0
        var mayGo = 0
        var open = 0
        var lastHead = ""
        var dropped = 0
        /// What requests for `/health` are answered; nil is what all others are.
        var health: String?
        var announced: [Announced] = []
    }

    /// A request, and the PROXY header its connection began with.
    struct Announced {
        var header: [UInt8]
        var head: String
    }

    /// With a version of the PROXY protocol, every connection must begin with a header of it. `fields` are further lines
    /// of every answer's head; `answer` is sent instead of one with the name.
    init(_ name: String, proxyVersion: Int = 0, fields: String = "", answer: String? = nil) throws {
        self.answer =
            answer ?? "HTTP/1.1 200 OK\r\n\(fields)Content-Length: \(name.utf8.count)\r\n\r\n\(name)"
        self.name = name
        self.proxyVersion = proxyVersion
        let any = SocketAddress("127.0.0.1", port: 0) ?? SocketAddress()
        listener = try Listener(any, v6Only: true, deferAccept: false)
        port = listener.address.port
        _ = Thread(name: "backend") { [self] in accept() }
    }

    /// Requests that have arrived.
    var requests: Int { state.withLock { $0.requests } }
    /// Requests that wait to be let go.
    var held: Int { state.withLock { $0.held } }
    /// The most that ever waited at once.
    var mostHeld: Int { state.withLock { $0.mostHeld } }
    /// Connections that are open.
    var open: Int { state.withLock { $0.open } }
    /// The last request's head.
    var lastHead: String { state.withLock { $0.lastHead } }

    /// All requests so far that came behind PROXY headers.
    var announced: [Announced] { state.withLock { $0.announced } }

    /// Answers requests for `/health` with this status from now on.
    func setHealth(_ status: String) {
        state.withLock { $0.health = "HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n" }
    }

    /// Lets `count` more held requests go.
    func letGo(_ count: Int = 1_000_000) { state.withLock { $0.mayGo += count } }

    /// Takes no more connections and ends those that wait.
    func stop() {
        stopping.store(true, ordering: .relaxed)
        letGo()
    }

    private func accept() {
        while !stopping.load(ordering: .relaxed) {
            var entry = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 20) > 0, let (descriptor, _) = listener.accept() else { continue }
            state.withLock { $0.open += 1 }
            _ = Thread(name: "peer") { [self] in serve(TestConnection(descriptor: descriptor)) }
        }
    }

    private func serve(_ connection: TestConnection) {
        let header = readProxyHeader(connection)
        while header != nil || proxyVersion == 0, let head = connection.read(through: "\r\n\r\n") {
            state.withLock { state in
                state.requests += 1
                state.lastHead = head
                if let header { state.announced.append(Announced(header: header, head: head)) }
            }
            if head.hasPrefix("GET /health"), let health = state.withLock({ $0.health }) {
                guard connection.send(health) else { break }
                continue
            }
            if head.hasPrefix("GET /drop"), isFirstToDrop() { break }
            if head.hasPrefix("GET /hold") { hold() }
            guard connection.send(answer) else { break }
            if head.hasPrefix("GET /last") { break }
        }
        connection.close()
        state.withLock { $0.open -= 1 }
    }

    private func readProxyHeader(_ connection: TestConnection) -> [UInt8]? {
        switch proxyVersion {
        case 1: return connection.read(through: "\r\n").map { Array($0.utf8) }
        case 2:
            guard let fixed = connection.readBytes(count: 16) else { return nil }
            return connection.readBytes(count: Int(fixed[14]) << 8 | Int(fixed[15])).map { fixed + $0 }
        default: return nil
        }
    }

    /// Requests for `/drop…` are answered from the second on; the first connection of one ends.
    private func isFirstToDrop() -> Bool {
        state.withLock { state in
            state.dropped += 1
            return state.dropped == 1
        }
    }

    private func hold() {
        state.withLock { state in
            state.held += 1
            state.mostHeld = max(state.mostHeld, state.held)
        }
        _ = eventually {
            state.withLock { state in
                guard state.mayGo > 0 else { return false }
                state.mayGo -= 1
                return true
            }
        }
        state.withLock { $0.held -= 1 }
    }
}
