/// All fields of a message, or the names of its cookies, as one sample.
public struct MessageRead: Sendable, Hashable {
    /// What of it.
    public var part: Part
    /// Whether it is an answer's.
    public var isAnswer: Bool
    /// What stands between names.
    public var separator: UInt8

    /// What of a message, under HAProxy's names.
    public enum Part: String, Sendable, CaseIterable {
        /// Lines, and an empty one.
        case lines = "hdrs"
        /// Names and values, each behind its length as a varint; two empty ones end it.
        case binary = "hdrs_bin"
        case fieldNames = "hdr_names"
        case cookieNames = "cook_names"
        /// `1.1`.
        case version = "ver"
    }

    /// A read from its parts.
    public init(_ part: Part, isAnswer: Bool, separator: UInt8 = UInt8(ascii: ",")) {
        (self.part, self.isAnswer, self.separator) = (part, isAnswer, separator)
    }

    /// Whether it has a separator.
    public var isList: Bool { part == .fieldNames || part == .cookieNames }
}
