import Basics
import Testing

@testable import Wire

@Suite("WebSocket handshakes")
struct WebSocketHandshakeTests {
    @Test(
        "the proof for a key is the one of RFC 6455",
        arguments: [
            ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            ("x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk="),
        ])
    func accept(key: String, proof: String) {
        let bytes = Array(key.utf8).withView { WebSocketHandshake.accept(for: $0) }
        #expect(String(decoding: bytes, as: UTF8.self) == proof)
    }
}
