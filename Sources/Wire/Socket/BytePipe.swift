public import Basics
import CSystem
import Glibc

/// A pipe through which bytes go from socket to socket within the kernel: the pages that hold them are handed on, not copied (splice(2)).
///
/// One thread uses it, for one pair of sockets at a time: whoever fills it empties it before anybody else comes. It is opened when it is
/// needed first, and again after it was closed; without descriptors for it every `fill` fails, and the bytes are still the socket's.
public final class BytePipe {
    private var ends: [Int32] = [-1, -1]
    private let size: Int
    /// How many bytes are in it.
    public private(set) var count = 0

    /// A pipe of `size` bytes, if the system gives so many.
    public init(size: Int) { self.size = size }

    deinit { close() }

    /// Gives its descriptors back, and loses what is in it.
    public func close() {
        for end in ends where end >= 0 { Glibc.close(end) }
        (ends[0], ends[1], count) = (-1, -1, 0)
    }

    private func open() -> Bool {
        ends[0] >= 0 || csystem_splice_pipe(&ends, Int32(clamping: size)) == 0
    }

    /// Takes bytes of a socket, `most` at most. Fewer say nothing about what is left there: pages may be small.
    public func fill(from descriptor: Int32, most: Int) -> IOResult {
        guard open() else { return .failed(errno) }
        while true {
            let moved = csystem_splice(descriptor, ends[1], min(most, size))
            if moved > 0 {
                count += moved
                return .bytes(moved)
            }
            if moved == 0 { return .closed }
            if errno == EAGAIN { return .wouldBlock }
            if errno != EINTR { return .failed(errno) }
        }
    }

    /// Gives a socket what it takes of the bytes; there are some.
    public func drain(to descriptor: Int32) -> IOResult {
        while true {
            let moved = csystem_splice(ends[0], descriptor, count)
            if moved > 0 {
                count -= moved
                return .bytes(moved)
            }
            if moved == 0 || errno == EAGAIN { return .wouldBlock }
            if errno != EINTR { return .failed(errno) }
        }
    }

    /// Copies all that is left behind `buffer`'s end; false if it has no room for that.
    public func empty(into buffer: inout Buffer) -> Bool {
        while count > 0 {
            let moved = buffer.withRoom { room, most in Glibc.read(ends[0], room, min(most, count)) }
            guard let moved, moved > 0 else { return false }
            buffer.filled(moved)
            count -= moved
        }
        return true
    }
}
