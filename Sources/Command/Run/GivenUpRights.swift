import ConfigLanguage
import Glibc

/// Rights that the process gives up for good once it listens: another user and group, and a folder as its root.
///
/// Only root can, and whoever else starts it has nothing to give up. What root alone may read or open is not to be had any more,
/// which is the purpose: what is read again has to be there for the new user.
struct GivenUpRights: Sendable {
    private let user: uid_t?
    private let group: gid_t?
    private let folder: String?

    /// Finds out what is meant, before anything is served.
    init(_ rights: ProcessRights) throws(StartError) {
        guard geteuid() == 0 else {
            (user, group, folder) = (nil, nil, nil)
            return
        }
        switch rights.user {
        case .name(let name)?:
            guard let known = getpwnam(name)?.pointee.pw_uid else {
                throw StartError("'user \(name)': there is no such user on this machine")
            }
            user = known
        case .number(let number)?: user = number
        case nil: user = nil
        }
        switch rights.group {
        case .name(let name)?:
            guard let known = getgrnam(name)?.pointee.gr_gid else {
                throw StartError("'group \(name)': there is no such group on this machine")
            }
            group = known
        case .number(let number)?: group = number
        case nil: group = nil
        }
        folder = rights.folder
        var status = stat()
        if let folder, stat(folder, &status) != 0 || status.st_mode & S_IFMT != S_IFDIR {
            throw StartError("'chroot \(folder)': there is no such folder")
        }
    }

    /// Whether files are out of reach from then on.
    var hidesFiles: Bool { folder != nil && folder != "/" }

    /// Gives them up in all threads; what of it failed, in which case the process must not go on.
    func take() -> String? {
        // Times of log lines are local ones.
        tzset()
        if let folder, chroot(folder) != 0 || chdir("/") != 0 {
            return "'chroot \(folder)': \(String(cString: strerror(errno)))"
        }
        if user != nil || group != nil, setgroups(0, nil) != 0 {
            return "'group': \(String(cString: strerror(errno)))"
        }
        if let group, setgid(group) != 0 { return "'group': \(String(cString: strerror(errno)))" }
        if let user, setuid(user) != 0 { return "'user': \(String(cString: strerror(errno)))" }
        return nil
    }
}
