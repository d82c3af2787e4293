/// One step of an expression as it is written: a name, and arguments in parentheses.
///
/// ```
///   req.hdr(host),regsub("^www\.",,i),lower
/// ```
/// Within parentheses commas separate; quotes of either kind and `\` before a blank, a quote or itself keep a byte from meaning
/// something. This is HAProxy's second reading: the line's own quotes and escapes have been resolved before.
struct SampleCall: Equatable {
    let name: String
    /// What stands in the parentheses; empty without any.
    let arguments: [Word]
    /// Where it begins in its line.
    let column: Int

    /// The name as a word for diagnostics.
    var word: Word { Word(name, column: column) }

    /// The steps of a word.
    static func steps(of word: Word) throws(Refusal) -> [SampleCall] {
        var scanner = Scanner(word)
        var calls: [SampleCall] = []
        while !scanner.isAtEnd {
            // Commas in a row are one.
            if scanner.takes(UInt8(ascii: ",")) { continue }
            calls.append(try scanner.call())
            guard scanner.isAtEnd || scanner.takes(UInt8(ascii: ",")) else {
                throw .invalid(scanner.rest, expected: "a comma and the next converter")
            }
        }
        guard !calls.isEmpty else { throw .missing(expected: "a sample such as req.hdr(host) or src") }
        return calls
    }
}

/// Walks over the bytes of an expression.
private struct Scanner {
    private let bytes: [UInt8]
    private let column: Int
    private var at = 0

    init(_ word: Word) {
        bytes = word.bytes
        column = word.column
    }

    var isAtEnd: Bool { at >= bytes.count }

    /// What has not been read.
    var rest: Word { Word(Array(bytes[at...]), column: column + at) }

    mutating func takes(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    mutating func call() throws(Refusal) -> SampleCall {
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "("), bytes[at] != UInt8(ascii: ",") { at += 1 }
        let name = String(decoding: bytes[start..<at], as: UTF8.self)
        return SampleCall(name: name, arguments: try arguments(of: name), column: column + start)
    }

    private mutating func arguments(of name: String) throws(Refusal) -> [Word] {
        guard takes(UInt8(ascii: "(")) else { return [] }
        if takes(UInt8(ascii: ")")) { return [] }
        var arguments: [Word] = []
        while true {
            arguments.append(try argument(of: name))
            if takes(UInt8(ascii: ")")) { return arguments }
            at += 1
        }
    }

    /// Up to a comma or the closing parenthesis, which is left.
    private mutating func argument(of name: String) throws(Refusal) -> Word {
        let start = at
        var value: [UInt8] = []
        var quote: UInt8?
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if quote == nil {
                    quote = byte
                } else if quote == byte {
                    quote = nil
                } else {
                    value.append(byte)
                }
            case UInt8(ascii: "\\") where quote != UInt8(ascii: "'") && at + 1 < bytes.count:
                escape(into: &value)
            case UInt8(ascii: ",") where quote == nil, UInt8(ascii: ")") where quote == nil:
                return Word(value, column: column + start)
            default: value.append(byte)
            }
            at += 1
        }
        throw .missing(expected: "'\(quote.map { String(UnicodeScalar($0)) } ?? ")")' behind '\(name)('")
    }

    private mutating func escape(into value: inout [UInt8]) {
        at += 1
        switch bytes[at] {
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: " "): break
        case UInt8(ascii: "n"): return value.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "r"): return value.append(UInt8(ascii: "\r"))
        case UInt8(ascii: "t"): return value.append(UInt8(ascii: "\t"))
        default: value.append(UInt8(ascii: "\\"))
        }
        value.append(bytes[at])
    }
}
