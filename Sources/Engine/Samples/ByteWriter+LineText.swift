import Basics
import Model

/// How nginx writes what it was told by others into a line of its log: `log_format … escape=default`, `json` and `none`.
extension ByteWriter {
    /// Appends a text, or what stands for none.
    mutating func append(ofLine text: ByteView?, as flags: FormatFlags) {
        guard let text else { return appendNothing(ofLine: flags) }
        appendLineText(text, flags)
    }

    /// Appends what stands for something that is not there.
    mutating func appendNothing(ofLine flags: FormatFlags) {
        if flags.contains(.slashed) { append(UInt8(ascii: "-")) }
    }

    /// Appends bytes; what stands between two that can not stand there is copied in one piece.
    mutating func appendLineText(_ text: ByteView, _ flags: FormatFlags) {
        guard !flags.contains(.verbatim) else { return append(text) }
        let isJSON = flags.contains(.json)
        var from = 0
        for i in 0..<text.count where isJSON ? ByteWriter.isOddInJSON(text[i]) : ByteWriter.isOdd(text[i]) {
            append(text[from..<i])
            if isJSON { appendJSON(text[i]) } else { appendSlashed(text[i]) }
            from = i + 1
        }
        append(text[from..<text.count])
    }

    /// Appends milliseconds as seconds, `0.005`.
    mutating func append(seconds milliseconds: Int64) {
        let milliseconds = max(0, milliseconds)
        append(decimal: milliseconds / 1_000)
        let rest = milliseconds % 1_000
        append(rest < 10 ? ".00" : rest < 100 ? ".0" : ".")
        append(decimal: rest)
    }

    private static func isOdd(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func isOddInJSON(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// `\x0A`.
    private mutating func appendSlashed(_ byte: UInt8) {
        append("\\x")
        append(hexDigitOf: byte >> 4)
        append(hexDigitOf: byte & 15)
    }

    private mutating func appendJSON(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        default:
            append("u00")
            append(hexDigitOf: byte >> 4)
            append(hexDigitOf: byte & 15)
        }
    }

    private mutating func append(hexDigitOf value: UInt8) {
        append(value < 10 ? value + UInt8(ascii: "0") : value - 10 + UInt8(ascii: "A"))
    }
}
