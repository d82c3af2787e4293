/// One step of an expression: a sample into another. HAProxy's converters.
public enum Converter: Sendable, Equatable, Hashable {
    // Text.
    case lower
    case upper
    case length
    /// Some of the parts between delimiters: the one of a number from the first (1) or the last (-1), and more behind or
    /// before it; a count of 0 is all. `joined` delimiters count as one, as words have it.
    case part(number: Int, delimiters: [UInt8], count: Int, joined: Bool)
    case bytes(offset: Int, count: Int?)
    case trim(bytes: [UInt8], isLeft: Bool)
    /// A text, a variable if there is one, and another text behind it.
    case concat([UInt8], Variable?, [UInt8])
    case regexReplace(RegexReplacement)
    /// Escapes undone; `+` is a blank everywhere, or behind a question mark only.
    case decodeURL(isForm: Bool)
    case encodeURL
    /// As it stands between the quotation marks of JSON.
    case json(JSONInput)
    /// The host, in lower case, and the port (0 for none) of a `Host` field's value.
    case hostOnly
    case portOnly
    case hex
    /// A number from hexadecimal digits.
    case fromHex
    case base64(isURL: Bool)
    case fromBase64(isURL: Bool)

    // Numbers.
    case hash(SampleHash)
    case arithmetic(Arithmetic, Int64)
    /// With a variable that is a number.
    case variableArithmetic(Arithmetic, Variable)
    case negate
    case complement
    case isEven
    case isOdd
    case truth
    case isZero
    /// One text or another.
    case choose(whenTrue: [UInt8], whenFalse: [UInt8])

    // Addresses.
    /// The network's part, by a prefix's length for each family; IPv6 without one is no sample.
    case mask(v4: UInt32, v6: Int?)

    // Variables; the sample stays as it is.
    case setVariable(Variable, VariableConditions)
    case unsetVariable(Variable)
    /// Keeps it at a place of `Captures`.
    case capture(slot: Int, isAnswer: Bool)
    /// How a text compares with a variable: below 0, 0 or above.
    case compare(Variable)
    // Keys.
    /// What a stick table says of it.
    case table(TableName, TableLookup)
    /// What a map has for it.
    case map(MapLookup)
}

/// What bytes beyond ASCII mean to `json`, under HAProxy's names.
public enum JSONInput: String, Sendable, Hashable, CaseIterable {
    /// Each is a character of its own.
    case ascii
    /// They are UTF-8, and a text in which they are not is no sample.
    case utf8
    /// They are UTF-8; what is none is left out.
    case utf8s
}

/// HAProxy's `regsub`.
public struct RegexReplacement: Sendable, Equatable, Hashable {
    /// Of Perl's kind.
    public var pattern: String
    /// `\0` to `\9` stand for what was found.
    public var replacement: [UInt8]
    /// All that is found, not the first alone.
    public var isGlobal: Bool
    /// Letters are compared without case.
    public var ignoresCase: Bool

    /// A replacement from its parts.
    public init(_ pattern: String, by replacement: [UInt8], isGlobal: Bool = false, ignoresCase: Bool = false)
    {
        self.pattern = pattern
        self.replacement = replacement
        self.isGlobal = isGlobal
        self.ignoresCase = ignoresCase
    }
}

/// Hashes that give a number.
public enum SampleHash: Sendable, Equatable, Hashable {
    /// HAProxy's own and the usual checksums.
    case function(HashFunction, hasAvalanche: Bool)
    /// CRC-32C.
    case castagnoli(hasAvalanche: Bool)
    case xxh32(seed: UInt32)
    case xxh64(seed: UInt64)
}

/// What is done with a number and another one.
public enum Arithmetic: String, Sendable, Hashable {
    case add, sub, mul, div, mod, and, or, xor
}

extension Converter {
    /// What it takes.
    public var input: SampleType {
        switch self {
        case .lower, .upper, .length, .part, .trim, .concat, .regexReplace, .decodeURL, .encodeURL, .json,
            .hostOnly,
            .portOnly, .fromHex, .fromBase64, .compare, .capture, .table:
            .string
        case .bytes, .hex, .base64, .hash: .binary
        case .setVariable, .unsetVariable: .any
        case .arithmetic, .variableArithmetic, .negate, .complement, .isEven, .isOdd, .truth, .isZero:
            .integer
        case .choose: .boolean
        case .mask: .address
        case .map(let lookup): lookup.use.method.input
        }
    }

    /// What it gives of a sample of a type.
    public func output(of input: SampleType) -> SampleType {
        switch self {
        case .setVariable, .unsetVariable: input
        case .lower, .upper, .part, .trim, .concat, .regexReplace, .decodeURL, .encodeURL, .json, .hostOnly,
            .hex, .base64,
            .choose, .capture:
            .string
        case .bytes, .fromBase64: .binary
        case .length, .hash, .fromHex, .arithmetic, .variableArithmetic, .negate, .complement, .compare,
            .portOnly:
            .integer
        case .isEven, .isOdd, .truth, .isZero, .table(_, .isThere): .boolean
        case .table: .integer
        case .mask: .address
        case .map(let lookup): lookup.output
        }
    }
}
