import Glibc

/// Listening at sockets of this machine that have a name.
extension Listener {
    /// A path's socket takes the place of one that is there already at one moment: clients find one or the other. It stays when the
    /// listener goes, for it may be another process's by then.
    public init(local address: SocketAddress, _ rights: SocketRights) throws(Failure) {
        guard let name = address.localName else { throw Failure(step: "bind", code: EINVAL) }
        guard let path = name.path else {
            self.init(listening: try Listener.listening(at: address), at: address)
            return
        }
        var known = stat()
        if lstat(path, &known) == 0, known.st_mode & S_IFMT != S_IFSOCK {
            throw Failure(step: "bind", code: EEXIST)
        }
        let temporary = "\(path).\(getpid()).tmp"
        guard let place = SocketAddress(local: "unix@\(temporary)") else {
            throw Failure(step: "bind", code: ENAMETOOLONG)
        }
        unlink(temporary)
        let descriptor = try Listener.listening(at: place, rights.mode)
        guard rights.isGiven(to: temporary), rename(temporary, path) == 0 else {
            let failure = Listener.fail("bind", descriptor)
            unlink(temporary)
            throw failure
        }
        self.init(listening: descriptor, at: address)
    }

    private static func listening(
        at address: SocketAddress, _ mode: UInt32? = nil
    ) throws(Failure) -> Int32 {
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(step: "socket", code: errno) }
        // The file comes with these rights: at no moment it has more.
        if let mode { fchmod(descriptor, mode) }
        var (storage, length) = address.storage
        let bound = withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard bound == 0 else { throw fail("bind", descriptor) }
        guard listen(descriptor, 4096) == 0 else { throw fail("listen", descriptor) }
        return descriptor
    }
}
