import Model
import Testing
import Wire

@testable import Engine

@Suite("Upstream: where connections to servers come from")
struct ServerOriginTests {
    private let server = SocketAddress("192.0.2.1", port: 80) ?? SocketAddress()
    private let client = SocketAddress("198.51.100.7", port: 4_000) ?? SocketAddress()

    private func origin(_ change: (inout ServerSource) -> Void) throws -> ServerOrigin {
        var source = ServerSource()
        change(&source)
        return try #require(ServerOrigin(source))
    }

    @Test("nothing said is no origin")
    func nothing() {
        #expect(ServerOrigin(nil) == nil)
        #expect(ServerOrigin(ServerSource()) == nil)
    }

    @Test("an address of ours is everybody's")
    func own() throws {
        let origin = try origin { ($0.address, $0.ports, $0.patience) = ("192.0.2.9", 5...6, 700) }
        #expect(!origin.isClients)
        let found = origin.origin(for: client, to: server)
        #expect(found == origin.ours)
        #expect(found.address == SocketAddress("192.0.2.9", port: 0))
        #expect(found.ports == 5...6 && found.patience == 700 && !found.isForeign)
    }

    @Test("a client's address, with its port or without")
    func foreign() throws {
        let address = try origin { ($0.address, $0.foreign) = ("192.0.2.9", .clientAddress) }
        #expect(address.isClients)
        let found = address.origin(for: client, to: server)
        #expect(found.address == client && found.ports == nil && found.isForeign)
        let whole = try origin { $0.foreign = .client }.origin(for: client, to: server)
        #expect(whole.ports == 4_000...4_000)
        // Checks are nobody's.
        #expect(address.ours.address == SocketAddress("192.0.2.9", port: 0) && !address.ours.isForeign)
    }

    @Test("an address of another family can not be used")
    func families() throws {
        let origin = try origin { ($0.address, $0.foreign) = ("192.0.2.9", .client) }
        let v6 = try #require(SocketAddress("2001:db8::1", port: 1))
        #expect(origin.origin(for: v6, to: server) == origin.ours)
        #expect(origin.origin(for: client, to: v6) == origin.ours)
        let local = try #require(SocketAddress(local: "unix@/run/x"))
        #expect(origin.origin(for: local, to: server) == origin.ours)
    }
}
