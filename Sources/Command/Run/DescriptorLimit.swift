import Glibc

/// The limit of open files, which is the limit of connections.
enum DescriptorLimit {
    /// Raises the soft limit to the hard one, as every server must: shells and container runtimes start processes
    /// with 1,024. Returns the limit in force.
    static func raise() -> UInt {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        guard limit.rlim_cur < limit.rlim_max else { return limit.rlim_cur }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        let result = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised)
        return result == 0 ? raised.rlim_cur : limit.rlim_cur
    }

    /// Raises both limits to what is asked for, where they are lower and that is allowed: nil, or the limit there is.
    static func reach(_ count: UInt) -> UInt? {
        let known = raise()
        guard known < count else { return nil }
        var raised = rlimit(rlim_cur: count, rlim_max: count)
        return setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 ? nil : known
    }
}
