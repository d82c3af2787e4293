/// Writes one JSON text; commas, colons and escapes are its business.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.object {
///     $0.field("host", "a.test")
///     $0.field("ports") { $0.list { $0.integer(80) } }
/// }
/// send(writer.bytes)
/// ```
public struct JSONWriter {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []
    /// A value stands before: a comma is due.
    private var needsComma = false

    /// A writer with nothing written.
    public init() {}

    /// What has been written, as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// An object, whose fields `body` writes.
    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        container(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    /// A list, whose elements `body` writes.
    public mutating func list(_ body: (inout JSONWriter) -> Void) {
        container(UInt8(ascii: "["), UInt8(ascii: "]"), body)
    }

    /// A list of strings.
    public mutating func list(_ strings: some Sequence<String>) {
        list { writer in
            for string in strings { writer.string(string) }
        }
    }

    /// A field whose value `body` writes: exactly one.
    public mutating func field(_ name: String, _ body: (inout JSONWriter) -> Void) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
        body(&self)
    }

    /// A field with text.
    public mutating func field(_ name: String, _ value: String) {
        field(name) { $0.string(value) }
    }

    /// A field with an integer.
    public mutating func field(_ name: String, _ value: some BinaryInteger) {
        field(name) { $0.integer(value) }
    }

    /// A field with a boolean.
    public mutating func field(_ name: String, _ value: Bool) {
        field(name) { $0.boolean(value) }
    }

    /// Text.
    public mutating func string(_ value: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 { append(escaping: byte) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// An integer.
    public mutating func integer(_ value: some BinaryInteger) {
        separate()
        bytes.append(contentsOf: value.description.utf8)
    }

    /// A number; `null` when it is infinite or not a number, which JSON cannot say.
    public mutating func number(_ value: Double) {
        separate()
        bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
    }

    /// A boolean.
    public mutating func boolean(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// `null`.
    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    private mutating func container(_ opening: UInt8, _ closing: UInt8, _ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(opening)
        needsComma = false
        body(&self)
        bytes.append(closing)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func append(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0x0A:
            bytes.append(contentsOf: "\\n".utf8)
        case 0x00..<0x20, 0x7F:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(Self.digit(byte >> 4))
            bytes.append(Self.digit(byte & 0xF))
        default:
            bytes.append(byte)
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
    }
}
