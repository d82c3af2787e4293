import Basics
import Glibc

/// What a log's thread does with the buffers it is given. It lives on that thread alone.
protocol LogSink: AnyObject {
    /// Writes a buffer as far as that is possible; `isAbandoned` says whether anybody still waits for it.
    func take(_ bytes: ByteView, isAbandoned: () -> Bool)
    /// Descriptors that it waits for.
    var waiting: [pollfd] { get }
    /// How long it can be left alone, in milliseconds; -1 is for ever.
    var patience: Int32 { get }
    /// Goes on with what it waits for.
    func advance()
    /// Sends what is left, as far as that takes no longer than a second.
    func finish()
}

/// Writes to a descriptor that it does not own.
final class DescriptorSink: LogSink {
    private let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// What an error or a full disk refuses is lost.
    func take(_ bytes: ByteView, isAbandoned: () -> Bool) {
        var from = 0
        while from < bytes.count {
            let written = bytes[from..<bytes.count].withPointer { Glibc.write(descriptor, $0, $1) }
            if written > 0 {
                from += written
            } else if errno == EAGAIN {
                guard !isAbandoned() else { return }
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, 1000)
            } else if errno != EINTR {
                return
            }
        }
    }

    var waiting: [pollfd] { [] }
    var patience: Int32 { -1 }
    func advance() {}
    func finish() {}
}
