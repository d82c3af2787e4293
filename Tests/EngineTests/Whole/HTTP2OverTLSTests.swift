import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("HTTP/2 over TLS with servers", .serialized)
struct HTTP2OverTLSTests {
    private let authority: GeneratedAuthority
    private let leaf: GeneratedAuthority.Leaf
    private static var now: Int64 { Int64(time(nil)) }

    init() throws {
        authority = try GeneratedAuthority(commonName: "authority", now: Self.now)
        leaf = try authority.issue(names: ["shop.example", "b.example"], now: Self.now)
    }

    /// A server that offers both versions, or those that are named first.
    private struct Servers {
        let new: TestHTTP2Backend
        let old: TestBackend
        let front: TestTLSFront

        func stop() {
            front.stop()
            new.stop()
            old.stop()
        }

        func speak(_ names: String...) {
            front.speak(names.map { ($0, $0 == "h2" ? new.port : old.port) })
        }
    }

    private func servers(
        _ names: String..., of leaf: GeneratedAuthority.Leaf? = nil, announcesClient: Bool = false
    ) throws -> Servers {
        let new = try TestHTTP2Backend()
        let old = try TestBackend("old", answer: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold")
        let targets = names.map { ($0, $0 == "h2" ? new.port : old.port) }
        let front = try TestTLSFront(leaf ?? self.leaf, to: targets, announcesClient: announcesClient)
        return Servers(new: new, old: old, front: front)
    }

    private func engine(
        _ servers: Servers..., speaks: ServerProtocol = .negotiated, offers: [String] = ["h2", "http/1.1"],
        _ configure: (inout Backend) -> Void = { _ in }
    ) throws -> TestEngine {
        let engine = try TestEngine()
        let isPublished = publish(engine, servers, speaks, offers, configure)
        #expect(isPublished)
        return engine
    }

    private func publish(
        _ engine: TestEngine, _ servers: [Servers], _ speaks: ServerProtocol, _ offers: [String],
        _ configure: (inout Backend) -> Void
    ) -> Bool {
        var tls = ServerTLS(trusting: AuthorityBundle(certificatesPEM: authority.certificatePEM))
        tls.serverName = .fixed("shop.example")
        tls.protocols = offers
        var pool = Backend(
            servers: servers.map { Server(address: "127.0.0.1", port: $0.front.port) },
            origin: TestEngine.origin)
        for i in pool.servers.indices {
            pool.servers[i].tls = tls
            pool.servers[i].speaks = speaks
        }
        pool.retries = 1
        configure(&pool)
        var change = Change()
        change.backends = [TestEngine.backend: pool]
        let route = Route(
            path: "/", match: .prefix, target: .backend(TestEngine.backend), origin: TestEngine.origin)
        change.routes = [
            .exact("shop.example"): HostRoutes([route]), .exact("b.example"): HostRoutes([route]),
        ]
        return engine.publish(change)
    }

    @Test(
        "requests that come together share the connection on which HTTP/2 is agreed",
        arguments: [true, false])
    func shared(isForced: Bool) throws {
        let servers = try servers("h2", "http/1.1")
        defer { servers.stop() }
        let engine = try engine(servers, speaks: isForced ? .http2 : .negotiated)
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<50 { _ = client.ask("/") }
        #expect(client.read { client.endings.count == 50 })
        #expect(Set(client.statuses.values) == [200])
        #expect(servers.front.handshakes == [.init(serverName: "shop.example", chosen: "h2")])
        #expect(servers.new.seen.heads.allSatisfy { $0.hasPrefix("GET https ") })
        let metrics = engine.engine.metrics()
        #expect(metrics.workers[0].serverHandshakes == 1)
        #expect((metrics.backends.first?.connects, metrics.backends.first?.reuses) == (1, 49))
    }

    @Test(
        "a server that chooses HTTP/1.1, or nothing, is spoken HTTP/1.1 with, and that is remembered",
        arguments: ["http/1.1", ""])
    func older(chosen: String) throws {
        let servers = try servers(chosen)
        defer { servers.stop() }
        let engine = try engine(servers)
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<20 { _ = client.ask("/") }
        #expect(client.read { client.endings.count == 20 })
        #expect(Set(client.statuses.values) == [200])
        #expect(servers.front.handshakes.count <= 20)
        #expect(Set(servers.front.handshakes.map(\.chosen)) == [chosen])
        let before = engine.engine.metrics().backends.first
        let plain = engine.connect()
        for _ in 0..<10 { #expect(plain.get("/")?.body == "old") }
        let after = engine.engine.metrics().backends.first
        #expect(after?.connects == before?.connects, "one after the other needs no new connection")
        #expect(after?.retries == 0)
        #expect(servers.new.seen.connections == 0)
    }

    @Test("a server may change its mind; what is under way goes on as it began")
    func changing() throws {
        let servers = try servers("h2", "http/1.1")
        defer { servers.stop() }
        let engine = try engine(servers)
        let client = engine.connect()
        for (path, name) in [
            ("/bye", "h2"), ("/", "http/1.1"), ("/last", "http/1.1"), ("/", "h2"), ("/bye", "h2"),
            ("/", "http/1.1"),
        ] {
            servers.speak(name)
            client.ask(path)
            let head = try #require(client.read(through: "\r\n\r\n"))
            #expect(head.hasPrefix("HTTP/1.1 200 "))
            #expect(
                client.read(through: head.contains("chunked") ? "0\r\n\r\n" : "old") != nil, "\(path) \(name)"
            )
        }
        #expect(Set(servers.front.handshakes.map(\.chosen)) == ["h2", "http/1.1"])
    }

    @Test(
        "where HTTP/2 is a must, a server that does not choose it is not spoken to, and it is said why",
        arguments: ["http/1.1", ""])
    func forced(chosen: String) throws {
        let servers = try servers(chosen)
        defer { servers.stop() }
        let engine = try engine(servers, speaks: .http2)
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<3 { _ = client.ask("/") }
        #expect(client.read { client.endings.count == 3 })
        #expect(Set(client.statuses.values) == [503])
        let metrics = engine.engine.metrics()
        #expect(metrics.failedServerHandshakes.keys.sorted() == ["no application protocol"])
        #expect(metrics.backends.first?.connectErrors ?? 0 >= 3)
        #expect(servers.old.requests == 0)
    }

    @Test("HTTP/2 is not offered where it is not wanted", arguments: [ServerProtocol.http1, .negotiated])
    func notOffered(speaks: ServerProtocol) throws {
        let servers = try servers("h2", "http/1.1")
        defer { servers.stop() }
        let engine = try engine(
            servers, speaks: speaks, offers: speaks == .http1 ? ["h2", "http/1.1"] : ["http/1.1"])
        #expect(engine.connect().get("/")?.body == "old")
        #expect(servers.front.handshakes.map(\.chosen) == ["http/1.1"])
    }

    @Test(
        "a server that can not be verified fails as over HTTP/1", arguments: [ServerProtocol.http2, .http1])
    func unverified(speaks: ServerProtocol) throws {
        let stranger = try GeneratedAuthority(commonName: "stranger", now: Self.now)
        let servers = try servers(
            "h2", "http/1.1", of: stranger.issue(names: ["shop.example"], now: Self.now))
        defer { servers.stop() }
        let engine = try engine(servers, speaks: speaks)
        #expect(engine.connect().get("/")?.status == 503)
        let metrics = engine.engine.metrics()
        #expect(metrics.failedServerHandshakes == ["peer certificate untrusted": 2])
        #expect(metrics.backends.first?.connectErrors == 2)
        #expect(metrics.backends.first?.retries == 1)
        #expect(eventually { engine.engine.metrics().workers[0].openServers == 0 })
    }

    @Test("a server that can not be verified is passed over for one that can")
    func redispatched() throws {
        let stranger = try GeneratedAuthority(commonName: "stranger", now: Self.now)
        let bad = try servers("h2", of: stranger.issue(names: ["shop.example"], now: Self.now))
        let good = try servers("h2")
        defer { [bad, good].forEach { $0.stop() } }
        let engine = try engine(bad, good)
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<8 { _ = client.ask("/") }
        #expect(client.read { client.endings.count == 8 })
        #expect(Set(client.statuses.values) == [200])
        #expect(bad.new.seen.requests == 0)
    }

    @Test("connections of one name carry no request for another")
    func namesStayApart() throws {
        let servers = try servers("h2")
        defer { servers.stop() }
        let engine = try engine(servers) { $0.servers[0].tls?.serverName = .requestHost }
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<3 {
            _ = client.ask("/", authority: "shop.example")
            _ = client.ask("/", authority: "b.example")
        }
        #expect(client.read { client.endings.count == 6 })
        #expect(Set(client.statuses.values) == [200])
        #expect(servers.front.handshakes.map(\.serverName).sorted() == ["b.example", "shop.example"])
        #expect(servers.new.seen.connections == 2)
    }

    @Test("streams that were not begun with are repeated, and the next connection resumes the session")
    func repeated() throws {
        for path in ["/refuse", "/drop"] {
            let servers = try servers("h2")
            defer { servers.stop() }
            let engine = try engine(servers)
            let client = try #require(TestHTTP2(engine))
            _ = client.ask("/")
            #expect(client.read { client.statuses[1] == 200 })
            _ = client.ask(path)
            #expect(client.read { client.statuses[3] == 200 })
            #expect(eventually { engine.engine.metrics().backends.first?.retries == 1 })
        }
        let servers = try servers("h2")
        defer { servers.stop() }
        let engine = try engine(servers)
        let client = try #require(TestHTTP2(engine))
        for stream: Int32 in [1, 3, 5] {
            _ = client.ask("/bye")
            #expect(client.read { client.endings[stream] == .complete })
        }
        #expect(servers.front.handshakes.map(\.isResumed) == [false, true, true])
        #expect(eventually { engine.engine.metrics().workers[0].resumedServerHandshakes == 2 })
    }

    @Test("a PROXY header goes ahead of the handshake")
    func announced() throws {
        let servers = try servers("h2", announcesClient: true)
        defer { servers.stop() }
        let engine = try engine(servers) { $0.servers[0].sentProxyHeader = .text }
        let client = try #require(TestHTTP2(engine))
        _ = client.ask("/")
        #expect(client.read { client.statuses[1] == 200 })
        #expect(servers.front.announced.first?.hasPrefix("PROXY TCP4 127.0.0.1 127.0.0.1 ") == true)
    }

    @Test("a server's limit counts streams")
    func limited() throws {
        let servers = try servers("h2")
        defer { servers.stop() }
        let engine = try engine(servers) { $0.servers[0].maxConnections = 3 }
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<7 { _ = client.ask("/never") }
        #expect(eventually { servers.new.seen.requests == 3 && engine.engine.activeExchanges == 7 })
        #expect(servers.new.seen.connections == 1)
        client.connection.close()
        #expect(eventually { engine.engine.activeExchanges == 0 })
        #expect(engine.connect().get("/")?.status == 200)
    }

    @Test("large bodies go both ways")
    func largeBodies() throws {
        let servers = try servers("h2")
        defer { servers.stop() }
        let engine = try engine(servers)
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<3 { _ = client.ask("/large") }
        #expect(client.read { client.endings.count == 3 })
        for stream: Int32 in [1, 3, 5] { #expect(client.bodies[stream] == TestHTTP2Backend.large) }
        let old = engine.connect()
        old.send("POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 1000000\r\n\r\n")
        old.send(String(repeating: "x", count: 1_000_000))
        #expect(old.read(through: "0\r\n\r\n")?.hasSuffix("7\r\n1000000\r\n0\r\n\r\n") == true)
    }
}
