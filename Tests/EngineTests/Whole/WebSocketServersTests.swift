import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("WebSockets to servers of HTTP/2", .serialized)
struct WebSocketServersTests {
    private static let ask =
        "GET /chat?a=b HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

    private func start(_ backend: TestHTTP2Backend) throws -> TestEngine {
        let engine = try TestEngine()
        let isServed = engine.serve([]) { pool in
            pool.servers = [Server(address: "127.0.0.1", port: backend.port)]
            pool.servers[0].speaks = .http2
        }
        #expect(isServed)
        return engine
    }

    @Test("a client of HTTP/1 gets its handshake's proof, and bytes pass both ways until both have ended")
    func fromHTTP1() throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try start(backend)
        let client = engine.connect()
        client.send(Self.ask + "early")
        let head = try #require(client.read(through: "\r\n\r\n"))
        #expect(head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
        for line in [
            "Upgrade: websocket", "Connection: upgrade",
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "sec-websocket-protocol: chat",
        ] {
            #expect(head.contains("\r\n\(line)\r\n"))
        }
        #expect(client.read(count: 5) == "early")
        for size in [1, 100, 20_000, 200_000] {
            let text = String(repeating: "x", count: size)
            client.send(text)
            #expect(client.read(count: size) == text)
        }
        let asked = try #require(backend.seen.heads.first)
        for part in ["CONNECT ", "http ", "/chat?a=b ", "websocket "] { #expect(asked.contains(part)) }
        #expect(asked.contains("sec-websocket-version: 13\r\n"))
        #expect(!asked.contains("dGhlIHNhbXBsZSBub25jZQ=="))
        client.send("bye")
        Socket.shutdownWrite(client.descriptor)
        #expect(client.read(count: 3) == "bye")
        #expect(client.isEndedByPeer)
        #expect(eventually { engine.engine.activeExchanges == 0 })
        #expect(engine.connect().get("/")?.status == 200)
        #expect(backend.seen.connections == 1)
    }

    @Test("a stream of a client becomes a stream to the server")
    func fromHTTP2() throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try start(backend)
        let client = try #require(TestHTTP2(engine))
        _ = client.ask("/")
        #expect(client.read { client.statuses[1] == 200 })
        let tunnels = try (0..<5).map { _ in try #require(client.open("/chat")) }
        #expect(client.read { client.statuses.count == 6 })
        #expect(Set(client.statuses.values) == [200])
        for (i, tunnel) in tunnels.enumerated() { client.offer("hello \(i)", on: tunnel) }
        #expect(client.read { client.bodies.values.filter { $0.count == 7 }.count == 5 })
        for tunnel in tunnels { client.finish(tunnel) }
        #expect(client.read { client.endings.count == 6 })
        #expect(Set(client.endings.values.map { "\($0)" }) == ["complete"])
        #expect(backend.seen.connections == 1)
    }

    @Test("a tunnel that is denied is answered as any request")
    func denied() throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try start(backend)
        let old = engine.connect()
        old.send(Self.ask.replacing("/chat?a=b", with: "/denied"))
        #expect(old.read(through: "\r\n\r\n")?.hasPrefix("HTTP/1.1 403 ") == true)
        #expect(old.read(through: "0\r\n\r\n") == "6\r\ndenied\r\n0\r\n\r\n")
        let client = try #require(TestHTTP2(engine))
        _ = client.open("/denied")
        #expect(client.read { client.statuses[1] == 403 && client.bodies[1] == Array("denied".utf8) })
    }

    @Test(
        "the stream of a denied tunnel is ended on both sides, not cut",
        arguments: ["/denied", "/denied/bare"])
    func deniedEnds(path: String) throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try start(backend)
        let old = engine.connect()
        old.send(Self.ask.replacing("/chat?a=b", with: path))
        #expect(old.read(through: "\r\n\r\n")?.hasPrefix("HTTP/1.1 403 ") == true)
        #expect(eventually { backend.seen.tunnelEndings == [.complete] })
        let client = try #require(TestHTTP2(engine))
        _ = client.open(path)
        #expect(client.read { client.endings[1] != nil })
        #expect(client.statuses[1] == 403)
        #expect(eventually { backend.seen.tunnelEndings == [.complete, .complete] })
        #expect(engine.connect().get("/")?.status == 200)
        #expect(backend.seen.connections == 1)
    }

    @Test("a reset by one side is a reset for the other")
    func cut() throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try start(backend)
        let client = try #require(TestHTTP2(engine))
        let tunnel = try #require(client.open("/cut"))
        #expect(client.read { client.statuses[1] == 200 })
        client.offer("now", on: tunnel)
        #expect(client.read { client.endings[1] != nil })
        #expect(client.endings[1] != .complete)
        let old = engine.connect()
        old.send(Self.ask)
        #expect(old.read(through: "\r\n\r\n")?.hasPrefix("HTTP/1.1 101 ") == true)
        old.close()
        #expect(eventually { engine.engine.activeExchanges == 0 })
        #expect(engine.connect().get("/")?.status == 200)
    }

    @Test("a server that has not announced it: 501 for a stream, a request without its upgrade for HTTP/1")
    func notAnnounced() throws {
        let backend = try TestHTTP2Backend(takesTunnels: false)
        defer { backend.stop() }
        let engine = try start(backend)
        let client = try #require(TestHTTP2(engine))
        _ = client.open("/chat")
        #expect(client.read { client.statuses[1] == 501 })
        let old = engine.connect()
        old.send(Self.ask)
        #expect(old.read(through: "\r\n\r\n")?.hasPrefix("HTTP/1.1 200 ") == true)
        #expect(backend.seen.connections == 1)
    }

    @Test(
        "where ALPN allows HTTP/1.1, it is used until the server is known to take tunnels",
        arguments: [true, false])
    func byALPN(takesTunnels: Bool) throws {
        let authority = try GeneratedAuthority(commonName: "authority", now: Int64(time(nil)))
        let leaf = try authority.issue(names: ["shop.example"], now: Int64(time(nil)))
        let new = try TestHTTP2Backend(takesTunnels: takesTunnels)
        let old = try TestBackend(
            "old",
            answer: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
        let front = try TestTLSFront(leaf, to: [("h2", new.port), ("http/1.1", old.port)])
        defer {
            front.stop()
            new.stop()
            old.stop()
        }
        let engine = try TestEngine()
        let isServed = engine.serve([]) { pool in
            pool.servers = [Server(address: "127.0.0.1", port: front.port)]
            pool.servers[0].tls = ServerTLS()
            pool.servers[0].tls?.protocols = ["h2", "http/1.1"]
        }
        #expect(isServed)
        let clients = (0..<3).map { _ in engine.connect() }
        clients[0].send(Self.ask)
        #expect(clients[0].read(through: "\r\n\r\n")?.hasPrefix("HTTP/1.1 101 ") == true)
        #expect(clients[1].get("/") != nil)
        clients[2].send(Self.ask)
        #expect(clients[2].read(through: "\r\n\r\n")?.hasPrefix("HTTP/1.1 101 ") == true)
        let last = takesTunnels ? [] : ["http/1.1"]
        #expect(front.handshakes.map(\.chosen) == ["http/1.1", "h2"] + last)
        let client = try #require(TestHTTP2(engine))
        _ = client.open("/chat")
        #expect(client.read { client.statuses[1] == 200 })
    }
}
