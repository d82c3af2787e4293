import Basics
import Model

/// Texts as they stand in JSON.
extension SampleWorkspace {
    /// Escaped for the inside of quotation marks, as HAProxy does; nil if it is not what it is said to be.
    mutating func encodeJSON(_ text: ByteView, _ input: JSONInput) -> ByteView? {
        var isBroken = false
        let result = write { writer in
            var at = 0
            while at < text.count {
                guard text[at] >= 0x80, input != .ascii else {
                    SampleWorkspace.append(UInt16(text[at]), to: &writer)
                    at += 1
                    continue
                }
                if let (character, count) = SampleWorkspace.character(of: text, at: at) {
                    // Four digits are all there is room for.
                    SampleWorkspace.append(UInt16(truncatingIfNeeded: character), to: &writer)
                    at += count
                } else {
                    isBroken = isBroken || input == .utf8
                    at += 1
                }
            }
        }
        return isBroken ? nil : result
    }

    private static func append(_ character: UInt16, to writer: inout ByteWriter) {
        switch character {
        case 0x22: writer.append("\\\"")
        case 0x5C: writer.append("\\\\")
        case 0x2F: writer.append("\\/")
        case 0x08: writer.append("\\b")
        case 0x0C: writer.append("\\f")
        case 0x0A: writer.append("\\n")
        case 0x0D: writer.append("\\r")
        case 0x09: writer.append("\\t")
        case 0x20..<0x7F: writer.append(UInt8(truncatingIfNeeded: character))
        default:
            writer.append("\\u")
            for place in 0..<4 {
                let digit = UInt8(truncatingIfNeeded: character >> UInt16(12 - 4 * place) & 15)
                writer.append(digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a"))
            }
        }
    }

    /// The character that begins at a byte beyond ASCII, and of how many bytes it is; nil if none does.
    private static func character(of text: ByteView, at: Int) -> (UInt32, Int)? {
        let first = UInt32(text[at])
        let (count, least): (Int, UInt32)
        switch first {
        case 0xC0..<0xE0: (count, least) = (2, 0x80)
        case 0xE0..<0xF0: (count, least) = (3, 0x800)
        case 0xF0..<0xF8: (count, least) = (4, 0x1_0000)
        default: return nil
        }
        guard at + count <= text.count else { return nil }
        var value = first & (0x7F >> UInt32(count))
        for i in 1..<count {
            guard text[at + i] & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(text[at + i] & 0x3F)
        }
        guard value >= least, Unicode.Scalar(value) != nil else { return nil }
        return (value, count)
    }
}
