/// Words as lines have them.
extension Word {
    /// As it is; else between single quotes, which leave everything as it is; else between double ones with escapes.
    var spelled: String {
        guard let text = String(validating: bytes, as: UTF8.self), bytes.allSatisfy(Word.isShown) else {
            return escaped
        }
        if !bytes.isEmpty, !bytes.contains(where: " #'\"\\".utf8.contains) { return text }
        return bytes.contains(UInt8(ascii: "'")) ? escaped : "'\(text)'"
    }

    private static func isShown(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F }

    private var escaped: String {
        let isText = String(validating: bytes, as: UTF8.self) != nil
        var result: [UInt8] = [UInt8(ascii: "\"")]
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "$"):
                result += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): result += "\\n".utf8
            case UInt8(ascii: "\r"): result += "\\r".utf8
            case UInt8(ascii: "\t"): result += "\\t".utf8
            case 0x20..<0x7F: result.append(byte)
            case 0x80... where isText: result.append(byte)
            default: result += "\\x\(HexDigits.text([byte]))".utf8
            }
        }
        return String(decoding: result + [UInt8(ascii: "\"")], as: UTF8.self)
    }
}
