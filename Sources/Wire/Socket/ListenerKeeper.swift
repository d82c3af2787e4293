import CSystem
import Glibc
import Synchronization

/// What this process shares with another one that outlives it: copies of its listening sockets, and a file in memory.
///
/// ```
///   this process ── "l" and a copy of each socket it opens ──► the keeper       they wait there while nobody accepts
///                ── "s" and a sealed file ──►                                   in place of the one before
///                ── "c" ──►                                                     a socket has stopped listening
///   its successor ◄── the sockets, as open descriptors                          taken where it would open the same
/// ```
/// A socket whose queue nobody takes from would swallow its share of connections: what this process lets go of stops
/// listening, in every copy there is.
public final class ListenerKeeper: Sendable {
    /// Negative: there is nobody.
    private let channel: Int32
    /// Those of the process before, which nobody has asked for yet.
    private let inherited: Mutex<[Int32]>

    /// What a message is about.
    public enum Kind {
        /// A listening socket.
        public static let listener = CChar(bitPattern: UInt8(ascii: "l"))
        /// A file.
        public static let file = CChar(bitPattern: UInt8(ascii: "s"))
        /// A socket has stopped listening.
        public static let closed = CChar(bitPattern: UInt8(ascii: "c"))
    }

    /// A keeper at the other end of a socket, and what it has passed on.
    public init(_ channel: Int32, inherited: [Int32]) {
        self.channel = channel
        for descriptor in inherited { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        self.inherited = Mutex(inherited.filter { ListenerKeeper.listens($0) })
        // A keeper that does not answer holds nobody up for long.
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(
            channel, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Nobody holds anything, but these sockets were another process's, which may still have them.
    public init(taken: [Int32]) {
        channel = -1
        inherited = Mutex(taken.filter { ListenerKeeper.listens($0) })
    }

    /// Whether it has a socket of a port that nobody has asked for yet.
    public func holds(port: UInt16) -> Bool {
        inherited.withLock { $0.contains { Listener.localAddress($0).port == port } }
    }

    /// Gives it a file. Answers whether it was taken.
    public func keep(file: Int32) -> Bool { channel >= 0 && csystem_hand_over(channel, Kind.file, file) == 0 }

    /// Closes what nobody has asked for: this process does not listen there any more.
    public func closeRest() {
        let rest = inherited.withLock { inherited in
            defer { inherited = [] }
            return inherited
        }
        for descriptor in rest {
            letGo(of: descriptor)
            close(descriptor)
        }
    }

    /// Whether a socket listens.
    public static func listens(_ descriptor: Int32) -> Bool {
        option(descriptor, SOL_SOCKET, SO_ACCEPTCONN) == 1
    }

    /// Whether other sockets may have the address of one.
    static func sharesPort(_ descriptor: Int32) -> Bool { option(descriptor, SOL_SOCKET, SO_REUSEPORT) == 1 }

    /// A socket of the same address and kind; nil if there is none.
    func take(_ address: SocketAddress, v6Only: Bool, sharesPort: Bool) -> Int32? {
        inherited.withLock { inherited in
            let place = inherited.firstIndex { descriptor in
                Listener.localAddress(descriptor) == address
                    && ListenerKeeper.option(descriptor, SOL_SOCKET, SO_REUSEPORT) == (sharesPort ? 1 : 0)
                    && (!address.isV6
                        || ListenerKeeper.option(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY)
                            == (v6Only ? 1 : 0))
            }
            return place.map { inherited.remove(at: $0) }
        }
    }

    /// Gives it a copy of a socket.
    func keep(_ descriptor: Int32) {
        if channel >= 0 { _ = csystem_hand_over(channel, Kind.listener, descriptor) }
    }

    /// Nobody is to connect there any more.
    func letGo(of descriptor: Int32) {
        guard channel >= 0 else { return }
        shutdown(descriptor, Int32(SHUT_RDWR))
        _ = csystem_hand_over(channel, Kind.closed, -1)
    }

    private static func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32 {
        var (value, length) = (Int32(-1), socklen_t(MemoryLayout<Int32>.size))
        return getsockopt(descriptor, level, name, &value, &length) == 0 ? value : -1
    }
}
