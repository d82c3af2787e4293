/// Where the runtime API is offered: a `stats socket` line.
public struct RuntimeSocket: Sendable, Equatable {
    /// Where.
    public var place: Place
    /// What its clients may do: `user`, `operator` or `admin`.
    public var level = "operator"
    /// Rights of the path's file, as files have them; nil is what the process's mask leaves.
    public var mode: UInt32?
    /// Whether it hands over what the process listens on: `expose-fd listeners`.
    public var exposesListeners = false

    /// A socket with the level and rights of a line that says nothing of them.
    public init(place: Place) { self.place = place }

    /// A path, an address, or a socket that was inherited.
    public enum Place: Sendable, Equatable {
        case path(String)
        case descriptor(Int32)
        case address(String, port: UInt16)
    }
}
