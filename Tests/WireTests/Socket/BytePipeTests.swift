import Basics
import Glibc
import Testing

@testable import Wire

@Suite("Pipes between sockets")
struct BytePipeTests {
    /// Two connected sockets that block nobody, closed at the end.
    private final class Pair {
        var ends: [Int32] = [-1, -1]
        init() {
            socketpair(
                AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &ends)
        }
        deinit { for end in ends { close(end) } }

        func send(_ bytes: [UInt8]) -> Int {
            Glibc.send(ends[0], bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }

        func receive(_ most: Int) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: most)
            let count = recv(ends[1], &bytes, most, 0)
            return Array(bytes[..<max(0, count)])
        }
    }

    private let text = Array("what goes in comes out".utf8)

    @Test("bytes go through in order")
    func through() {
        let (from, to, pipe) = (Pair(), Pair(), BytePipe(size: 64 * 1024))
        #expect(from.send(text) == text.count)
        #expect(pipe.fill(from: from.ends[1], most: 4) == .bytes(4))
        #expect(pipe.count == 4)
        #expect(pipe.drain(to: to.ends[0]) == .bytes(4))
        #expect(pipe.fill(from: from.ends[1], most: 100) == .bytes(text.count - 4))
        #expect(pipe.drain(to: to.ends[0]) == .bytes(text.count - 4))
        #expect(pipe.count == 0)
        #expect(to.receive(100) == text)
    }

    @Test("nothing there, an end, and what is no descriptor are told apart")
    func ends() {
        let (from, pipe) = (Pair(), BytePipe(size: 64 * 1024))
        #expect(pipe.fill(from: from.ends[1], most: 100) == .wouldBlock)
        shutdown(from.ends[0], Int32(SHUT_WR))
        #expect(pipe.fill(from: from.ends[1], most: 100) == .closed)
        #expect(pipe.fill(from: -1, most: 100) == .failed(EBADF))
    }

    @Test("what a socket does not take is taken out again, and a closed pipe begins anew")
    func left() {
        let (from, to, pipe) = (Pair(), Pair(), BytePipe(size: 64 * 1024))
        let filler = [UInt8](repeating: 0, count: 4096)
        while to.send(filler) > 0 {}
        #expect(from.send(text) == text.count)
        #expect(pipe.fill(from: from.ends[1], most: 100) == .bytes(text.count))
        #expect(pipe.drain(to: to.ends[0]) == .wouldBlock)
        var buffer = Buffer(capacity: 64)
        let isEmptied = pipe.empty(into: &buffer)
        #expect(isEmptied)
        #expect(buffer.view.bytes == text && pipe.count == 0)

        #expect(from.send(text) == text.count)
        #expect(pipe.fill(from: from.ends[1], most: 100) == .bytes(text.count))
        var small = Buffer(capacity: 4)
        let hasRoom = pipe.empty(into: &small)
        #expect(!hasRoom)
        pipe.close()
        #expect(pipe.count == 0)
        #expect(from.send(text) == text.count)
        #expect(pipe.fill(from: from.ends[1], most: 100) == .bytes(text.count))
    }

    @Test("a reader that is gone is a failure, not a signal")
    func gone() {
        let (from, pipe) = (Pair(), BytePipe(size: 64 * 1024))
        let to = Pair()
        close(to.ends[1])
        to.ends[1] = -1
        #expect(from.send(text) == text.count)
        #expect(pipe.fill(from: from.ends[1], most: 100) == .bytes(text.count))
        #expect(pipe.drain(to: to.ends[0]) == .failed(EPIPE))
    }
}
