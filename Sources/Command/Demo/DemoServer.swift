import Glibc
import Synchronization
import Wire

/// An echo server inside the process: a thread that accepts and one for each connection. Made for looking at, not
/// for load: at its limit of connections it closes new ones.
final class DemoServer: Sendable {
    /// Where it listens, with the port the system chose if it was asked to.
    let address: SocketAddress
    private let name: String
    private let listener: Mutex<Listener>
    private let descriptor: Int32
    private let connections = Atomic<Int>(0)
    private static let limit = 1_024

    /// Binds; `name` is what it calls itself in its answers.
    init(name: String, at address: SocketAddress) throws(Listener.Failure) {
        let listener = try Listener(address, v6Only: true, deferAccept: false)
        self.name = name
        self.address = listener.address
        descriptor = listener.descriptor
        self.listener = Mutex(listener)
    }

    /// Accepts until the process ends; false if there is no thread for it.
    func start() -> Bool { Thread(name: name) { self.acceptForever() } != nil }

    private func acceptForever() {
        while true {
            var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
            guard poll(&descriptors, 1, -1) > 0 || errno == EINTR else { return }
            while let accepted = listener.withLock({ $0.accept()?.descriptor }) { carry(accepted) }
        }
    }

    private func carry(_ accepted: Int32) {
        guard connections.wrappingAdd(1, ordering: .relaxed).newValue <= Self.limit else {
            close(accepted)
            connections.wrappingSubtract(1, ordering: .relaxed)
            return
        }
        let thread = Thread(name: name) {
            self.serve(accepted)
            self.connections.wrappingSubtract(1, ordering: .relaxed)
        }
        if thread == nil { close(accepted) }
    }

    private func serve(_ accepted: Int32) {
        var socket = DemoSocket(accepted)
        while let request = socket.receiveRequest() {
            guard answer(request, on: &socket) else { return }
        }
    }

    /// Answers a request; false when the connection ends.
    private func answer(_ request: DemoRequest, on socket: inout DemoSocket) -> Bool {
        switch DemoAnswer(to: request) {
        case .page:
            return send("200 OK", "text/html; charset=utf-8", DemoPage.html, to: request, on: socket)
        case .echo:
            let body = DemoAnswer.echo(request, server: name)
            return send("200 OK", "application/json", body, to: request, on: socket)
        case .slow(let delay):
            guard !socket.isClosed(within: Int32(delay)) else { return false }
            let body = DemoAnswer.echo(request, server: name)
            return send("200 OK", "application/json", body, to: request, on: socket)
        case .upgradeRequired:
            let body = "This is a WebSocket.\n"
            return send("426 Upgrade Required", "text/plain", body, to: request, on: socket)
        case .stream:
            tick(on: socket)
            return false
        case .webSocket(let accept, let greets):
            echoMessages(accept, greets: greets, on: &socket)
            return false
        }
    }

    private func send(
        _ status: String, _ type: String, _ body: String, to request: DemoRequest,
        on socket: borrowing DemoSocket
    ) -> Bool {
        let message = DemoAnswer.message(
            status, server: name, type: type, body: body, keepsAlive: request.keepsAlive,
            withBody: request.method != "HEAD")
        return socket.send(message) && request.keepsAlive
    }

    /// A server-sent event every half second until the client goes, ten minutes at most.
    private func tick(on socket: borrowing DemoSocket) {
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
            + "X-Served-By: \(name)\r\nConnection: close\r\n\r\n"
        guard socket.send(Array(head.utf8)) else { return }
        for number in 1...1_200 {
            let event = "id: \(number)\ndata: {\"server\":\"\(name)\",\"tick\":\(number)}\n\n"
            guard socket.send(Array(event.utf8)), !socket.isClosed(within: 500) else { return }
        }
    }

    private func echoMessages(_ accept: String, greets: Bool, on socket: inout DemoSocket) {
        let head =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: \(accept)\r\nX-Served-By: \(name)\r\n\r\n"
        let greeting = greets ? WebSocket.frame(1, Array("hello from \(name)".utf8)) : []
        guard socket.send(Array(head.utf8) + greeting) else { return }
        var webSocket = WebSocket()
        while let bytes = socket.receive() {
            for event in webSocket.receive(bytes) {
                switch event {
                case .send(let frame): guard socket.send(frame) else { return }
                case .close(let frame):
                    _ = socket.send(frame)
                    return
                }
            }
        }
    }
}
