import Basics
import Glibc
import Testing

@testable import Wire

@Suite("Listener and Socket on loopback")
struct ListenerTests {
    /// A listener on a free port.
    private func listener(_ address: String = "127.0.0.1", sharesPort: Bool = false) throws -> Listener {
        let address = try #require(SocketAddress(address, port: 0))
        return try Listener(address, v6Only: true, deferAccept: false, sharesPort: sharesPort)
    }

    private func isReady(_ descriptor: Int32, _ events: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&request, 1, 5000) == 1
    }

    private func flags(_ descriptor: Int32) -> (isNonBlocking: Bool, closesOnExec: Bool) {
        (fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0, fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    /// Reads until something other than "not now" comes.
    private func read(_ descriptor: Int32, into buffer: inout Buffer, most: Int = .max) -> IOResult {
        _ = isReady(descriptor, Int32(POLLIN))
        return Socket.read(descriptor, into: &buffer, most: most)
    }

    @Test("tells the port the system chose")
    func chosenPort() throws {
        let listener = try listener()
        #expect(listener.address.port != 0)
        #expect(listener.address.description(withPort: false) == "127.0.0.1")
        let (isNonBlocking, closesOnExec) = flags(listener.descriptor)
        #expect(isNonBlocking && closesOnExec)
        let none = listener.accept()
        #expect(none == nil)
    }

    @Test("says that a port is in use")
    func portInUse() throws {
        let first = try listener()
        let failure = #expect(throws: Listener.Failure.self) {
            _ = try Listener(first.address, v6Only: true, deferAccept: false)
        }
        #expect(failure?.step == "bind" && failure?.code == EADDRINUSE)
        #expect(failure?.message == "bind: Address already in use")
    }

    @Test("says that a port is in use also when only one of both would share it")
    func oneShares() throws {
        let first = try listener()
        let failure = #expect(throws: Listener.Failure.self) {
            _ = try Listener(first.address, v6Only: true, deferAccept: false, sharesPort: true)
        }
        #expect(failure?.code == EADDRINUSE)
    }

    @Test("one that only has its address lets nobody in, and finds those that listen")
    func withoutListening() throws {
        let address = try #require(SocketAddress("127.0.0.1", port: 0))
        var taken: SocketAddress
        do {
            let probe = try Listener(address, v6Only: true, deferAccept: false, listens: false)
            taken = probe.address
            let client = Socket.connect(to: taken)
            defer { Socket.close(client) }
            _ = client < 0 || isReady(client, Int32(POLLOUT))
            #expect(client < 0 || Socket.error(client) == ECONNREFUSED)
        }
        for sharesPort in [false, true] {
            let listener = try listener(sharesPort: sharesPort)
            taken = listener.address
            let failure = #expect(throws: Listener.Failure.self) {
                _ = try Listener(taken, v6Only: true, deferAccept: false, listens: false)
            }
            #expect(failure?.step == "bind" && failure?.code == EADDRINUSE)
        }
    }

    @Test("listeners that share their port have the same one")
    func shared() throws {
        let first = try listener(sharesPort: true)
        let second = try Listener(first.address, v6Only: true, deferAccept: false, sharesPort: true)
        #expect(first.address == second.address)
        #expect(first.descriptor != second.descriptor)
    }

    @Test("an address of another machine can not be bound")
    func foreignAddress() throws {
        let address = try #require(SocketAddress("192.0.2.1", port: 0))
        let failure = #expect(throws: Listener.Failure.self) {
            _ = try Listener(address, v6Only: true, deferAccept: false)
        }
        #expect(failure == Listener.Failure(step: "bind", code: EADDRNOTAVAIL))
    }

    @Test("a closed listener gives its port back")
    func reopened() throws {
        var address = SocketAddress()
        do {
            let first = try listener()
            address = first.address
        }
        let second = try Listener(address, v6Only: true, deferAccept: false)
        #expect(second.address == address)
    }

    @Test("moves bytes both ways and tells how each side ends")
    func conversation() throws {
        let listener = try listener()
        let client = Socket.connect(to: listener.address)
        try #require(client >= 0)
        try #require(isReady(client, Int32(POLLOUT)) && isReady(listener.descriptor, Int32(POLLIN)))
        #expect(Socket.error(client) == 0)
        let accepted = listener.accept()
        let server = try #require(accepted)
        #expect(server.peer == Listener.localAddress(client))
        let (isNonBlocking, closesOnExec) = flags(server.descriptor)
        #expect(isNonBlocking && closesOnExec)

        var buffer = Buffer(capacity: 8)
        var results = [Socket.read(server.descriptor, into: &buffer)]
        results.append("hello".withView { Socket.write(client, $0) })
        results.append(read(server.descriptor, into: &buffer, most: 2))
        results.append(read(server.descriptor, into: &buffer))
        results.append("".withView { Socket.write(client, $0) })
        Socket.shutdownWrite(client)
        results.append(read(server.descriptor, into: &buffer))
        results.append("worldworld".withView { Socket.write(server.descriptor, $0) })
        let text = buffer.view.text
        #expect(text == "hello")
        #expect(results == [.wouldBlock, .bytes(5), .bytes(2), .bytes(3), .wouldBlock, .closed, .bytes(10)])

        results = [read(client, into: &buffer)]
        results.append(read(client, into: &buffer))
        var none = Buffer()
        results.append(read(client, into: &none))
        #expect(results == [.bytes(3), .wouldBlock, .wouldBlock])
        Socket.close(client)
        Socket.close(server.descriptor)
    }

    @Test("a connection that is refused or reset is a value")
    func failures() throws {
        var address = SocketAddress()
        do {
            let listener = try listener()
            address = listener.address
        }
        let refused = Socket.connect(to: address)
        if refused >= 0 {
            _ = isReady(refused, Int32(POLLOUT))
            #expect(Socket.error(refused) == ECONNREFUSED)
            Socket.close(refused)
        } else {
            #expect(refused == -ECONNREFUSED)
        }
        var buffer = Buffer(capacity: 8)
        let bad = Socket.read(-1, into: &buffer)
        #expect(bad == .failed(EBADF))
        #expect("x".withView { Socket.write(-1, $0) } == .failed(EBADF))
        #expect(Listener.localAddress(-1) == SocketAddress())
    }

    @Test("writes until the other side's memory is full, then waits")
    func backPressure() throws {
        let listener = try listener()
        let client = Socket.connect(to: listener.address)
        try #require(
            client >= 0 && isReady(client, Int32(POLLOUT)) && isReady(listener.descriptor, Int32(POLLIN)))
        let accepted = listener.accept()
        let server = try #require(accepted)
        let block = [UInt8](repeating: 1, count: 1 << 20)
        var last = IOResult.bytes(0)
        for _ in 0..<200 where last != .wouldBlock { last = block.withView { Socket.write(client, $0) } }
        #expect(last == .wouldBlock)
        Socket.close(client)
        Socket.close(server.descriptor)
    }

    @Test("IPv6 listeners take IPv6 connections", .enabled(if: ListenerTests.hasV6))
    func version6() throws {
        let listener = try listener("::1")
        let client = Socket.connect(to: listener.address)
        try #require(client >= 0 && isReady(listener.descriptor, Int32(POLLIN)))
        let accepted = listener.accept()
        let server = try #require(accepted)
        #expect(server.peer.isV6 && listener.address.isV6)
        Socket.close(client)
        Socket.close(server.descriptor)
    }

    private static var hasV6: Bool {
        guard let address = SocketAddress("::1", port: 0) else { return false }
        return (try? Listener(address, v6Only: true, deferAccept: false)) != nil
    }
}
