import CSystem
import Glibc
import Synchronization

/// The way into a worker from other threads: a locked array and an eventfd that wakes its loop.
public final class Mailbox<Message: Sendable>: Sendable {
    /// Readable when messages wait; the owner registers it with its loop.
    public let wakeUp: Int32
    private let messages = Mutex<[Message]>([])

    /// An empty mailbox.
    public init() { wakeUp = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC)) }

    deinit { close(wakeUp) }

    /// Leaves a message and wakes the owner; any thread.
    public func post(_ message: Message) {
        let wasEmpty = messages.withLock { waiting in
            waiting.append(message)
            return waiting.count == 1
        }
        if wasEmpty { eventfd_write(wakeUp, 1) }
    }

    /// Takes all messages in the order they were left; the owner's thread.
    public func takeAll() -> [Message] {
        var ignored: eventfd_t = 0
        eventfd_read(wakeUp, &ignored)
        return messages.withLock { waiting in
            let taken = waiting
            waiting = []
            return taken
        }
    }
}
