import Basics
import Glibc
import Synchronization
import Wire

/// Writes a log of all workers on a thread of its own, so that a slow terminal, disk or network never delays a request.
///
/// Workers hand over whole buffers of lines and get an empty one back: nothing is copied, and in steady operation nothing
/// allocated. When more than 16 MiB or 1,024 buffers wait, lines are dropped and counted by the worker.
final class LogWriter: Sendable {
    private struct Queue {
        var chunks: [LogChunk] = []
        /// Written and emptied, for workers to fill again.
        var spares: [LogChunk] = []
        /// What was taken and is not written yet.
        var bytes = 0
        var count = 0
        var isClosed = false
        /// Nobody waits for the thread any more.
        var isAbandoned = false
    }

    private let queue = Mutex(Queue())
    private let wakeUp = Mailbox<Bool>()
    /// Hears of the thread's end.
    private let ended = Mailbox<Bool>()
    private let thread = Mutex<Thread?>(nil)
    private static var mostBytes: Int { 16 << 20 }
    private static var mostChunks: Int { 1024 }
    private static var mostSpares: Int { 4 }

    /// A writer to a descriptor that it does not own.
    convenience init(descriptor: Int32) {
        self.init { DescriptorSink(descriptor) }
    }

    /// A writer to what `makeSink` makes on the writer's thread.
    init(_ makeSink: @escaping @Sendable () -> any LogSink) {
        let started = Thread(name: "log") { [self] in run(makeSink()) }
        thread.withLock { $0 = started }
    }

    /// Takes a buffer of lines and leaves an empty one of the same size; false, and the lines left, if too much is waiting
    /// already.
    func take(_ lines: inout Buffer) -> Bool {
        let accepted = queue.withLock { queue in
            guard queue.bytes + lines.count <= LogWriter.mostBytes, queue.count < LogWriter.mostChunks else {
                return false
            }
            let chunk = queue.spares.popLast() ?? LogChunk(capacity: Int(lines.capacity))
            queue.bytes += lines.count
            queue.count += 1
            chunk.lines.withLock { swap(&$0, &lines) }
            queue.chunks.append(chunk)
            return true
        }
        if accepted { wakeUp.post(true) }
        return accepted
    }

    /// Writes what waits and ends the thread. If nobody takes it in time the rest is dropped: a process must not fail to end
    /// because a pipe is not read. Returns how many bytes were dropped.
    @discardableResult
    func close(within milliseconds: Int = 2_000) -> Int {
        guard let thread = thread.withLock({ $0.take() }) else { return 0 }
        queue.withLock { $0.isClosed = true }
        wakeUp.post(true)
        if hasEnded(within: milliseconds) {
            thread.join()
            return 0
        }
        // It is inside of a write and ends with that, or with the process.
        return queue.withLock { queue in
            queue.isAbandoned = true
            return queue.bytes
        }
    }

    private func hasEnded(within milliseconds: Int) -> Bool {
        let deadline = Clock.now() &+ UInt64(milliseconds) * 1_000_000
        while true {
            let now = Clock.now()
            guard now < deadline else { return false }
            var waiting = pollfd(fd: ended.wakeUp, events: Int16(POLLIN), revents: 0)
            if poll(&waiting, 1, Int32(clamping: (deadline - now) / 1_000_000 + 1)) > 0 { return true }
        }
    }

    private func run(_ sink: any LogSink) {
        var isOpen = true
        while isOpen {
            var waiting = [pollfd(fd: wakeUp.wakeUp, events: Int16(POLLIN), revents: 0)] + sink.waiting
            poll(&waiting, nfds_t(waiting.count), sink.patience)
            _ = wakeUp.takeAll()
            let (chunks, isClosed) = queue.withLock { queue in
                let taken = queue.chunks
                queue.chunks = []
                return (taken, queue.isClosed)
            }
            isOpen = !isClosed
            for chunk in chunks {
                guard write(chunk, to: sink) else { return }
            }
            sink.advance()
        }
        sink.finish()
        ended.post(true)
    }

    /// Writes one buffer; false if nobody waits for more.
    private func write(_ chunk: LogChunk, to sink: any LogSink) -> Bool {
        let count = chunk.lines.withLock { lines in
            defer { lines.reset() }
            sink.take(lines.view, isAbandoned: { queue.withLock { $0.isAbandoned } })
            return lines.count
        }
        return queue.withLock { queue in
            queue.bytes -= count
            queue.count -= 1
            if queue.spares.count < LogWriter.mostSpares { queue.spares.append(chunk) }
            return !queue.isAbandoned
        }
    }
}

/// A buffer of lines on its way: with the queue, then with the writer's thread, then spare.
private final class LogChunk: Sendable {
    let lines: Mutex<Buffer>

    init(capacity: Int) { lines = Mutex(Buffer(capacity: capacity)) }
}
