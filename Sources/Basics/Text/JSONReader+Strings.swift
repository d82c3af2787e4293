// Strings: found eight bytes at a time, copied once.
extension JSONReader {
    /// Moves over the string whose opening quote is next; answers whether it has escapes.
    ///
    /// Escapes are checked, UTF-8 and surrogate pairs are not: that is left to those who want the text.
    mutating func passString() throws(JSONError) -> Bool {
        var hasEscapes = false
        var i = offset &+ 1
        while true {
            i = plainEnd(from: i)
            guard i < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
            switch bytes[i] {
            case UInt8(ascii: "\""):
                offset = i &+ 1
                return hasEscapes
            case UInt8(ascii: "\\"):
                hasEscapes = true
                i &+= try escapeLength(at: i)
            default:
                throw JSONError(.controlCharacter, at: i)
            }
        }
    }

    /// The first quote, backslash or control character at or after `start`, or the end of the text.
    private func plainEnd(from start: Int) -> Int {
        var i = start
        let raw = bytes.bytes
        while i <= bytes.count &- 8 {
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: i, as: UInt64.self))
            let special = Self.specialBytes(word)
            if special != 0 { return i &+ special.trailingZeroBitCount &>> 3 }
            i &+= 8
        }
        while i < bytes.count {
            let byte = bytes[i]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return i }
            i &+= 1
        }
        return i
    }

    /// The high bit of every byte that is a quote, a backslash or below 0x20.
    ///
    /// A borrow can mark a byte above a true one, never below it, so the lowest mark is exact.
    private static func specialBytes(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let zeros = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
        let controls = (word &- (ones &* 0x20)) & ~word
        return (zeros | controls) & (ones &* 0x80)
    }

    /// How long the escape at `i` is: 2, or 6 for `\uXXXX`.
    private func escapeLength(at i: Int) throws(JSONError) -> Int {
        guard i &+ 1 < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
        switch bytes[i &+ 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return 2
        case UInt8(ascii: "u"):
            _ = try codeUnit(at: i)
            return 6
        default:
            throw JSONError(.malformedEscape, at: i)
        }
    }

    /// The four hexadecimal digits of the `\uXXXX` at `i`.
    private func codeUnit(at i: Int) throws(JSONError) -> UInt16 {
        guard i &+ 6 <= bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
        var unit: UInt16 = 0
        for digit in (i &+ 2)..<(i &+ 6) {
            guard let value = Character(UnicodeScalar(bytes[digit])).hexDigitValue, bytes[digit] < 0x80 else {
                throw JSONError(.malformedEscape, at: i)
            }
            unit = unit &<< 4 | UInt16(value)
        }
        return unit
    }

    /// The text between two quotes that ``passString()`` has passed.
    func text(_ range: Range<Int>, hasEscapes: Bool) throws(JSONError) -> String {
        guard hasEscapes else { return try Self.validated(bytes.extracting(range), at: range.lowerBound) }
        var plain: [UInt8] = []
        plain.reserveCapacity(range.count)
        var i = range.lowerBound
        while i < range.upperBound {
            if bytes[i] == UInt8(ascii: "\\") {
                i = try appendEscape(at: i, to: &plain)
            } else {
                plain.append(bytes[i])
                i &+= 1
            }
        }
        return try Self.validated(plain.span, at: range.lowerBound)
    }

    private static func validated(_ bytes: Span<UInt8>, at offset: Int) throws(JSONError) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes))
        } catch {
            throw JSONError(.malformedUTF8, at: offset)
        }
    }

    /// Appends what the escape at `i` stands for; answers the offset after it.
    private func appendEscape(at i: Int, to plain: inout [UInt8]) throws(JSONError) -> Int {
        guard i &+ 1 < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
        switch bytes[i &+ 1] {
        case UInt8(ascii: "b"): plain.append(0x08)
        case UInt8(ascii: "f"): plain.append(0x0C)
        case UInt8(ascii: "n"): plain.append(0x0A)
        case UInt8(ascii: "r"): plain.append(0x0D)
        case UInt8(ascii: "t"): plain.append(0x09)
        case UInt8(ascii: "u"): return try appendScalar(at: i, to: &plain)
        case let byte: plain.append(byte)
        }
        return i &+ 2
    }

    /// Appends the scalar of the `\uXXXX` at `i`, or of the surrogate pair that begins there.
    private func appendScalar(at i: Int, to plain: inout [UInt8]) throws(JSONError) -> Int {
        let unit = try codeUnit(at: i)
        if let scalar = UnicodeScalar(unit) {
            plain.append(contentsOf: String(Character(scalar)).utf8)
            return i &+ 6
        }
        let hasSecond =
            i &+ 8 <= bytes.count && bytes[i &+ 6] == UInt8(ascii: "\\") && bytes[i &+ 7] == UInt8(ascii: "u")
        guard hasSecond, unit < 0xDC00 else { throw JSONError(.malformedEscape, at: i) }
        let second = try codeUnit(at: i &+ 6)
        guard (0xDC00...0xDFFF).contains(second) else { throw JSONError(.malformedEscape, at: i) }
        let value = 0x10000 &+ UInt32(unit & 0x3FF) &<< 10 &+ UInt32(second & 0x3FF)
        guard let scalar = UnicodeScalar(value) else { throw JSONError(.malformedEscape, at: i) }
        plain.append(contentsOf: String(Character(scalar)).utf8)
        return i &+ 12
    }
}
