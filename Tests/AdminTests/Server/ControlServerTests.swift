import Admin
import Glibc
import Testing
import Wire

/// A blocking client on loopback; every read ends after ten seconds.
private func exchange(_ address: SocketAddress, _ request: String) -> String {
    let client = Socket.connect(to: address)
    defer { close(client) }
    var sent = false
    var received: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        var descriptors = [pollfd(fd: client, events: Int16(sent ? POLLIN : POLLOUT), revents: 0)]
        guard poll(&descriptors, 1, 10_000) > 0 else { return "" }
        guard sent else {
            let bytes = Array(request.utf8)
            guard send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return "" }
            sent = true
            continue
        }
        let count = recv(client, &chunk, chunk.count, 0)
        guard count > 0 else { return String(decoding: received, as: UTF8.self) }
        received += chunk[..<count]
    }
}

private func started(_ answer: @escaping ControlServer.Answer) throws -> ControlServer {
    let address = try #require(SocketAddress("127.0.0.1", port: 0))
    let server = try ControlServer(name: "test", at: address, answer: answer)
    #expect(server.start())
    return server
}

@Suite("The control server")
struct ControlServerTests {
    @Test("it answers over a socket and stops when told")
    func answers() throws {
        let server = try started { .text("path \($0.path)\n") }
        let reply = exchange(server.address, "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(reply.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(reply.hasSuffix("\r\n\r\npath /x\n"))
        server.stop()
        #expect(exchange(server.address, "GET /x HTTP/1.0\r\n\r\n") == "")
    }

    @Test("an answer larger than the socket's buffers arrives whole")
    func large() throws {
        let body = String(repeating: "0123456789abcde\n", count: 600_000)
        let server = try started { _ in .text(body) }
        defer { server.stop() }
        let reply = exchange(server.address, "GET / HTTP/1.0\r\n\r\n")
        #expect(reply.utf8.count > body.utf8.count)
        #expect(reply.hasSuffix(body.suffix(64)))
    }

    @Test("silent clients beyond the limit do not keep another one out")
    func crowd() throws {
        let server = try started { _ in .text("here\n") }
        defer { server.stop() }
        let silent = (0..<200).map { _ in Socket.connect(to: server.address) }
        defer { for client in silent { close(client) } }
        #expect(exchange(server.address, "GET / HTTP/1.0\r\n\r\n").hasSuffix("here\n"))
    }
}
