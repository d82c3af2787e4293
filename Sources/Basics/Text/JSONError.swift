/// Why a JSON text was refused, and where.
///
/// Nothing of the text itself is repeated: it may be a Secret.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The offset of the byte that was refused, from the start of the text.
    public var offset: Int
    /// What was wrong there.
    public var reason: Reason

    /// An error at `offset`.
    public init(_ reason: Reason, at offset: Int) {
        self.offset = offset
        self.reason = reason
    }

    /// What can be wrong with a JSON text or a value in it.
    public enum Reason: Sendable, Equatable {
        /// The text ends inside a value.
        case unexpectedEnd
        /// A byte that no JSON text has at this place.
        case unexpectedByte
        /// Something after the end of the value.
        case trailingBytes
        /// A number that is not written as JSON writes numbers.
        case malformedNumber
        /// A backslash sequence that does not exist, or half a surrogate pair.
        case malformedEscape
        /// A control character inside a string.
        case controlCharacter
        /// Bytes that are not UTF-8 inside a string.
        case malformedUTF8
        /// More than ``JSONReader/depthLimit`` containers inside each other.
        case tooDeep
        /// A value of another kind than the field has.
        case mismatch(expected: JSONKind, found: JSONKind)
        /// A number with a fraction or exponent, or beyond 64 bits, where an integer stands.
        case notAnInteger
        /// A string that is not base64 where bytes stand.
        case notBase64
        /// A value of the right kind that says something impossible; the text says what.
        case unacceptable(String)
    }

    /// The reason and the offset as one phrase.
    public var description: String { "\(reason) at byte \(offset)" }
}

extension JSONError.Reason: CustomStringConvertible {
    /// The reason as a phrase for people.
    public var description: String {
        switch self {
        case .unexpectedEnd: "unexpected end of text"
        case .unexpectedByte: "unexpected character"
        case .trailingBytes: "unexpected text after the value"
        case .malformedNumber: "malformed number"
        case .malformedEscape: "malformed escape in a string"
        case .controlCharacter: "control character in a string"
        case .malformedUTF8: "a string is not UTF-8"
        case .tooDeep: "nested too deeply"
        case .mismatch(let expected, let found): "expected \(expected), found \(found)"
        case .notAnInteger: "expected an integer of at most 64 bits"
        case .notBase64: "not valid base64"
        case .unacceptable(let what): what
        }
    }
}

/// The kinds of JSON values.
public enum JSONKind: Sendable, Equatable, CustomStringConvertible {
    /// `{…}`
    case object
    /// `[…]`
    case list
    /// `"…"`
    case string
    /// `-1.5e3`
    case number
    /// `true` or `false`
    case boolean
    /// `null`
    case null

    /// The kind with its article, in the words of YAML users.
    public var description: String {
        switch self {
        case .object: "a map"
        case .list: "a list"
        case .string: "a string"
        case .number: "a number"
        case .boolean: "a boolean"
        case .null: "null"
        }
    }
}
