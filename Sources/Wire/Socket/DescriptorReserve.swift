import Glibc

/// The last quarter of the descriptors this process may have: for connections to servers, so that a request that was
/// accepted can also be sent.
///
/// The system gives the lowest free number, so a number tells how many are in use.
public struct DescriptorReserve: Sendable, Equatable {
    /// The lowest number that belongs to it.
    public let first: Int32

    /// The reserve below a limit of open files.
    public init(limit: UInt) {
        first = Int32(clamping: limit - limit / 4)
    }

    /// The reserve under the limit that is in force now.
    public init() {
        var limit = rlimit()
        let result = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        self.init(limit: result == 0 ? limit.rlim_cur : 1024)
    }

    /// Whether a descriptor lies in the reserve: all below were in use when it was opened.
    public func contains(_ descriptor: Int32) -> Bool { descriptor >= first }

    /// Whether all below the reserve are in use now; copies `descriptor` to find out.
    public func isInUse(copying descriptor: Int32) -> Bool {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return true }
        Glibc.close(copy)
        return contains(copy)
    }

    /// Whether an error number says that the process or the system has no descriptor or memory left.
    public static func isExhaustion(_ code: Int32) -> Bool {
        [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code)
    }
}
