import Glibc

/// Who may connect to a socket that has a path.
public struct SocketRights: Sendable, Equatable {
    /// As of files; nil is what the process's mask leaves.
    public var mode: UInt32?
    /// Whose the file is; nil is the process's user.
    public var owner: UInt32?
    /// The same of its group.
    public var group: UInt32?

    /// Rights from their parts.
    public init(mode: UInt32? = nil, owner: UInt32? = nil, group: UInt32? = nil) {
        (self.mode, self.owner, self.group) = (mode, owner, group)
    }

    /// Gives them to a file; false, and an error number, if that is not allowed.
    func isGiven(to path: String) -> Bool {
        if owner != nil || group != nil, lchown(path, owner ?? .max, group ?? .max) != 0 { return false }
        // After the owner, whose change would take some away.
        if let mode { return chmod(path, mode) == 0 }
        return true
    }
}
