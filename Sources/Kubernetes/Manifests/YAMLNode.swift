/// One value of a YAML text and where it stands, with the types that Kubernetes' own tools give it.
///
/// ```swift
/// let file = try YAMLNode(parsing: bytes)
/// for user in file["users"]?.list ?? [] { print(user["name"]?.string, user.line) }
/// ```
public struct YAMLNode: Sendable, Equatable {
    /// The value.
    public var value: Value
    /// The line of its first character, counted from 1.
    public var line: Int

    /// A value at a line.
    public init(_ value: Value, line: Int) {
        self.value = value
        self.line = line
    }

    /// What a node can be.
    public enum Value: Sendable, Equatable {
        /// Empty, `~` or `null`.
        case null
        /// `true`, `false` and the words that YAML 1.1 takes for them: `yes`, `off`, …
        case boolean(Bool)
        /// A plain whole number of at most 64 bits.
        case integer(Int)
        /// Any other plain number, as JSON writes it.
        case number(String)
        /// Text: quoted, or plain and none of the above.
        case string(String)
        /// A list.
        case list([YAMLNode])
        /// A map, in the order it is written; no key stands twice.
        case map([Field])
    }

    /// One key of a map and its value.
    public struct Field: Sendable, Equatable {
        /// The key; numbers and booleans are keys as text.
        public var key: String
        /// The value.
        public var value: YAMLNode

        /// A field from its parts.
        public init(key: String, value: YAMLNode) {
            self.key = key
            self.value = value
        }
    }

    /// The value of `key`; nil when this is no map or has no such key.
    public subscript(key: String) -> YAMLNode? { fields?.first { $0.key == key }?.value }

    /// The text; nil unless this is a string. A quoted `"8080"` is one, a plain `8080` is not.
    public var string: String? { if case .string(let text) = value { text } else { nil } }

    /// The number; nil unless this is a whole number.
    public var integer: Int? { if case .integer(let number) = value { number } else { nil } }

    /// The boolean; nil unless this is one.
    public var boolean: Bool? { if case .boolean(let flag) = value { flag } else { nil } }

    /// The elements; nil unless this is a list.
    public var list: [YAMLNode]? { if case .list(let nodes) = value { nodes } else { nil } }

    /// The fields in order; nil unless this is a map.
    public var fields: [Field]? { if case .map(let fields) = value { fields } else { nil } }

    /// Whether this is null.
    public var isNull: Bool { value == .null }

    /// Text, number or boolean as text; nil for null, lists and maps.
    public var text: String? {
        switch value {
        case .null, .list, .map: nil
        case .boolean(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .number(let number): number
        case .string(let text): text
        }
    }
}

/// Why a YAML text was refused, and on which line.
public struct YAMLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Counted from 1.
    public var line: Int
    /// What is wrong, without any value of the text.
    public var message: String

    /// An error at a line.
    public init(line: Int, message: String) {
        self.line = line
        self.message = message
    }

    /// Line and message.
    public var description: String { "line \(line): \(message)" }
}
