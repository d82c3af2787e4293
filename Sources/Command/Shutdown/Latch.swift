import CSystem
import Glibc

/// Something that happens once and can be waited for by a plain thread, for a limited time.
final class Latch: Sendable {
    private let descriptor = eventfd(0, Int32(EFD_CLOEXEC))

    deinit { close(descriptor) }

    /// It has happened.
    func open() { eventfd_write(descriptor, 1) }

    /// Waits until it has happened, so many milliseconds at most. Answers whether it has.
    @discardableResult
    func wait(milliseconds: Int32) -> Bool {
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waited, 1, milliseconds) > 0
    }
}
