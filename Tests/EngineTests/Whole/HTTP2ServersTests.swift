import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Servers that speak HTTP/2")
struct HTTP2ServersTests {
    private func start(
        _ backends: [TestHTTP2Backend], _ configure: (inout Backend) -> Void = { _ in }
    ) throws -> TestEngine {
        let engine = try TestEngine()
        let isServed = serve(engine, backends.map(\.port), configure)
        #expect(isServed)
        return engine
    }

    private func serve(
        _ engine: TestEngine, _ ports: [UInt16], _ configure: (inout Backend) -> Void = { _ in }
    ) -> Bool {
        engine.serve([]) { pool in
            pool.servers = ports.map { Server(address: "127.0.0.1", port: $0) }
            for i in pool.servers.indices { pool.servers[i].speaks = .http2 }
            configure(&pool)
        }
    }

    @Test("a request of HTTP/1 arrives as one of HTTP/2, and its answer comes back")
    func fromHTTP1() throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try start([backend])
        let client = engine.connect()
        for _ in 0..<3 {
            client.send("GET /a?b HTTP/1.1\r\nHost: shop.example\r\nTE: trailers\r\nX-Own: 1\r\n\r\n")
            let head = try #require(client.read(through: "\r\n\r\n"))
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(head.contains("Transfer-Encoding: chunked\r\n"))
            #expect(client.read(through: "0\r\n\r\n") == "1\r\n0\r\n0\r\n\r\n")
        }
        let seen = backend.seen
        #expect((seen.connections, seen.requests) == (1, 3))
        let head = try #require(seen.heads.first)
        #expect(head.hasPrefix("GET http /a?b ") || head.hasPrefix("GET http shop.example /a?b "))
        for line in ["x-own: 1", "te: trailers", "x-forwarded-for: 127.0.0.1", "x-forwarded-proto: http"] {
            #expect(head.contains("\(line)\r\n"))
        }
        #expect(!head.contains("connection"))
        let metrics = engine.engine.metrics().backends.first
        #expect((metrics?.connects, metrics?.reuses) == (1, 2))
    }

    @Test("streams of a client become streams of one connection")
    func fromHTTP2() throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try start([backend])
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<50 { _ = client.ask("/") }
        #expect(client.read { client.endings.count == 50 })
        #expect(client.endings.values.allSatisfy { $0 == .complete })
        #expect(Set(client.statuses.values) == [200])
        #expect(backend.seen.connections == 1)
        #expect(eventually { engine.engine.metrics().workers[0].openServers == 1 })
    }

    @Test(
        "no more streams are opened than the server takes and the configuration says; others go to further connections",
        arguments: [(2, nil), (100, 2), (2, 50)] as [(UInt32, Int?)])
    func fewStreams(taken: UInt32, said: Int?) throws {
        let backend = try TestHTTP2Backend(streams: taken)
        defer { backend.stop() }
        var choices = HTTP2Choices()
        choices.serverStreams = said
        let engine = try TestEngine(http2: choices)
        #expect(serve(engine, [backend.port]))
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<7 { _ = client.ask("/never") }
        #expect(eventually { backend.seen.requests == 7 })
        #expect(backend.seen.mostAtOnce == 2)
        #expect(backend.seen.connections >= 4)
        client.connection.close()
        #expect(eventually { engine.engine.activeExchanges == 0 })
    }

    @Test("bodies go up, with a length and without", arguments: [0, 1, 20_000, 1_000_000])
    func uploads(size: Int) throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try start([backend])
        let client = engine.connect()
        let body = String(repeating: "x", count: size)
        client.send("POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: \(size)\r\n\r\n\(body)")
        let digits = "\(size)"
        let answer = "\(digits.utf8.count)\r\n\(digits)\r\n0\r\n\r\n"
        #expect(client.read(through: "0\r\n\r\n")?.hasSuffix(answer) == true)
        let chunk = size > 0 ? "\(String(size, radix: 16))\r\n\(body)\r\n" : ""
        client.send(
            "POST / HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "\(chunk)0\r\nX-Sum: 7\r\n\r\n")
        #expect(client.read(through: "0\r\n\r\n")?.hasSuffix(answer) == true)
        #expect(backend.seen.trailers == ["x-sum: 7\r\n"])
        #expect(backend.seen.connections == 1)
    }

    @Test("a large body comes down as fast as its reader takes it")
    func download() throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try start([backend])
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<3 { _ = client.ask("/large") }
        #expect(client.read { client.endings.count == 3 })
        for stream: Int32 in [1, 3, 5] { #expect(client.bodies[stream] == TestHTTP2Backend.large) }
    }

    @Test("trailers and interim answers pass")
    func trailers() throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try start([backend])
        let client = engine.connect()
        client.ask("/trailers")
        #expect(
            client.read(through: "\r\n\r\n")?.contains("Transfer-Encoding: chunked\r\n") == true)
        #expect(client.read(through: "\r\n\r\n") == "4\r\nsome\r\n0\r\ngrpc-status: 0\r\n\r\n")
        client.ask("/hints")
        #expect(client.read(through: "\r\n\r\n")?.hasPrefix("HTTP/1.1 103 ") == true)
        #expect(client.read(through: "\r\n\r\n")?.hasPrefix("HTTP/1.1 200 ") == true)
    }

    @Test("a stream that the server has not begun with is repeated, and one that a connection took along too")
    func repeated() throws {
        for path in ["/refuse", "/drop"] {
            let backend = try TestHTTP2Backend()
            defer { backend.stop() }
            let engine = try start([backend])
            let client = try #require(TestHTTP2(engine))
            // A connection that has served is known to have been idle.
            _ = client.ask("/")
            #expect(client.read { client.statuses[1] == 200 })
            _ = client.ask(path)
            #expect(client.read { client.statuses[3] == 200 })
            #expect(eventually { engine.engine.metrics().backends.first?.retries == 1 })
        }
    }

    @Test("a reset is answered 502, and only that stream's")
    func reset() throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try start([backend])
        let client = try #require(TestHTTP2(engine))
        _ = client.ask("/reset")
        _ = client.ask("/")
        #expect(client.read { client.endings.count == 2 })
        #expect((client.statuses[1], client.statuses[3]) == (502, 200))
        #expect(backend.seen.connections == 1)
    }

    @Test("a server that says good-bye gets what follows on another connection")
    func goaway() throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try start([backend])
        let client = try #require(TestHTTP2(engine))
        for stream: Int32 in [1, 3, 5] {
            _ = client.ask("/bye")
            #expect(client.read { client.endings[stream] == .complete })
        }
        #expect(backend.seen.connections == 3)
        #expect(eventually { engine.engine.metrics().workers[0].openServers <= 1 })
    }

    @Test("silence is answered 504, and the stream given up")
    func silence() throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try start([backend]) { $0.timeouts.server = 2_000 }
        let client = try #require(TestHTTP2(engine))
        _ = client.ask("/never")
        #expect(client.read { client.statuses[1] == 504 })
        _ = client.ask("/")
        #expect(client.read { client.statuses[3] == 200 })
        #expect(backend.seen.connections == 1)
    }

    @Test("servers that are not there or speak HTTP/1 are answered 503", arguments: [true, false])
    func unusable(isThere: Bool) throws {
        let old = try TestBackend("old", answer: "HTTP/1.1 400 Bad Request\r\n\r\n")
        let engine = try TestEngine()
        let port = isThere ? old.port : try TestPeer.closedPort()
        #expect(
            serve(engine, [port]) {
                $0.retries = 1
                $0.timeouts.connect = 100
            })
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<3 { _ = client.ask("/") }
        #expect(client.read { client.endings.count == 3 })
        #expect(Set(client.statuses.values) == [503])
        #expect(eventually { engine.engine.metrics().workers[0].openServers == 0 })
        old.stop()
    }

    @Test("a server that goes is left when its streams have ended, and a stop ends everything")
    func retired() throws {
        let (first, second) = (try TestHTTP2Backend(), try TestHTTP2Backend())
        defer { [first, second].forEach { $0.stop() } }
        let engine = try start([first])
        let client = try #require(TestHTTP2(engine))
        _ = client.ask("/never")
        #expect(eventually { first.seen.requests == 1 })
        #expect(serve(engine, [second.port]))
        _ = client.ask("/")
        #expect(client.read { client.statuses[3] == 200 })
        #expect((first.seen.requests, second.seen.requests) == (1, 1))
        client.connection.close()
        #expect(eventually { engine.engine.metrics().workers[0].openServers == 1 })
        engine.engine.stop()
    }
}
