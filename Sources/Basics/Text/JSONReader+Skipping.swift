// Moving over what nobody wants, and the scalars without text. Half of every Kubernetes object is skipped.
extension JSONReader {
    /// Moves over the next value, whatever it is.
    ///
    /// The grammar is checked as strictly as when reading; only the UTF-8 inside skipped strings is not.
    public mutating func skipValue() throws(JSONError) {
        // One bit per open container, the innermost lowest: 1 is an object. The depth limit makes 64 bits enough.
        var kinds: UInt64 = 0
        var open = 0
        while true {
            let isOpening = try passScalarOrBracket(&kinds, &open)
            if isOpening, try passClosing(&kinds, &open, isFirst: true) == false {
                if kinds & 1 == 1 { try passKey() }
                continue
            }
            while open > 0, try passClosing(&kinds, &open, isFirst: false) {}
            guard open > 0 else { return }
            if kinds & 1 == 1 { try passKey() }
        }
    }

    /// Moves over a scalar, or into a container (true).
    private mutating func passScalarOrBracket(_ kinds: inout UInt64, _ open: inout Int) throws(JSONError)
        -> Bool
    {
        switch try nextKind() {
        case .string: _ = try passString()
        case .number: _ = try passNumber()
        case .null: try passWord("null")
        case .boolean: try passWord(bytes[offset] == UInt8(ascii: "t") ? "true" : "false")
        case .object, .list:
            guard depth &+ open < Self.depthLimit else { throw JSONError(.tooDeep, at: offset) }
            kinds = kinds &<< 1 | (bytes[offset] == UInt8(ascii: "{") ? 1 : 0)
            open &+= 1
            offset &+= 1
            return true
        }
        return false
    }

    /// Moves over the closing bracket of the innermost container (true) or, unless first, over a comma (false).
    private mutating func passClosing(
        _ kinds: inout UInt64, _ open: inout Int, isFirst: Bool
    ) throws(JSONError) -> Bool {
        let byte = try nextByte()
        if byte == (kinds & 1 == 1 ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
            offset &+= 1
            kinds &>>= 1
            open &-= 1
            return true
        }
        guard !isFirst else { return false }
        guard byte == UInt8(ascii: ",") else { throw JSONError(.unexpectedByte, at: offset) }
        offset &+= 1
        return false
    }

    /// Moves over a key and its colon.
    private mutating func passKey() throws(JSONError) {
        guard try nextByte() == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: offset) }
        _ = try passString()
        guard try nextByte() == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: offset) }
        offset &+= 1
    }

    /// Moves over white space.
    mutating func passWhiteSpace() {
        while offset < bytes.count {
            let byte = bytes[offset]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            offset &+= 1
        }
    }

    /// Moves over `word`, which must be next.
    mutating func passWord(_ word: StaticString) throws(JSONError) {
        let end = offset &+ word.utf8CodeUnitCount
        guard end <= bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
        guard bytes.extracting(offset..<end).equals(word) else {
            throw JSONError(.unexpectedByte, at: offset)
        }
        offset = end
    }

    /// Moves over the number that is next; answers whether it is whole.
    mutating func passNumber() throws(JSONError) -> Bool {
        var isWhole = true
        let start = offset
        if bytes[offset] == UInt8(ascii: "-") { offset &+= 1 }
        let isZero = offset < bytes.count && bytes[offset] == UInt8(ascii: "0")
        let digits = passDigits()
        guard digits > 0, !isZero || digits == 1 else { throw JSONError(.malformedNumber, at: start) }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            isWhole = false
            offset &+= 1
            guard passDigits() > 0 else { throw JSONError(.malformedNumber, at: start) }
        }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            offset &+= 1
            let isSigned =
                offset < bytes.count
                && (bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-"))
            if isSigned { offset &+= 1 }
            guard passDigits() > 0 else { throw JSONError(.malformedNumber, at: start) }
        }
        return isWhole
    }

    private mutating func passDigits() -> Int {
        let start = offset
        while offset < bytes.count, bytes[offset] &- UInt8(ascii: "0") < 10 { offset &+= 1 }
        return offset &- start
    }

    /// The number that is next, which must be whole and fit.
    mutating func wholeNumber() throws(JSONError) -> Int {
        let start = offset
        guard try passNumber() else { throw JSONError(.notAnInteger, at: start) }
        let isNegative = bytes[start] == UInt8(ascii: "-")
        var value = 0
        for i in (isNegative ? start &+ 1 : start)..<offset {
            let digit = Int(bytes[i] &- UInt8(ascii: "0"))
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) =
                isNegative
                ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            guard !overflow, !carry else { throw JSONError(.notAnInteger, at: start) }
            value = sum
        }
        return value
    }
}
