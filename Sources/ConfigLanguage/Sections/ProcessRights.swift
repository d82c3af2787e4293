/// What a process that root has started gives up once it listens: `user`, `group` and `chroot` of `global`.
public struct ProcessRights: Sendable, Equatable {
    /// Who it is from then on; nil is who it was.
    public var user: Owner?
    /// In which group.
    public var group: Owner?
    /// The folder that is its root.
    public var folder: String?

    /// A user or a group.
    public enum Owner: Sendable, Equatable {
        case name(String)
        case number(UInt32)
    }

    /// Nothing is given up.
    public init() {}
}
