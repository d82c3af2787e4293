import Testing

@testable import Command

/// A frame as a client sends it: masked.
private func clientFrame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
    let plain = WebSocket.frame(opcode, payload)
    let header = Array(plain.dropLast(payload.count))
    let mask: [UInt8] = [1, 2, 3, 4]
    let masked = payload.enumerated().map { $1 ^ mask[$0 & 3] }
    return [isFinal ? header[0] : header[0] & 0x7F, header[1] | 0x80] + header.dropFirst(2) + mask + masked
}

@Suite("The WebSocket of the demo")
struct WebSocketTests {
    @Test("the handshake's answer is the one of RFC 6455, section 1.3")
    func handshake() {
        #expect(WebSocket.accept(key: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(
        "messages of every length form come back",
        arguments: [0, 1, 125, 126, 65_535, 65_536, WebSocket.limit])
    func echo(length: Int) {
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        var socket = WebSocket()
        #expect(socket.receive(clientFrame(2, payload)) == [.send(WebSocket.frame(2, payload))])
    }

    @Test("frames may arrive byte by byte and several at once")
    func pieces() {
        let bytes = clientFrame(1, [1, 2, 3]) + clientFrame(1, [4])
        var socket = WebSocket()
        let events = bytes.flatMap { socket.receive([$0]) }
        #expect(events == [.send(WebSocket.frame(1, [1, 2, 3])), .send(WebSocket.frame(1, [4]))])
        var other = WebSocket()
        #expect(other.receive(bytes) == events)
    }

    @Test("a fragmented message comes back whole, and a ping in the middle of it is answered")
    func fragments() {
        var socket = WebSocket()
        #expect(socket.receive(clientFrame(1, [1], isFinal: false)) == [])
        #expect(socket.receive(clientFrame(9, [7])) == [.send(WebSocket.frame(10, [7]))])
        #expect(socket.receive(clientFrame(0, [2])) == [.send(WebSocket.frame(1, [1, 2]))])
    }

    @Test(
        "a client that breaks the protocol is told so and left",
        arguments: [
            (WebSocket.frame(1, [1]), 1002), (clientFrame(3, []), 1002),
            ([0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0], 1009),
        ] as [([UInt8], Int)])
    func faults(bytes: [UInt8], code: Int) {
        var socket = WebSocket()
        #expect(socket.receive(bytes) == [.close(WebSocket.frame(8, [UInt8(code >> 8), UInt8(code & 255)]))])
    }

    @Test("a close is answered with the same code")
    func close() {
        var socket = WebSocket()
        #expect(socket.receive(clientFrame(8, [3, 232])) == [.close(WebSocket.frame(8, [3, 232]))])
    }
}
