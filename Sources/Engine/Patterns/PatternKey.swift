import Basics
import Model
import Wire

/// What a use of a list makes of a pattern.
enum PatternKey: Sendable {
    /// Its bytes as they are, or as their digits say.
    case text([UInt8])
    case number(Int64)
    case range(ClosedRange<Int64>)
    case v4(UInt32, prefix: Int)
    case v6(UInt128, prefix: Int)
    case regex(RegularExpression)

    /// Nil if the pattern is none of the kind.
    init?(_ pattern: [UInt8], for use: PatternUse) {
        switch use.method {
        case .text: self = .text(pattern)
        case .binary:
            guard let bytes = PatternKey.digits(pattern) else { return nil }
            self = .text(bytes)
        case .number, .length:
            guard let range = PatternKey.range(String(decoding: pattern, as: UTF8.self)) else { return nil }
            self = range.lowerBound == range.upperBound ? .number(range.lowerBound) : .range(range)
        case .address:
            guard let network = Network(String(decoding: pattern, as: UTF8.self)) else { return nil }
            if let range = network.v4Range {
                let prefix = (range.upperBound ^ range.lowerBound).leadingZeroBitCount
                self = .v4(range.lowerBound, prefix: prefix)
            } else if let range = network.v6Range {
                let prefix = (range.upperBound ^ range.lowerBound).leadingZeroBitCount
                self = .v6(range.lowerBound, prefix: prefix)
            } else {
                return nil
            }
        case .regex, .groups:
            let text = String(decoding: pattern, as: UTF8.self)
            guard let regex = RegularExpression(text, ignoresCase: use.ignoresCase) else { return nil }
            self = .regex(regex)
        }
    }

    /// `5`, `1:3`, `:3` or `8:`.
    static func range(_ text: String) -> ClosedRange<Int64>? {
        let ends = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2 else { return Int64(text).map { $0...$0 } }
        guard text.utf8.count > 1, let low = ends[0].isEmpty ? .min : Int64(ends[0]),
            let high = ends[1].isEmpty ? .max : Int64(ends[1]), low <= high
        else { return nil }
        return low...high
    }

    /// The bytes that hexadecimal digits say.
    static func digits(_ text: [UInt8]) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for i in stride(from: 0, to: text.count, by: 2) {
            guard let high = nibble(text[i]), let low = nibble(text[i + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        if digit &- UInt8(ascii: "0") <= 9 { return digit &- UInt8(ascii: "0") }
        let letter = (digit | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }

    /// Where it is found in a hash table; nil if it is one of those that are tried one after the other.
    func hash(for use: PatternUse) -> UInt64? {
        switch self {
        case .text(let bytes):
            let isFolded = use.ignoresCase
            switch use.method {
            case .text(.substring), .text(.directory), .text(.domain): return nil
            case .text(.prefix), .text(.suffix):
                let fromEnd = use.method == .text(.suffix)
                return bytes.withView { PatternHash.hash($0, isFolded: isFolded, fromEnd: fromEnd, .own) }
            default: return bytes.withView { PatternHash.hash(whole: $0, isFolded: isFolded, .own) }
            }
        case .number(let number): return PatternHash.hash(UInt64(bitPattern: number), .own)
        case .v4: return PatternHash.hash(v4Word, .own)
        case .v6(let address, let prefix): return PatternKey.hash(v6: address, prefix, .own)
        case .range, .regex: return nil
        }
    }

    /// A network of version 4 as one word, which is never 0; 0 of all else.
    var v4Word: UInt64 {
        guard case .v4(let address, let prefix) = self else { return 0 }
        return PatternKey.word(v4: address, prefix)
    }

    @inline(__always)
    static func word(v4 address: UInt32, _ prefix: Int) -> UInt64 {
        1 << 40 | UInt64(address) << 8 | UInt64(prefix)
    }

    static func hash(v6 address: UInt128, _ prefix: Int, _ seed: PatternHash.Seed) -> UInt64 {
        let (high, low) = (UInt64(truncatingIfNeeded: address >> 64), UInt64(truncatingIfNeeded: address))
        return PatternHash.hash(high, low, UInt64(prefix), seed)
    }
}

/// What stands beside a pattern, as a use of its list wants it.
enum PatternValue: Sendable {
    case none
    case text
    case number(Int64)
    case address(SocketAddress)

    /// Nil if the text is nothing of the kind.
    init?(_ text: [UInt8], _ output: PatternUse.Output?) {
        switch output {
        case nil: self = .none
        case .text: self = .text
        case .number:
            guard let number = Int64(String(decoding: text, as: UTF8.self)) else { return nil }
            self = .number(number)
        case .address:
            guard let address = SocketAddress(String(decoding: text, as: UTF8.self), port: 0) else {
                return nil
            }
            self = .address(address)
        }
    }
}
