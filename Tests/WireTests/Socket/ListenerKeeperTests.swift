import CSystem
import Glibc
import Testing

@testable import Wire

@Suite("Listener keeper and memory file") struct ListenerKeeperTests {
    /// Both ends of what a process and its keeper share.
    private func ends() throws -> (process: Int32, keeper: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(csystem_socketpair(&ends) == 0)
        return (ends[0], ends[1])
    }

    /// What the keeper was sent, one message.
    private func taken(_ channel: Int32) -> (kind: CChar, descriptor: Int32)? {
        var (kind, descriptor): (CChar, Int32) = (0, -1)
        return csystem_take_over(channel, &kind, &descriptor) == 1 ? (kind, descriptor) : nil
    }

    private func open(_ port: UInt16, _ keeper: ListenerKeeper?, sharesPort: Bool = true) throws -> Listener {
        let address = try #require(SocketAddress("127.0.0.1", port: port))
        return try Listener(address, v6Only: true, deferAccept: false, sharesPort: sharesPort, keeper: keeper)
    }

    /// Connects; negative if it is refused.
    private func connect(_ port: UInt16) throws -> Int32 {
        let client = Socket.connect(to: try #require(SocketAddress("127.0.0.1", port: port)))
        var waited = pollfd(fd: client, events: Int16(POLLOUT), revents: 0)
        guard client >= 0, poll(&waited, 1, 5_000) == 1, Socket.error(client) == 0 else { return -1 }
        return client
    }

    /// A listener's port and a copy of it, as a keeper has them after the process that opened it has died.
    private func orphan() throws -> (port: UInt16, descriptor: Int32) {
        let listener = try open(0, nil)
        return (listener.address.port, fcntl(listener.descriptor, F_DUPFD_CLOEXEC, 3))
    }

    @Test("what is opened is kept")
    func kept() throws {
        let channel = try ends()
        defer { for end in [channel.process, channel.keeper] { close(end) } }
        let listener = try open(0, ListenerKeeper(channel.process, inherited: []))
        let kept = try #require(taken(channel.keeper))
        #expect(kept.kind == ListenerKeeper.Kind.listener && ListenerKeeper.listens(kept.descriptor))
        let port = listener.address.port
        #expect(Listener.localAddress(kept.descriptor).port == port)
        close(kept.descriptor)
    }

    @Test("a successor takes the socket that was kept, with who waits at it")
    func successor() throws {
        let channel = try ends()
        defer { for end in [channel.process, channel.keeper] { close(end) } }
        let (port, descriptor) = try orphan()
        let client = try connect(port)
        #expect(client >= 0)
        let keeper = ListenerKeeper(channel.process, inherited: [descriptor])
        #expect(keeper.holds(port: port))
        let successor = try open(port, keeper)
        #expect(!keeper.holds(port: port))
        let accepted = successor.accept()?.descriptor ?? -1
        #expect(accepted >= 0)
        close(accepted)
        close(client)
    }

    @Test("a socket of another kind or address is not taken for the one that is wanted")
    func otherKind() throws {
        let channel = try ends()
        defer { for end in [channel.process, channel.keeper] { close(end) } }
        let held = try open(0, nil)
        let copy = fcntl(held.descriptor, F_DUPFD_CLOEXEC, 3)
        let keeper = ListenerKeeper(channel.process, inherited: [copy])
        let own = held.address
        #expect(keeper.take(own, v6Only: true, sharesPort: false) == nil)
        #expect(
            keeper.take(
                try #require(SocketAddress("127.0.0.2", port: own.port)), v6Only: true, sharesPort: true)
                == nil)
        #expect(keeper.take(own, v6Only: true, sharesPort: true) == copy)
        close(copy)
    }

    @Test("what is let go of stops listening in every copy, and the keeper hears of it")
    func letGo() throws {
        let channel = try ends()
        defer { for end in [channel.process, channel.keeper] { close(end) } }
        var port: UInt16 = 0
        do {
            let listener = try open(0, ListenerKeeper(channel.process, inherited: []))
            port = listener.address.port
        }
        let kept = try #require(taken(channel.keeper))
        #expect(!ListenerKeeper.listens(kept.descriptor))
        #expect(try connect(port) < 0)
        let word = try #require(taken(channel.keeper))
        #expect(word.kind == ListenerKeeper.Kind.closed && word.descriptor < 0)
        // The address is free for another one while the copy is still there.
        let again = try open(port, nil, sharesPort: false)
        #expect(again.address.port == port)
        close(kept.descriptor)
    }

    @Test("what nobody asks for is closed")
    func rest() throws {
        let channel = try ends()
        defer { for end in [channel.process, channel.keeper] { close(end) } }
        let held = try open(0, nil)
        let keeper = ListenerKeeper(channel.process, inherited: [fcntl(held.descriptor, F_DUPFD_CLOEXEC, 3)])
        keeper.closeRest()
        #expect(!keeper.holds(port: held.address.port))
        #expect(try connect(held.address.port) < 0)
    }

    @Test("a memory file holds what it was made with, and nobody can change it", arguments: [0, 1, 70_000])
    func memoryFile(size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let file = try #require(MemoryFile.make("test", bytes))
        defer { close(file) }
        #expect(MemoryFile.read(file) == bytes)
        #expect(write(file, "x", 1) < 0 && ftruncate(file, off_t(size + 1)) < 0)
        #expect(fcntl(file, F_GETFD) & FD_CLOEXEC != 0)
        var known = stat()
        #expect(fstat(file, &known) == 0 && known.st_mode & 0o777 == 0o600)
    }

    @Test("a file that could still change is not read")
    func unsealed() {
        let file = csystem_memory_file("test")
        defer { close(file) }
        #expect(file >= 0 && MemoryFile.read(file) == nil)
        #expect(MemoryFile.read(-1) == nil)
    }
}
