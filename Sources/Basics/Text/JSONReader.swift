/// Reads one JSON text from the front, a value at a time, without building a tree.
///
/// The caller asks for what it expects; everything foreign is a ``JSONError``, never a trap:
///
/// ```swift
/// try reader.openObject()
/// while let key = try reader.nextKey() {
///     switch key {
///     case "name": name = try reader.string()
///     case "ports":
///         try reader.openList()
///         while try reader.nextElement() { ports.append(try Port(&reader)) }
///     default: try reader.skipValue()
///     }
/// }
/// ```
///
/// `null` reads as nothing (an empty object, an empty list, an absent string), as Kubernetes reads it. The reader is
/// a value: a copy is a checkpoint to come back to after an error.
///
/// Measured by Tests/Benchmarks/json on lists as an API server sends them (release, one core of a loaded 2-core machine):
/// skipping 1,000-1,100 MB/s; decoding Ingress, Service and EndpointSlice lists 385-435 MB/s, so that 10,000 of each
/// (40 MB) take 0.1 s; a watch in chunks of 16 KiB 230 MB/s.
public struct JSONReader: ~Escapable {
    /// How many containers may stand inside each other.
    public static let depthLimit = 64

    let bytes: Span<UInt8>
    /// The next byte to read, counted from the start of the text.
    public internal(set) var offset = 0
    /// Containers that are open.
    var depth = 0
    /// Right after an opening bracket: no comma is due.
    private var isFresh = false
    /// A `null` was opened as a container; it ends at once.
    private var isVoid = false

    /// A reader at the start of `bytes`.
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    /// Moves to the next value and says what kind it is; the offset is then its first byte.
    public mutating func nextKind() throws(JSONError) -> JSONKind {
        switch try nextByte() {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .list
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        default: throw JSONError(.unexpectedByte, at: offset)
        }
    }

    /// Enters an object, to be read by ``nextKey()`` until that answers nil.
    public mutating func openObject() throws(JSONError) {
        try open(.object)
    }

    /// Enters a list, to be read by ``nextElement()`` until that answers false.
    public mutating func openList() throws(JSONError) {
        try open(.list)
    }

    /// The next key of the open object, its value being next; nil leaves the object.
    @_lifetime(copy self)
    public mutating func nextKey() throws(JSONError) -> JSONKey? {
        guard try step(to: UInt8(ascii: "}")) else { return nil }
        guard try nextByte() == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: offset) }
        let start = offset &+ 1
        let hasEscapes = try passString()
        let key = JSONKey(bytes.extracting(start..<(offset &- 1)), hasEscapes: hasEscapes, at: start)
        guard try nextByte() == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: offset) }
        offset &+= 1
        return key
    }

    /// Whether the open list has one more element, that element being next; false leaves the list.
    public mutating func nextElement() throws(JSONError) -> Bool {
        try step(to: UInt8(ascii: "]"))
    }

    /// The next value as text; nil for `null`.
    public mutating func stringOrNull() throws(JSONError) -> String? {
        switch try nextKind() {
        case .string:
            let start = offset &+ 1
            let hasEscapes = try passString()
            return try text(start..<(offset &- 1), hasEscapes: hasEscapes)
        case .null:
            try passWord("null")
            return nil
        case let found:
            throw JSONError(.mismatch(expected: .string, found: found), at: offset)
        }
    }

    /// The next value as text; empty for `null`.
    public mutating func string() throws(JSONError) -> String {
        try stringOrNull() ?? ""
    }

    /// The next value as a boolean; nil for `null`.
    public mutating func booleanOrNull() throws(JSONError) -> Bool? {
        switch try nextKind() {
        case .boolean:
            let isTrue = bytes[offset] == UInt8(ascii: "t")
            try passWord(isTrue ? "true" : "false")
            return isTrue
        case .null:
            try passWord("null")
            return nil
        case let found:
            throw JSONError(.mismatch(expected: .boolean, found: found), at: offset)
        }
    }

    /// The next value as an integer; nil for `null`.
    public mutating func integerOrNull() throws(JSONError) -> Int? {
        switch try nextKind() {
        case .number:
            return try wholeNumber()
        case .null:
            try passWord("null")
            return nil
        case let found:
            throw JSONError(.mismatch(expected: .number, found: found), at: offset)
        }
    }

    /// The next value as an integer; 0 for `null`.
    public mutating func integer() throws(JSONError) -> Int {
        try integerOrNull() ?? 0
    }

    /// Checks that nothing but white space is left.
    public mutating func finish() throws(JSONError) {
        passWhiteSpace()
        guard offset == bytes.count else { throw JSONError(.trailingBytes, at: offset) }
    }

    /// The text from `start` up to here.
    @_lifetime(copy self)
    public func passed(since start: Int) -> Span<UInt8> {
        bytes.extracting(min(max(start, 0), offset)..<offset)
    }

    // MARK: Steps

    /// Enters a container that opens with `kind`, or takes `null` for an empty one.
    private mutating func open(_ kind: JSONKind) throws(JSONError) {
        let found = try nextKind()
        if found == .null {
            try passWord("null")
            isVoid = true
            return
        }
        guard found == kind else { throw JSONError(.mismatch(expected: kind, found: found), at: offset) }
        guard depth < Self.depthLimit else { throw JSONError(.tooDeep, at: offset) }
        depth &+= 1
        offset &+= 1
        isFresh = true
    }

    /// Moves over the comma that is due, or leaves the container when `closing` is next.
    private mutating func step(to closing: UInt8) throws(JSONError) -> Bool {
        guard !isVoid else {
            isVoid = false
            return false
        }
        let byte = try nextByte()
        if byte == closing {
            offset &+= 1
            depth &-= 1
            isFresh = false
            return false
        }
        if isFresh {
            isFresh = false
        } else {
            guard byte == UInt8(ascii: ",") else { throw JSONError(.unexpectedByte, at: offset) }
            offset &+= 1
        }
        return true
    }

    /// Moves over white space and looks at the byte after it.
    mutating func nextByte() throws(JSONError) -> UInt8 {
        passWhiteSpace()
        guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
        return bytes[offset]
    }
}

/// A key as it stands in a JSON text; compare it with literals in a `switch`.
public struct JSONKey: ~Escapable {
    private let bytes: Span<UInt8>
    private let hasEscapes: Bool
    /// Where the key's first character stands.
    private let offset: Int

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, hasEscapes: Bool, at offset: Int) {
        self.bytes = bytes
        self.hasEscapes = hasEscapes
        self.offset = offset
    }

    /// The key as text.
    public func string() throws(JSONError) -> String {
        do throws(JSONError) {
            let reader = JSONReader(bytes)
            return try reader.text(0..<bytes.count, hasEscapes: hasEscapes)
        } catch {
            throw JSONError(error.reason, at: offset &+ error.offset)
        }
    }

    /// Whether the key is `word`.
    public static func ~= (word: StaticString, key: borrowing JSONKey) -> Bool {
        guard key.hasEscapes else { return key.bytes.equals(word) }
        return (try? key.string()) == word.description
    }
}
