/// A field of the user's choice in the PROXY header of version 2 that a server is sent: HAProxy's `set-proxy-v2-tlv-fmt`. Such fields
/// stand in front of all others, in their order.
public struct OwnProxyField: Sendable, Hashable {
    /// Its type.
    public var type: UInt8
    /// Its value.
    public var value: FormatString

    /// A field from its parts.
    public init(_ type: UInt8, _ value: FormatString) { (self.type, self.value) = (type, value) }
}
