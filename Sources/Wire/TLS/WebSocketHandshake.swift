public import Basics
import COpenSSL

/// What a proxy has to add to a WebSocket's handshake where the two sides speak different versions of HTTP (RFC 6455 4.2.2).
public enum WebSocketHandshake {
    /// The value of Sec-WebSocket-Accept that proves to who sent `key` that it was read as a WebSocket's.
    public static func accept(for key: ByteView) -> [UInt8] {
        let text = key.bytes + Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)
        let digest = [UInt8](unsafeUninitializedCapacity: Int(SHA_DIGEST_LENGTH)) { bytes, count in
            SHA1(text, text.count, bytes.baseAddress)
            count = Int(SHA_DIGEST_LENGTH)
        }
        return Array(Base64.encode(digest).utf8)
    }
}
