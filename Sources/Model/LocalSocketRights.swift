/// Who may connect to a listening socket that has a path (HAProxy's `mode`, `uid` and `gid` behind `bind`).
public struct LocalSocketRights: Sendable, Equatable {
    /// As of files, e.g. 0o660; nil is what the process's mask leaves.
    public var mode: UInt32?
    /// The number of the user whose the file is; nil is the process's own.
    public var owner: UInt32?
    /// The same of its group.
    public var group: UInt32?

    /// Nothing said.
    public init() {}
}
