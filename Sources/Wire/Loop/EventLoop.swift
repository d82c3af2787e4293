import CSystem
import Glibc

/// What a descriptor is ready for.
public struct Readiness: OptionSet, Sendable {
    /// Bits of epoll, which an io_uring backend would translate to.
    public let rawValue: UInt32
    /// Wraps the bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A read will not block.
    public static var readable: Readiness { Readiness(rawValue: EPOLLIN.rawValue) }
    /// A write will not block.
    public static var writable: Readiness { Readiness(rawValue: EPOLLOUT.rawValue) }
    /// The peer has shut its sending side down: a read that comes up short is not the end of what can be read.
    public static var peerClosed: Readiness { Readiness(rawValue: EPOLLRDHUP.rawValue) }
    /// Both sides have ended their sending; what the peer sent before that may still be unread.
    public static var hungUp: Readiness { Readiness(rawValue: EPOLLHUP.rawValue) }
    /// The connection failed: it was reset, or could not be made.
    public static var broken: Readiness { Readiness(rawValue: EPOLLERR.rawValue) }
}

/// One event: a descriptor's owner, as it named itself when it registered, and what the descriptor is ready for.
public struct Event {
    /// The token given to `register`.
    public let token: UInt64
    /// What it is ready for.
    public let readiness: Readiness
}

/// The readiness of a worker's descriptors.
///
/// Connections are registered once, edge-triggered for everything, and never touched again (performance: no
/// epoll_ctl per request). Owners keep "can read" and "can write" as flags, clear them when a call would block and set
/// them on events. This type is the seam for io_uring: a multishot poll ring gives the same `register` and `wait`.
public struct EventLoop: ~Copyable {
    private let epoll: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    private static var batch: Int { 256 }

    /// A loop without descriptors; -1 from the system leaves a loop that reports no event.
    public init() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        events = .allocate(capacity: Self.batch)
    }

    deinit {
        close(epoll)
        events.deallocate()
    }

    /// Watches a connection's descriptor, edge-triggered in both directions. Closing the descriptor ends it.
    public func register(_ descriptor: Int32, token: UInt64) -> Bool {
        let interest = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        return csystem_epoll_add(epoll, descriptor, interest, token) == 0
    }

    /// Watches a listener or a mailbox: level-triggered, reading only.
    public func registerLevel(_ descriptor: Int32, token: UInt64) -> Bool {
        csystem_epoll_add(epoll, descriptor, EPOLLIN.rawValue, token) == 0
    }

    /// Stops watching a descriptor that stays open.
    public func unregister(_ descriptor: Int32) { _ = csystem_epoll_remove(epoll, descriptor) }

    /// Waits for events for at most `milliseconds` (-1: for ever) and returns how many there are.
    public func wait(milliseconds: Int32) -> Int {
        let count = epoll_wait(epoll, events, Int32(Self.batch), milliseconds)
        return count > 0 ? Int(count) : 0
    }

    /// An event of the last `wait`.
    public subscript(index: Int) -> Event {
        let event = events[index]
        return Event(token: event.data.u64, readiness: Readiness(rawValue: event.events))
    }
}
