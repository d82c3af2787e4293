import Basics
import Model

/// The fields of a message of protocol buffers, one after the other. Total: whatever the bytes are, they end.
///
/// ```
///   key = number << 3 | kind      kind 0: a number of 1 to 10 bytes, 7 bits each, the low ones first
///                                 kind 1, 5: eight, four bytes      kind 2: a length, and so many bytes
/// ```
struct ProtobufMessage {
    /// What a field holds.
    enum Value {
        case number(ByteView, UInt64)
        case eight(ByteView)
        case bytes(ByteView)
        case four(ByteView)
    }

    private let bytes: ByteView
    private var at = 0
    /// Whether there is something that is no field: what follows can not be read.
    private(set) var isBroken = false

    init(_ bytes: ByteView) { self.bytes = bytes }

    /// The next field; nil at the end, and where there is none.
    mutating func next() -> (number: UInt64, value: Value)? {
        guard at < bytes.count, !isBroken else { return nil }
        guard let key = varint(), let value = value(ofKind: key & 7) else {
            isBroken = true
            return nil
        }
        return (key >> 3, value)
    }

    private mutating func value(ofKind kind: UInt64) -> Value? {
        let start = at
        switch kind {
        case 0: return varint().map { .number(bytes[start..<at], $0) }
        case 1: return take(8).map { .eight($0) }
        case 2:
            guard let count = varint(), count <= UInt64(bytes.count) else { return nil }
            return take(Int(count)).map { .bytes($0) }
        case 5: return take(4).map { .four($0) }
        // Groups, which nobody has used for long, and what does not exist.
        default: return nil
        }
    }

    private mutating func take(_ count: Int) -> ByteView? {
        guard count <= bytes.count - at else { return nil }
        defer { at += count }
        return bytes[at..<at + count]
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for place in 0..<10 {
            guard at < bytes.count else { return nil }
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7F) << UInt64(7 * place)
            if byte < 0x80 { return value }
        }
        return nil
    }
}

/// Which field is looked for: numbers of four bytes each, from the outermost message.
struct ProtobufPath {
    private let numbers: ByteView

    init(_ numbers: ByteView) { self.numbers = numbers }

    /// The first field at the path; nil without one, and if something before it can not be read.
    func find(in message: ByteView) -> ProtobufMessage.Value? {
        if case .value(let value) = look(in: message, depth: 0) { return value }
        return nil
    }

    /// The same in messages as gRPC frames them: whether compressed, which they must not be, and four bytes of length.
    func find(inFrames bytes: ByteView) -> ProtobufMessage.Value? {
        var at = 0
        while bytes.count - at > 5 {
            let length = (1...4).reduce(0) { $0 << 8 | Int(bytes[at + $1]) }
            guard length <= bytes.count - at - 5 else { return nil }
            let start = at + 5
            if bytes[at] == 0, let value = find(in: bytes[start..<start + length]) { return value }
            at = start + length
        }
        return nil
    }

    private enum Finding {
        case value(ProtobufMessage.Value)
        case absent
        case broken
    }

    /// A path has few numbers, so that this goes no deeper.
    private func look(in bytes: ByteView, depth: Int) -> Finding {
        var message = ProtobufMessage(bytes)
        let wanted = number(at: depth)
        let isLast = (depth + 1) * 4 >= numbers.count
        while let field = message.next() {
            guard field.number == wanted else { continue }
            if isLast { return .value(field.value) }
            guard case .bytes(let inner) = field.value else { continue }
            // Of fields that are repeated the first that has it.
            switch look(in: inner, depth: depth + 1) {
            case .absent: continue
            case let other: return other
            }
        }
        return message.isBroken ? .broken : .absent
    }

    private func number(at depth: Int) -> UInt64 {
        (depth * 4..<min(numbers.count, depth * 4 + 4)).reduce(0) { $0 << 8 | UInt64(numbers[$1]) }
    }
}

extension ProtobufMessage.Value {
    /// As a number of a type, which it must have in the message, or as its bytes.
    func sample(as type: ProtobufType?) -> Sample? {
        guard let type else { return .binary(bytes) }
        switch (self, type) {
        case (.number(_, let value), .sint32), (.number(_, let value), .sint64):
            return .integer(Int64(bitPattern: value >> 1 ^ (0 &- (value & 1))))
        case (.number(_, let value), .int32), (.number(_, let value), .int64),
            (.number(_, let value), .uint32),
            (.number(_, let value), .uint64), (.number(_, let value), .bool),
            (.number(_, let value), .enumeration):
            return .integer(Int64(bitPattern: value))
        case (.eight(let bytes), .fixed64), (.eight(let bytes), .sfixed64):
            return .integer(Int64(bitPattern: Self.number(bytes)))
        case (.eight(let bytes), .double): return Self.whole(Double(bitPattern: Self.number(bytes)))
        case (.four(let bytes), .fixed32): return .integer(Int64(Self.number(bytes)))
        case (.four(let bytes), .sfixed32):
            return .integer(Int64(Int32(truncatingIfNeeded: Self.number(bytes))))
        case (.four(let bytes), .float):
            return Self.whole(Double(Float(bitPattern: UInt32(truncatingIfNeeded: Self.number(bytes)))))
        default: return nil
        }
    }

    private var bytes: ByteView {
        switch self {
        case .number(let bytes, _), .eight(let bytes), .bytes(let bytes), .four(let bytes): bytes
        }
    }

    /// The low bytes come first.
    private static func number(_ bytes: ByteView) -> UInt64 {
        (0..<bytes.count).reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }

    /// Without its fraction; nil for what is no number, and for what is too large.
    private static func whole(_ value: Double) -> Sample? {
        Int64(exactly: value.rounded(.towardZero)).map { .integer($0) }
    }
}
