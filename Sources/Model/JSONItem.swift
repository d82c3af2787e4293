/// A piece of a format that is written as a value of JSON (RFC 8259): `%(client)ci` of a format that begins with `%{+json}o`, or
/// `%{+json}ci` by itself.
public struct JSONItem: Sendable, Equatable, Hashable {
    /// What is written.
    public enum Value: Sendable, Equatable, Hashable {
        case sample(Expression)
        case variable(LogVariable)
    }

    /// What it is made, whatever it is: `%(name:str)`.
    public enum Kind: String, Sendable, CaseIterable {
        case text = "str"
        case number = "sint"
        case truth = "bool"
        /// Its bytes as they are, without quotes: what is JSON already.
        case raw
    }

    /// What it is.
    public var value: Value
    /// The member's name in a format that is an object; nil by itself.
    public var name: String?
    /// Nil is what the value is by itself.
    public var kind: Kind?
    /// Numbers and addresses in hexadecimal (`X`), which are texts then.
    public var isHexadecimal: Bool

    /// An item from its parts.
    public init(_ value: Value, name: String? = nil, kind: Kind? = nil, isHexadecimal: Bool = false) {
        (self.value, self.name, self.kind, self.isHexadecimal) = (value, name, kind, isHexadecimal)
    }
}
