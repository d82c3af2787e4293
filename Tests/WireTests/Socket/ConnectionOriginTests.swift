import Glibc
import Testing

@testable import Wire

@Suite("Socket: where connections come from")
struct ConnectionOriginTests {
    private func listener() throws -> Listener {
        try Listener(try #require(SocketAddress("127.0.0.1", port: 0)), v6Only: true, deferAccept: false)
    }

    private func origin(_ address: String, _ ports: ClosedRange<UInt16>? = nil) -> ConnectionOrigin {
        var origin = ConnectionOrigin()
        origin.address = SocketAddress(address, port: 0)
        origin.ports = ports
        return origin
    }

    @Test("a connection has the address that is said")
    func address() throws {
        let listener = try listener()
        let client = Socket.connect(to: listener.address, from: origin("127.0.0.7"))
        try #require(client >= 0)
        defer { Socket.close(client) }
        let own = Listener.localAddress(client)
        #expect(own.description(withPort: false) == "127.0.0.7" && own.port > 0)
    }

    @Test("an address that is not this machine's is none")
    func strange() throws {
        let listener = try listener()
        #expect(Socket.connect(to: listener.address, from: origin("192.0.2.77")) == -EADDRNOTAVAIL)
        #expect(
            Socket.connect(to: listener.address, from: origin("192.0.2.77", 1_024...9_999)) == -EADDRNOTAVAIL)
    }

    @Test("of several ports the next free one is taken, and of none that is free none")
    func ports() throws {
        let listener = try listener()
        // Three in a row that were free a moment ago, below those that the system gives out.
        let low = UInt16.random(in: 5_000...9_900)
        let range = low...low + 2
        var (ports, descriptors): (Set<UInt16>, [Int32]) = ([], [])
        defer { for descriptor in descriptors { Socket.close(descriptor) } }
        for _ in range {
            let client = Socket.connect(to: listener.address, from: origin("127.0.0.8", range))
            try #require(client >= 0)
            descriptors.append(client)
            ports.insert(Listener.localAddress(client).port)
        }
        #expect(ports == Set(range))
        let further = Socket.connect(to: listener.address, from: origin("127.0.0.8", range))
        #expect(further == -EADDRNOTAVAIL || further == -EADDRINUSE)
    }

    @Test("every port of a range has its turn, from a random one on")
    func candidates() {
        let found = origin("127.0.0.1", 10...13).candidates
        #expect(Set(found.map(\.port)) == [10, 11, 12, 13] && found.count == 4)
        for (one, next) in zip(found, found.dropFirst()) {
            #expect(next.port == (one.port == 13 ? 10 : one.port + 1))
        }
        #expect(origin("127.0.0.1").candidates.map(\.port) == [0])
        #expect(ConnectionOrigin().candidates.isEmpty)
        #expect(origin("127.0.0.1", 1...65_535).candidates.count == 64)
    }

    @Test("how long unacknowledged bytes are waited for")
    func patience() throws {
        let listener = try listener()
        var origin = ConnectionOrigin()
        origin.patience = 4_321
        let client = Socket.connect(to: listener.address, from: origin)
        try #require(client >= 0)
        defer { Socket.close(client) }
        var (value, size) = (UInt32(0), socklen_t(4))
        #expect(getsockopt(client, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &value, &size) == 0)
        #expect(value == 4_321)
    }

    @Test("an interface that is not there is told")
    func interface() throws {
        let listener = try listener()
        var origin = ConnectionOrigin()
        origin.interface = "nosuch0"
        let result = Socket.connect(to: listener.address, from: origin)
        #expect(result == -ENODEV || result == -EPERM)
    }
}
