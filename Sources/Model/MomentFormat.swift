/// A number since 1970 in a unit, as `strftime` writes it; `%3N` and its like are digits of the second.
public struct MomentFormat: Sendable, Hashable {
    /// For `strftime`.
    public var format: String
    /// In which unit the number is.
    public var unit: MomentRead.Unit
    /// So many are added, in that unit.
    public var offset: Int64
    /// In the time of this machine; else in Greenwich's.
    public var isLocal: Bool

    /// As fields of HTTP have it.
    public static let ofHTTP = "%a, %d %b %Y %H:%M:%S GMT"

    /// A format from its parts.
    public init(_ format: String, of unit: MomentRead.Unit, offset: Int64 = 0, isLocal: Bool) {
        (self.format, self.unit, self.offset, self.isLocal) = (format, unit, offset, isLocal)
    }
}
