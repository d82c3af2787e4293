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

    /// One value of a JSON text.
    case jsonQuery(JSONPick)
    /// A part of a JSON Web Token, or one value of it.
    case tokenPart(TokenPart, JSONPick?)
    /// Whether such a token is genuine: 1, 0, or below 0 if that can not be said.
    case verifyToken(TokenCheck)
    /// A hash of bytes, by OpenSSL's name, and one with a key in base64.
    case digest(String)
    case hmac(String, ConverterOperand)
    /// Whether bytes are those of a variable; how long that takes tells nothing of them.
    case isSecret(Variable)

    /// Seconds since 1970 as `strftime` writes them, here or in Greenwich, with so many added.
    case time(format: String, offset: Int64, isLocal: Bool)

    /// Encrypted, or decrypted; what is not genuine is no sample.
    case cipher(Cipher)
    /// Whether MQTT begins like that, and a field of what it begins with.
    case isMQTT
    case mqttField(MQTTPick)
    /// A field of a message of protocol buffers.
    case protobuf(ProtobufPick)
    /// Bytes as numbers.
    case chunks(ByteChunks)
    /// The value behind a name, in a list of them.
    case parameter([UInt8], delimiter: UInt8)
    /// A variable and a text behind it, with a delimiter in front of them if there is something in front of that.
    case item([UInt8], Variable?, [UInt8])
    /// What stands before the first end of a line.
    case cutLine
    case forwarded(ForwardedPart)
    /// Of some languages the one that a client likes best; else another text.
    case language([UInt8], else: [UInt8]?)
    /// A moment in milliseconds or microseconds as text.
    case moment(MomentFormat)

    // Numbers.
    case hash(SampleHash)
    case arithmetic(Arithmetic, Int64)
    /// With a variable that is a number.
    case variableArithmetic(Arithmetic, Variable)
    case negate
    case complement
    /// OpenSSL's name of what is wrong with a certificate.
    case verificationError
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

/// Bytes as numbers, some at a time: HAProxy's `be2dec` and its kin.
public struct ByteChunks: Sendable, Equatable, Hashable {
    /// How they are read and written.
    public var kind: Kind
    /// What stands between numbers.
    public var separator: [UInt8]
    /// How many bytes make one.
    public var size: Int
    /// Fewer at the end make none.
    public var dropsRest: Bool

    /// How bytes become numbers, under HAProxy's words.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case be2dec, le2dec, be2hex
    }

    /// Chunks from their parts.
    public init(_ kind: Kind, separator: [UInt8], size: Int, dropsRest: Bool = false) {
        (self.kind, self.separator, self.size, self.dropsRest) = (kind, separator, size, dropsRest)
    }
}

/// What bytes beyond ASCII mean to `json`, under HAProxy's names.
public enum JSONInput: String, Sendable, Hashable, CaseIterable {
    /// Each is a character of its own.
    case ascii
    /// They are UTF-8, and a text in which they are not is no sample.
    case utf8
    /// They are UTF-8; what is none is left out.
    case utf8s
    /// The same two, where characters may have more bytes than they need.
    case utf8p
    case utf8ps
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
    case xxh3(seed: UInt64)
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
            .portOnly, .fromHex, .fromBase64, .compare, .capture, .table, .jsonQuery, .parameter, .item,
            .cutLine, .language:
            .string
        case .forwarded(let part): part.isWritten ? .any : .string
        case .bytes, .hex, .base64, .hash, .tokenPart, .verifyToken, .digest, .hmac, .isSecret, .cipher,
            .isMQTT, .mqttField, .protobuf, .chunks:
            .binary
        case .setVariable, .unsetVariable: .any
        case .arithmetic, .variableArithmetic, .negate, .complement, .isEven, .isOdd, .truth, .isZero, .time,
            .moment, .verificationError:
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
            .choose, .capture, .time, .mqttField, .chunks, .parameter, .item, .cutLine, .language, .moment,
            .verificationError:
            .string
        case .bytes, .fromBase64, .digest, .hmac, .cipher: .binary
        case .protobuf(let pick): pick.type == nil ? .binary : .integer
        case .jsonQuery, .tokenPart: .any
        case .forwarded(let part): part.output
        case .verifyToken, .length, .hash, .fromHex, .arithmetic, .variableArithmetic, .negate, .complement,
            .compare,
            .portOnly:
            .integer
        case .isEven, .isOdd, .truth, .isZero, .table(_, .isThere), .isSecret, .isMQTT: .boolean
        case .table: .integer
        case .mask: .address
        case .map(let lookup): lookup.output
        }
    }
}
