/// What somebody can change about the configuration, for diagnostics: an object and a field of it.
public struct Subject: Sendable, Equatable, Hashable {
    /// The object's kind.
    public var kind: String
    /// Its namespace and name.
    public var object: Origin
    /// The path of the field.
    public var field: String

    /// A subject from its parts.
    public init(kind: String, object: Origin, field: String) {
        self.kind = kind
        self.object = object
        self.field = field
    }
}
