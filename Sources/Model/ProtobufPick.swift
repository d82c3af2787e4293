/// Which field of a message of protocol buffers is read: HAProxy's `protobuf` and `ungrpc`.
public struct ProtobufPick: Sendable, Equatable, Hashable {
    /// The numbers of the fields that lead to it, from the outermost message; 1 to 16 of them.
    public var path: [UInt32]
    /// As a number of this type; nil, the default, is the bytes that it has in the message.
    public var type: ProtobufType?
    /// Whether the messages stand behind the five bytes with which gRPC frames them.
    public var isFramed: Bool

    /// A pick from its parts.
    public init(_ path: [UInt32], as type: ProtobufType? = nil, isFramed: Bool = false) {
        (self.path, self.type, self.isFramed) = (path, type, isFramed)
    }

    /// The most numbers of a path.
    public static var longestPath: Int { 16 }
    /// The highest of them.
    public static var highestField: UInt32 { 0x1FFF_FFFF }
}

/// Types of fields that are numbers.
public enum ProtobufType: String, Sendable, Hashable, CaseIterable {
    case int32, int64, uint32, uint64, sint32, sint64, bool
    case enumeration = "enum"
    case fixed32, sfixed32, float
    case fixed64, sfixed64, double
}
