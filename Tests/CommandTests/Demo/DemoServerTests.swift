import Glibc
import Testing
import Wire

@testable import Command

/// A blocking client on loopback: sends, then reads until `isEnough` or the end; every wait ends after ten seconds.
private func exchange(
    _ address: SocketAddress, _ request: [UInt8], until isEnough: (String) -> Bool = { _ in false }
) -> String {
    let client = Socket.connect(to: address)
    defer { close(client) }
    var descriptors = [pollfd(fd: client, events: Int16(POLLOUT), revents: 0)]
    guard poll(&descriptors, 1, 10_000) > 0,
        send(client, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
    else { return "" }
    var received: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    descriptors[0].events = Int16(POLLIN)
    while poll(&descriptors, 1, 10_000) > 0 {
        let count = recv(client, &chunk, chunk.count, 0)
        guard count > 0 else { break }
        received += chunk[..<count]
        if isEnough(String(decoding: received, as: UTF8.self)) { break }
    }
    return String(decoding: received, as: UTF8.self)
}

/// One server for all tests: its threads end with the process.
private let server: DemoServer? = {
    guard let address = SocketAddress("127.0.0.1", port: 0),
        let made = try? DemoServer(name: "echo-9", at: address)
    else { return nil }
    return made.start() ? made : nil
}()

@Suite("An echo server of the demo")
struct DemoServerTests {
    private func ask(_ text: String, until isEnough: (String) -> Bool = { _ in false }) throws -> String {
        exchange(try #require(server).address, Array(text.utf8), until: isEnough)
    }

    @Test("several requests on one connection are answered in turn, bodies of both kinds included")
    func keepAlive() throws {
        let reply = try ask(
            "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n"
                + "PUT /b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nfour"
                + "GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        for part in [
            #""target": "/a""#, #""body": "abcde""#, #""target": "/b""#, #""body": "four""#,
            #""target": "/c""#,
        ] {
            #expect(reply.contains(part))
        }
        #expect(reply.contains("X-Served-By: echo-9\r\n"))
    }

    @Test("events of the stream come one by one")
    func stream() throws {
        let reply = try ask("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n") { $0.contains("\"tick\":2") }
        #expect(reply.contains("Content-Type: text/event-stream\r\n"))
        #expect(reply.contains("id: 2\ndata: {\"server\":\"echo-9\",\"tick\":2}\n\n"))
    }

    @Test("a WebSocket message sent with the handshake comes back behind it")
    func webSocket() throws {
        let handshake =
            "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        let frames: [UInt8] = [0x81, 0x82, 0, 0, 0, 0, 104, 105, 0x88, 0x80, 0, 0, 0, 0]
        let reply = exchange(try #require(server).address, Array(handshake.utf8) + frames)
        #expect(reply.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
        #expect(reply.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
        #expect(reply.contains("hi"))
    }

    @Test("a HEAD has no body, and what is no WebSocket is told so")
    func rest() throws {
        #expect(try ask("HEAD / HTTP/1.0\r\n\r\n").hasSuffix("\r\n\r\n"))
        #expect(try ask("GET /ws HTTP/1.0\r\n\r\n").hasPrefix("HTTP/1.1 426 "))
    }
}
