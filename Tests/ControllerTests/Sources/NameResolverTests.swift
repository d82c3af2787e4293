import Glibc
import Testing

@testable import Controller

@Suite(.timeLimit(.minutes(5))) struct NameResolverTests {
    private func withServer(
        _ entries: [String: NameServer.Entry], _ body: (NameServer, NameLookup) async throws -> Void
    ) async throws {
        let server = try NameServer(entries)
        let thread = WatchThread.start { server.serve() }
        #expect(thread != nil)
        defer {
            server.stop()
            if let thread { pthread_join(thread, nil) }
        }
        try await body(server, NameLookup(serverPort: server.port))
    }

    @Test("addresses and the shortest time on the way to them are read")
    func found() async throws {
        try await withServer(["db.example": .addresses(v4: [[192, 0, 2, 7], [192, 0, 2, 8]], seconds: 42)]) {
            _, lookup in
            #expect(lookup.addresses(of: "db.example") == .found(["192.0.2.7", "192.0.2.8"], seconds: 42))
        }
    }

    @Test("a name that does not exist is absent; a server that fails or sends nonsense tells nothing")
    func others() async throws {
        try await withServer(["broken.example": .broken, "garbage.example": .garbage]) { _, lookup in
            #expect(lookup.addresses(of: "gone.example") == .absent)
            #expect(lookup.addresses(of: "broken.example") == .failed)
            #expect(lookup.addresses(of: "garbage.example") == .failed)
        }
    }

    @Test("a name without addresses of any family is absent")
    func noData() async throws {
        try await withServer(["empty.example": .addresses(v4: [], seconds: 9)]) { _, lookup in
            #expect(lookup.addresses(of: "empty.example") == .absent)
        }
    }

    @Test("an address stands for itself", arguments: ["192.0.2.1", "2001:db8::1"])
    func literal(address: String) {
        #expect(NameLookup(serverPort: 1).addresses(of: address) == .found([address], seconds: .max))
    }

    @Test("where local addresses are not allowed they are left out")
    func noLocal() async throws {
        try await withServer(["a.example": .addresses(v4: [[127, 0, 0, 1], [192, 0, 2, 7]], seconds: 5)]) {
            _, lookup in
            var lookup = lookup
            lookup.allowsLocal = false
            #expect(lookup.addresses(of: "a.example") == .found(["192.0.2.7"], seconds: 5))
            #expect(lookup.addresses(of: "169.254.169.254") == .found([], seconds: .max))
        }
    }

    @Test(
        "what can not be a name is absent and asks nobody",
        arguments: ["", "a\0b", String(repeating: "a", count: 300)])
    func impossible(name: String) {
        #expect(NameLookup(serverPort: 1).addresses(of: name) == .absent)
    }

    @Test("the hosts file is asked first")
    func hosts() {
        guard case .found(let addresses, _) = NameLookup().addresses(of: "localhost") else { return }
        #expect(addresses.contains("127.0.0.1") || addresses.contains("::1"))
    }

    @Test("names whose server is silent do not keep the others waiting")
    func silentServer() async throws {
        let found = NameServer.Entry.addresses(v4: [[192, 0, 2, 7]], seconds: 60)
        try await withServer(["a.example": .silent, "b.example": .silent, "z.example": found]) { _, lookup in
            let (updates, entrance) = AsyncStream<String>.makeStream()
            let resolver = NameResolver(lookup: lookup) { name, _ in entrance.yield(name) }
            #expect(resolver.start())
            resolver.follow(["a.example", "b.example", "z.example"])
            var seen = updates.makeAsyncIterator()
            #expect(await seen.next() == "z.example", "though its turn comes last")
            resolver.stop()
        }
    }

    @Test("the resolver tells addresses, and tells them again when they change")
    func resolver() async throws {
        try await withServer(["db.example": .addresses(v4: [[192, 0, 2, 7]], seconds: 0)]) { server, lookup in
            let (updates, entrance) = AsyncStream<[String]>.makeStream()
            let resolver = NameResolver(lookup: lookup) { name, addresses in
                if name == "db.example" { entrance.yield(addresses) }
            }
            #expect(resolver.start())
            resolver.follow(["db.example"])
            var seen = updates.makeAsyncIterator()
            #expect(await seen.next() == ["192.0.2.7"])
            server.set(.addresses(v4: [[192, 0, 2, 9]], seconds: 0), for: "db.example")
            #expect(await seen.next() == ["192.0.2.9"])
            resolver.stop()
        }
    }
}
