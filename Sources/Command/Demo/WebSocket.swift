import COpenSSL

/// The server's side of RFC 6455, as much as an echo needs; pure.
struct WebSocket {
    /// The largest message that is echoed.
    static let limit = 1 << 20

    private var pending: [UInt8] = []
    /// The first opcode and the bytes so far of a fragmented message.
    private var opcode: UInt8 = 0
    private var message: [UInt8] = []

    /// What a frame asks for.
    enum Event: Equatable {
        /// Send these bytes.
        case send([UInt8])
        /// Send these bytes and end the connection.
        case close([UInt8])
    }

    /// The value of Sec-WebSocket-Accept (section 4.2.2).
    static func accept(key: String) -> String {
        let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        SHA1(text, text.count, &digest)
        var encoded = [UInt8](repeating: 0, count: (digest.count + 2) / 3 * 4 + 1)
        let length = EVP_EncodeBlock(&encoded, digest, Int32(digest.count))
        return String(decoding: encoded.prefix(Int(length)), as: UTF8.self)
    }

    /// Takes bytes of the client and answers every complete frame.
    mutating func receive(_ bytes: some Sequence<UInt8>) -> [Event] {
        pending += bytes
        var events: [Event] = []
        while let frame = takeFrame() {
            guard let event = answer(frame) else { continue }
            events.append(event)
            if case .close = event { break }
        }
        return events
    }

    /// A frame from us: never masked.
    static func frame(_ opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = [0x80 | opcode]
        switch payload.count {
        case ..<126: frame.append(UInt8(payload.count))
        case ..<65_536: frame += [126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            frame.append(127)
            frame += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> ((7 - $0) * 8)) }
        }
        return frame + payload
    }

    private struct Frame {
        var isFinal: Bool
        var opcode: UInt8
        var payload: [UInt8]
        /// The client broke the protocol: close with this code.
        var fault: UInt16?
    }

    private mutating func answer(_ frame: Frame) -> Event? {
        if let fault = frame.fault { return WebSocket.closing(fault) }
        switch frame.opcode {
        case 8: return .close(WebSocket.frame(8, Array(frame.payload.prefix(125))))
        case 9: return .send(WebSocket.frame(10, frame.payload))
        case 10: return nil
        case 0, 1, 2:
            if frame.opcode != 0 { opcode = frame.opcode }
            message += frame.payload
            guard message.count <= WebSocket.limit else { return WebSocket.closing(1009) }
            guard frame.isFinal else { return nil }
            defer { message = [] }
            return .send(WebSocket.frame(opcode, message))
        default: return WebSocket.closing(1002)
        }
    }

    private static func closing(_ code: UInt16) -> Event {
        .close(frame(8, [UInt8(code >> 8), UInt8(code & 255)]))
    }

    /// Takes the first complete frame off `pending` and removes its mask.
    private mutating func takeFrame() -> Frame? {
        guard pending.count >= 2 else { return nil }
        let isMasked = pending[1] & 0x80 != 0
        guard let (length, start) = payloadLength() else { return nil }
        guard isMasked, length <= WebSocket.limit else {
            pending = []
            return Frame(isFinal: true, opcode: 8, payload: [], fault: isMasked ? 1009 : 1002)
        }
        guard pending.count >= start + 4 + length else { return nil }
        let mask = Array(pending[start..<start + 4])
        var payload = Array(pending[(start + 4)..<(start + 4 + length)])
        for i in payload.indices { payload[i] ^= mask[i & 3] }
        let frame = Frame(isFinal: pending[0] & 0x80 != 0, opcode: pending[0] & 15, payload: payload)
        pending.removeFirst(start + 4 + length)
        return frame
    }

    /// The length of the payload and where the mask begins; nil until those bytes are there.
    private func payloadLength() -> (length: Int, start: Int)? {
        let short = Int(pending[1] & 0x7F)
        guard short >= 126 else { return (short, 2) }
        let width = short == 126 ? 2 : 8
        guard pending.count >= 2 + width else { return nil }
        let length = pending[2..<2 + width].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return (Int(clamping: length), 2 + width)
    }
}
