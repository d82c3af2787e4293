import Basics
import Glibc
import Synchronization
import Wire

/// Writes the access log of all workers on a thread of its own, so that a slow terminal or disk never delays a request.
///
/// Workers hand over whole buffers of lines. When more than 16 MiB wait, lines are dropped and counted by the worker.
final class LogWriter: Sendable {
    private struct Queue {
        var chunks: [[UInt8]] = []
        var bytes = 0
        var isClosed = false
    }

    private let queue = Mutex(Queue())
    private let descriptor: Int32
    private let wakeUp = Mailbox<Bool>()
    private let thread = Mutex<Thread?>(nil)
    private static var limit: Int { 16 << 20 }

    /// A writer to a descriptor that it does not own.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        let started = Thread(name: "log") { [self] in run() }
        thread.withLock { $0 = started }
    }

    /// Takes a buffer of lines; false if too much is waiting already.
    func write(_ lines: ByteView) -> Bool {
        let accepted = queue.withLock { queue in
            guard queue.bytes + lines.count <= LogWriter.limit else { return false }
            queue.chunks.append(lines.bytes)
            queue.bytes += lines.count
            return true
        }
        if accepted { wakeUp.post(true) }
        return accepted
    }

    /// Writes what waits and ends the thread.
    func close() {
        queue.withLock { $0.isClosed = true }
        wakeUp.post(true)
        thread.withLock { $0.take() }?.join()
    }

    private func run() {
        var isOpen = true
        while isOpen {
            var waiting = pollfd(fd: wakeUp.wakeUp, events: Int16(POLLIN), revents: 0)
            poll(&waiting, 1, -1)
            _ = wakeUp.takeAll()
            let (chunks, isClosed) = queue.withLock { queue in
                let taken = queue.chunks
                queue.chunks = []
                queue.bytes = 0
                return (taken, queue.isClosed)
            }
            isOpen = !isClosed
            for chunk in chunks where !writeAll(chunk) { break }
        }
    }

    private func writeAll(_ bytes: [UInt8]) -> Bool {
        var from = 0
        while from < bytes.count {
            let written = bytes[from...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                from += written
            } else if errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, 1000)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
