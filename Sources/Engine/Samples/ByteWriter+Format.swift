import Basics
import Model
import Wire

/// How pieces of formats are written: quotes, escapes, dashes and encodings.
extension ByteWriter {
    /// Appends a text, or what stands for none.
    mutating func append(_ text: ByteView?, as flags: FormatFlags) {
        if flags.contains(.encoded) { return appendEncoded(text ?? .empty, flags, .message) }
        if !flags.isDisjoint(with: .lines) { return append(ofLine: text, as: flags) }
        if flags.contains(.quoted) { append(UInt8(ascii: "\"")) }
        if let text, !text.isEmpty {
            appendEncoded(text, flags, .line)
        } else if flags.contains(.dashed), !flags.contains(.quoted) {
            append(UInt8(ascii: "-"))
        }
        if flags.contains(.quoted) { append(UInt8(ascii: "\"")) }
    }

    /// Appends what came from a client, encoded as HAProxy does whatever the flags say, between quotation marks if they say so.
    mutating func append(_ text: ByteView, as flags: FormatFlags, _ encoding: ByteEncoding) {
        if flags.contains(.quoted) { append(UInt8(ascii: "\"")) }
        appendEncoded(text, flags, encoding)
        if flags.contains(.quoted) { append(UInt8(ascii: "\"")) }
    }

    /// Appends bytes; those that must not stand there as `#0A` or `%0A`.
    mutating func appendEncoded(_ text: ByteView, _ flags: FormatFlags, _ encoding: ByteEncoding) {
        // What stands between two bytes that need something is copied in one piece.
        var from = 0
        for i in 0..<text.count {
            let byte = text[i]
            if encoding.encodes(byte) {
                append(text[from..<i])
                append(encoding.mark)
                append(upperHexDigit(byte >> 4))
                append(upperHexDigit(byte & 15))
                from = i + 1
            } else if flags.isDisjoint(with: [.escaped, .json]) {
                continue
            } else if flags.contains(.json) ? byte == UInt8(ascii: "\\") : ByteEncoding.escapes(byte) {
                append(text[from..<i])
                append(UInt8(ascii: "\\"))
                from = i
            }
        }
        append(text[from..<text.count])
    }

    /// Appends an address, `0A000001` in hexadecimal.
    mutating func append(_ address: SocketAddress, as flags: FormatFlags) {
        guard flags.contains(.hexadecimal), !address.isLocal else {
            if flags.contains(.quoted) { append(UInt8(ascii: "\"")) }
            address.write(to: &self)
            if flags.contains(.quoted) { append(UInt8(ascii: "\"")) }
            return
        }
        if let number = address.v4Number {
            append(hexadecimal: UInt64(number), atLeast: 8)
        } else {
            let number = address.v6Number
            append(hexadecimal: UInt64(truncatingIfNeeded: number >> 64), atLeast: 16)
            append(hexadecimal: UInt64(truncatingIfNeeded: number), atLeast: 16)
        }
    }

    /// Appends a number, in hexadecimal with at least so many digits.
    mutating func append(_ number: Int64, as flags: FormatFlags, atLeast digits: Int = 4) {
        guard flags.contains(.hexadecimal) else { return append(decimal: number) }
        append(hexadecimal: UInt64(UInt32(truncatingIfNeeded: number)), atLeast: digits)
    }

    /// Appends upper-case hexadecimal digits.
    mutating func append(hexadecimal number: UInt64, atLeast digits: Int) {
        let count = max(digits, (67 - number.leadingZeroBitCount) / 4)
        for place in stride(from: count - 1, through: 0, by: -1) {
            append(upperHexDigit(UInt8(truncatingIfNeeded: number >> UInt64(4 * place)) & 15))
        }
    }
}

/// Which bytes can not stand where they are written, and how they are told instead: HAProxy's maps.
enum ByteEncoding {
    /// Samples in lines: control bytes, so that a line stays one.
    case line
    /// Request lines in logs.
    case target
    /// Captured fields in logs, which stand in braces with bars between them.
    case field
    /// Fields, addresses and bodies of messages.
    case message

    var mark: UInt8 { self == .message ? UInt8(ascii: "%") : UInt8(ascii: "#") }

    func encodes(_ byte: UInt8) -> Bool {
        switch self {
        case .line: byte < 0x20 && byte != 0x09 || byte == 0x7F
        case .message: byte < 0x20 && byte != 0x09 || byte == 0x7F
        case .target: byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "#")
        case .field:
            byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "#")
                || byte >= UInt8(ascii: "{") && byte <= UInt8(ascii: "}")
        }
    }

    /// Whether RFC 5424 wants a backslash in front.
    static func escapes(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "]")
    }
}

private func upperHexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? value + UInt8(ascii: "0") : value - 10 + UInt8(ascii: "A")
}
