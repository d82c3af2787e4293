import Basics
import Wire

/// Steps that write another text.
extension SampleWorkspace {
    /// Letters of ASCII in lower case; the same bytes if there is none in upper case.
    mutating func lowercase(_ text: ByteView) -> ByteView? {
        guard text.hasUppercase else { return text }
        return write { for i in 0..<text.count { $0.append(foldCase(text[i])) } }
    }

    mutating func uppercase(_ text: ByteView) -> ByteView? {
        guard SampleWorkspace.holds(text, from: UInt8(ascii: "a")) else { return text }
        return write {
            for i in 0..<text.count {
                $0.append(text[i] &- UInt8(ascii: "a") < 26 ? text[i] & 0xDF : text[i])
            }
        }
    }

    /// Whether one of 26 letters is there.
    private static func holds(_ text: ByteView, from first: UInt8) -> Bool {
        for i in 0..<text.count where text[i] &- first < 26 { return true }
        return false
    }

    mutating func encodeHex(_ bytes: ByteView) -> ByteView? {
        write {
            for i in 0..<bytes.count {
                $0.append(SampleWorkspace.digit(bytes[i] >> 4))
                $0.append(SampleWorkspace.digit(bytes[i] & 15))
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? value + UInt8(ascii: "0") : value - 10 + UInt8(ascii: "A")
    }

    private static func value(hex digit: UInt8) -> UInt8? {
        if digit &- UInt8(ascii: "0") <= 9 { return digit - UInt8(ascii: "0") }
        let letter = (digit | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }

    /// A number from hexadecimal digits, the last sixteen of them; nil if another byte is there.
    static func number(hex text: ByteView) -> Int64? {
        var number: UInt64 = 0
        for i in 0..<text.count {
            guard let digit = value(hex: text[i]) else { return nil }
            number = number << 4 | UInt64(digit)
        }
        return Int64(bitPattern: number)
    }

    // MARK: URLs

    /// Escapes undone; nil if one is broken. `+` is a blank in a form, and behind a question mark.
    mutating func decodeURL(_ text: ByteView, isForm: Bool) -> ByteView? {
        var isBroken = false
        let decoded = write { writer in
            var (at, isQuery) = (0, isForm)
            while at < text.count {
                switch text[at] {
                case UInt8(ascii: "+") where isQuery: writer.append(0x20)
                case UInt8(ascii: "%"):
                    guard at + 2 < text.count, let high = SampleWorkspace.value(hex: text[at + 1]),
                        let low = SampleWorkspace.value(hex: text[at + 2])
                    else {
                        isBroken = true
                        return
                    }
                    writer.append(high << 4 | low)
                    at += 2
                case let byte:
                    if byte == UInt8(ascii: "?") { isQuery = true }
                    writer.append(byte)
                }
                at += 1
            }
        }
        return isBroken ? nil : decoded
    }

    /// Everything but letters, digits and `-._~` escaped.
    mutating func encodeURL(_ text: ByteView) -> ByteView? {
        write {
            for i in 0..<text.count {
                let byte = text[i]
                let isPlain =
                    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: "~")
                guard !isPlain else {
                    $0.append(byte)
                    continue
                }
                $0.append(UInt8(ascii: "%"))
                $0.append(SampleWorkspace.digit(byte >> 4))
                $0.append(SampleWorkspace.digit(byte & 15))
            }
        }
    }

    // MARK: Base64

    /// With padding, or in the alphabet of URLs without.
    mutating func encodeBase64(_ bytes: ByteView, isURL: Bool) -> ByteView? {
        write {
            var at = 0
            while at < bytes.count {
                let count = min(3, bytes.count - at)
                var group = UInt32(bytes[at]) << 16
                if count > 1 { group |= UInt32(bytes[at + 1]) << 8 }
                if count > 2 { group |= UInt32(bytes[at + 2]) }
                for i in 0..<4 {
                    if i <= count {
                        let sextet = UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * i)) & 63
                        $0.append(SampleWorkspace.character(of: sextet, isURL))
                    } else if !isURL {
                        $0.append(UInt8(ascii: "="))
                    }
                }
                at += 3
            }
        }
    }

    private static func character(of value: UInt8, _ isURL: Bool) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: isURL ? "-" : "+")
        default: UInt8(ascii: isURL ? "_" : "/")
        }
    }

    private static func value(of character: UInt8, _ isURL: Bool) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+") where !isURL, UInt8(ascii: "-") where isURL: 62
        case UInt8(ascii: "/") where !isURL, UInt8(ascii: "_") where isURL: 63
        default: nil
        }
    }

    /// What base64 stands for; nil if it is none. Padding is needed, but not in the alphabet of URLs.
    mutating func decodeBase64(_ text: ByteView, isURL: Bool) -> ByteView? {
        guard isURL || text.count % 4 == 0 else { return nil }
        var end = text.count
        while end > 0, text.count - end < 2, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        guard end % 4 != 1 else { return nil }
        var isBroken = false
        let decoded = write { writer in
            var (bits, count): (UInt32, UInt32) = (0, 0)
            for i in 0..<end {
                guard let value = SampleWorkspace.value(of: text[i], isURL) else {
                    isBroken = true
                    return
                }
                bits = bits << 6 | UInt32(value)
                count += 6
                guard count >= 8 else { continue }
                count -= 8
                writer.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return isBroken ? nil : decoded
    }
}
