import CSystem
import Glibc

/// A listening socket of TCP or of a path, closed when it goes out of use.
///
/// Every worker has one of its own for each bind (SO_REUSEPORT): the kernel spreads connections over them.
public struct Listener: ~Copyable, Sendable {
    /// The socket.
    public let descriptor: Int32
    /// The address it is bound to, with the port the system chose if it was asked to.
    public let address: SocketAddress
    /// Of a path's: it goes with the socket, unless another process has put its own there.
    private let path: String?
    private let fileNumber: ino_t
    /// Whether connections are handed over by another process instead of being accepted.
    private let isHandover: Bool
    /// Who holds another copy of it.
    private let keeper: ListenerKeeper?

    /// Why a listener could not be opened: the step and the system's error number.
    public struct Failure: Error, Equatable {
        /// `socket`, `bind` or `listen`.
        public let step: String
        /// The system's error number.
        public let code: Int32

        /// The system's sentence for the error.
        public var message: String { "\(step): \(String(cString: strerror(code)))" }
    }

    /// Opens, binds and listens. `deferAccept` lets the kernel report a connection only when its first bytes are
    /// there (-14 % CPU per connection measured); not for protocols where the server speaks first. `sharesPort` lets
    /// other listeners of ours have the same address. One that `keeper` has of this kind is taken instead, with who waits there; what
    /// is opened is given to it. Without `listens` it only has its address, which shows whether that is free: who had been let in by a
    /// socket that is closed again would be reset.
    public init(
        _ address: SocketAddress, v6Only: Bool, deferAccept: Bool, sharesPort: Bool = false,
        listens: Bool = true, keeper: ListenerKeeper? = nil
    ) throws(Failure) {
        if let kept = keeper?.take(address, v6Only: v6Only, sharesPort: sharesPort) {
            Listener.setDeferAccept(kept, deferAccept)
            descriptor = kept
            self.address = Listener.localAddress(kept)
            (path, fileNumber, isHandover, self.keeper) = (nil, 0, false, keeper)
            return
        }
        let descriptor = socket(
            address.isV6 ? AF_INET6 : AF_INET,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(step: "socket", code: errno) }
        Listener.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if sharesPort { Listener.set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        // Accepted connections inherit it.
        Listener.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        if address.isV6 { Listener.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, v6Only ? 1 : 0) }
        if deferAccept { Listener.set(descriptor, Int32(IPPROTO_TCP), TCP_DEFER_ACCEPT, 1) }
        var (storage, length) = address.storage
        let bound = withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard bound == 0 else { throw Listener.fail("bind", descriptor) }
        guard !listens || listen(descriptor, 4096) == 0 else { throw Listener.fail("listen", descriptor) }
        keeper?.keep(descriptor)
        self.descriptor = descriptor
        self.address = Listener.localAddress(descriptor)
        (path, fileNumber, isHandover, self.keeper) = (nil, 0, false, keeper)
    }

    /// Listens at a path of the file system, in place of a socket that is there already. Who may connect is `mode`, as of files; without
    /// one it is what the process's mask leaves.
    public init(path: String, mode: UInt32?) throws(Failure) {
        guard let storage = Listener.storage(of: path) else {
            throw Failure(step: "bind", code: ENAMETOOLONG)
        }
        var target = storage.0
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(step: "socket", code: errno) }
        var known = stat()
        if lstat(path, &known) == 0, known.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
        // The file comes with these rights: at no moment it has more.
        if let mode { fchmod(descriptor, mode) }
        let bound = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, storage.1) }
        }
        guard bound == 0 else { throw Listener.fail("bind", descriptor) }
        if let mode { chmod(path, mode) }
        guard listen(descriptor, 64) == 0 else { throw Listener.fail("listen", descriptor) }
        self.descriptor = descriptor
        address = SocketAddress()
        (self.path, fileNumber, isHandover, keeper) = (path, Listener.fileNumber(of: path), false, nil)
    }

    /// Takes over a socket that listens already at a name; what the name is stays.
    init(listening descriptor: Int32, at address: SocketAddress) {
        self.descriptor = descriptor
        self.address = address
        (path, fileNumber, isHandover, keeper) = (nil, 0, false, nil)
    }

    /// A copy of a socket of TCP or of a path that another process has opened and listens on. Who holds it shares its connections.
    public init(inherited original: Int32) throws(Failure) {
        var (listens, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        guard getsockopt(original, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0 else {
            throw Failure(step: "inherit", code: errno)
        }
        guard listens != 0 else { throw Failure(step: "inherit", code: EINVAL) }
        let copy = fcntl(original, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw Failure(step: "inherit", code: errno) }
        _ = fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) | O_NONBLOCK)
        descriptor = copy
        address = Listener.localAddress(copy)
        (path, fileNumber, isHandover, keeper) = (nil, 0, false, nil)
    }

    /// Takes over a socket by which another process hands connections to this one (`csystem_send_descriptor`).
    public init(handover descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        self.descriptor = descriptor
        address = SocketAddress()
        (path, fileNumber, isHandover, keeper) = (nil, 0, true, nil)
    }

    /// 0 if nothing is there.
    private static func fileNumber(of path: String) -> ino_t {
        var known = stat()
        return lstat(path, &known) == 0 ? known.st_ino : 0
    }

    /// A path in the system's form; nil if it is too long.
    static func storage(of path: String) -> (sockaddr_storage, socklen_t)? {
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: target.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: bytes) }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { to in withUnsafeBytes(of: target) { to.copyBytes(from: $0) } }
        return (storage, socklen_t(MemoryLayout<sockaddr_un>.size))
    }

    deinit {
        keeper?.letGo(of: descriptor)
        close(descriptor)
        if let path, Listener.fileNumber(of: path) == fileNumber { unlink(path) }
    }

    /// Takes one waiting connection: its descriptor (non-blocking) and the peer's address; nil if there is none, or none
    /// can be taken (`isExhausted` says which, right after).
    public func accept() -> (descriptor: Int32, peer: SocketAddress)? {
        if isHandover {
            let received = csystem_receive_descriptor(descriptor)
            return received < 0 ? nil : (received, SocketAddress())
        }
        var storage = sockaddr_storage()
        let accepted = csystem_accept(descriptor, &storage)
        guard accepted >= 0 else { return nil }
        return (accepted, SocketAddress(storage))
    }

    /// Lets the kernel report a listener's connections only with their first bytes, or at once, from now on.
    public static func setDeferAccept(_ descriptor: Int32, _ isDeferred: Bool) {
        Listener.set(descriptor, Int32(IPPROTO_TCP), TCP_DEFER_ACCEPT, isDeferred ? 1 : 0)
    }

    /// Whether the last `accept` of this thread found the process or the system out of descriptors or memory: the
    /// connection goes on waiting, and a level-triggered loop would ask for it without end.
    public static var isExhausted: Bool {
        DescriptorReserve.isExhaustion(errno)
    }

    /// The local address of a socket.
    public static func localAddress(_ descriptor: Int32) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return result == 0 ? SocketAddress(storage) : SocketAddress()
    }

    /// Who a socket is connected to.
    public static func remoteAddress(_ descriptor: Int32) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
        }
        return result == 0 ? SocketAddress(storage) : SocketAddress()
    }

    static func fail(_ step: String, _ descriptor: Int32) -> Failure {
        let failure = Failure(step: step, code: errno)
        close(descriptor)
        return failure
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
