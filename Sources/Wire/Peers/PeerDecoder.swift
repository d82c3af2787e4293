public import Basics

/// Cuts what arrives from a peer into lines and messages. Bounded: a message that is longer than `mostPayload` is a fault.
public struct PeerDecoder: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    /// The longest payload of a message: keys, arrays and names have bounds that keep below.
    public static let mostPayload = 65_536
    /// The longest line of a greeting.
    public static let longestLine = 1_024

    /// Nothing has arrived.
    public init() {}

    /// Takes what has arrived.
    public mutating func append(_ arrived: ByteView) {
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes += arrived.bytes
    }

    /// How many bytes wait.
    public var count: Int { bytes.count - start }

    /// The next line without its end; nil if it is not whole yet.
    public mutating func line() throws(PeerFault) -> String? {
        let waiting = bytes[start...].prefix(PeerDecoder.longestLine)
        guard let end = waiting.firstIndex(of: UInt8(ascii: "\n")) else {
            if waiting.count == PeerDecoder.longestLine { throw .tooLong }
            return nil
        }
        var line = waiting[..<end]
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        start = end + 1
        return String(decoding: line, as: UTF8.self)
    }

    /// The next message; nil if it is not whole yet.
    public mutating func next() throws(PeerFault) -> PeerMessage? {
        guard count >= 2 else { return nil }
        let (kind, type) = (bytes[start], bytes[start + 1])
        guard kind != 255 else { throw .malformed }
        guard type >= 128 else {
            start += 2
            return PeerDecoder.short(kind, type)
        }
        var cursor = PeerCursor(bytes[(start + 2)...].prefix(10))
        let before = cursor.count
        guard let length = cursor.number() else {
            if before >= 10 { throw .malformed }
            return nil
        }
        guard length <= UInt64(PeerDecoder.mostPayload) else { throw .tooLong }
        let begin = start + 2 + before - cursor.count
        guard bytes.count - begin >= Int(length) else { return nil }
        start = begin + Int(length)
        return try PeerDecoder.long(kind, type, bytes[begin..<start])
    }

    private static func short(_ kind: UInt8, _ type: UInt8) -> PeerMessage {
        switch kind {
        case 0: PeerControl(rawValue: type).map { .control($0) } ?? .unknown
        case 1: PeerFault(rawValue: type).map { .fault($0) } ?? .unknown
        default: .unknown
        }
    }

    private static func long(
        _ kind: UInt8, _ type: UInt8, _ payload: ArraySlice<UInt8>
    ) throws(PeerFault) -> PeerMessage {
        guard kind == PeerType.tables else { return .unknown }
        var cursor = PeerCursor(payload)
        switch type {
        case PeerType.update, PeerType.timedUpdate:
            return .update(hasID: true, isTimed: type == PeerType.timedUpdate, payload: Array(payload))
        case PeerType.nextUpdate, PeerType.timedNextUpdate:
            return .update(hasID: false, isTimed: type == PeerType.timedNextUpdate, payload: Array(payload))
        case PeerType.definition:
            return .definition(try PeerTable.read(payload))
        case PeerType.resumption:
            guard let table = cursor.number() else { throw .malformed }
            return .resumption(table: table)
        case PeerType.acknowledgement:
            guard let table = cursor.number(), let update = cursor.word() else { throw .malformed }
            return .acknowledgement(table: table, update: update)
        default: return .unknown
        }
    }
}

/// The second byte of messages about tables.
enum PeerType {
    /// The first byte of all of them.
    static let tables: UInt8 = 10

    static let update: UInt8 = 128
    /// With the number that follows the last one's.
    static let nextUpdate: UInt8 = 129
    static let definition: UInt8 = 130
    static let resumption: UInt8 = 131
    static let acknowledgement: UInt8 = 132
    static let timedUpdate: UInt8 = 133
    static let timedNextUpdate: UInt8 = 134

    /// A whole message.
    static func message(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var message = [tables, type]
        message.append(peerNumber: UInt64(payload.count))
        return message + payload
    }
}

extension PeerMessage {
    /// An acknowledgement as it is sent: of updates of the other side's table.
    public static func acknowledge(table: UInt64, update: UInt32) -> [UInt8] {
        var payload: [UInt8] = []
        payload.append(peerNumber: table)
        payload.append(peerWord: update)
        return PeerType.message(PeerType.acknowledgement, payload)
    }
}
