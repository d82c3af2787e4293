/// Frames as they travel, for tests that speak HTTP/2 by hand.
enum Frames {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    static let emptySettings = frame(.settings, 0, 0, [])
    static let settingsAcknowledged = frame(.settings, 1, 0, [])

    enum Kind: UInt8 {
        case data
        case headers
        case priority
        case rstStream
        case settings
        case pushPromise
        case ping
        case goaway
        case windowUpdate
        case continuation
        case unknown = 0xF0
    }

    static let endStream: UInt8 = 1
    static let endHeaders: UInt8 = 4
    static let padded: UInt8 = 8
    static let hasPriority: UInt8 = 32

    static func frame(_ kind: Kind, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
        frame(kind.rawValue, flags, stream, payload)
    }

    static func frame(
        _ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8], length: Int? = nil
    ) -> [UInt8] {
        let length = length ?? payload.count
        return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
            + word(stream) + payload
    }

    static func word(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    static func setting(_ id: UInt16, _ value: UInt32) -> [UInt8] {
        [UInt8(id >> 8), UInt8(id & 255)] + word(value)
    }

    static func windowUpdate(_ stream: UInt32, _ by: UInt32) -> [UInt8] {
        frame(.windowUpdate, 0, stream, word(by))
    }

    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> [UInt8] {
        frame(.rstStream, 0, stream, word(code))
    }

    static func data(_ stream: UInt32, _ text: String, end: Bool = false) -> [UInt8] {
        frame(.data, end ? endStream : 0, stream, Array(text.utf8))
    }

    /// Fields as literals that are not indexed (RFC 7541 6.2.2).
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { [0] + string($0.0) + string($0.1) }
    }

    /// A string without Huffman coding.
    static func string(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return integer(bytes.count, prefix: 7) + bytes
    }

    static func integer(_ value: Int, prefix: Int) -> [UInt8] {
        let most = 1 << prefix - 1
        guard value >= most else { return [UInt8(value)] }
        var bytes = [UInt8(most)]
        var rest = value - most
        while rest >= 128 {
            bytes.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func headers(_ stream: UInt32, _ fields: [(String, String)], end: Bool = true) -> [UInt8] {
        frame(.headers, endHeaders | (end ? endStream : 0), stream, block(fields))
    }

    static let get = [
        (":method", "GET"), (":scheme", "https"), (":authority", "a.example"), (":path", "/"),
    ]
    static let post = [
        (":method", "POST"), (":scheme", "https"), (":authority", "a.example"), (":path", "/"),
    ]
}

/// A frame that was read.
struct ReadFrame: Equatable {
    var type: UInt8
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]

    var kind: Frames.Kind? { Frames.Kind(rawValue: type) }

    func word(_ at: Int) -> UInt32 {
        payload.count < at + 4 ? 0 : payload[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// All whole frames of `bytes`.
    static func all(_ bytes: [UInt8]) -> [ReadFrame] {
        var frames: [ReadFrame] = []
        var at = bytes.starts(with: Frames.preface) ? Frames.preface.count : 0
        while at + 9 <= bytes.count {
            let length = Int(bytes[at]) << 16 | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2])
            guard at + 9 + length <= bytes.count else { break }
            let stream = bytes[at + 5..<at + 9].reduce(0) { $0 << 8 | UInt32($1) }
            frames.append(
                ReadFrame(
                    type: bytes[at + 3], flags: bytes[at + 4], stream: stream,
                    payload: Array(bytes[at + 9..<at + 9 + length])))
            at += 9 + length
        }
        return frames
    }
}
