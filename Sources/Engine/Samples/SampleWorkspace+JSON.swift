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
                let character = LooseCharacter(of: text, at: at)
                at += character.count
                // Four digits are all there is room for.
                if character.flaws.isSubset(of: input.tolerated), let unit = UInt16(exactly: character.value)
                {
                    SampleWorkspace.append(unit, to: &writer)
                } else {
                    isBroken = isBroken || !input.leavesOut
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
}

extension JSONInput {
    /// What is taken for the character that is meant.
    fileprivate var tolerated: LooseCharacter.Flaws { self == .utf8p || self == .utf8ps ? .overlong : [] }

    /// Whether what is no character is left out.
    fileprivate var leavesOut: Bool { self == .utf8s || self == .utf8ps }
}
