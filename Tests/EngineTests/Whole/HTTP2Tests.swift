import Basics
import Model
import Testing
import Wire

@testable import Engine

/// What only settings and time make happen; the rest is told by the scenarios.
@Suite("HTTP/2 clients")
struct HTTP2Tests {
    @Test("hdr(host) of a stream is its authority, and leads where the Host field of HTTP/1 does")
    func hashedByAuthority() throws {
        let backends = try (0..<3).map { try TestBackend("s\($0)") }
        defer { backends.forEach { $0.stop() } }
        let engine = try TestEngine()
        #expect(engine.serve(backends) { $0.balance = .hash(.header("host", domainOnly: false)) })
        var fallback = Change()
        fallback.fallback = .backend(TestEngine.backend)
        #expect(engine.publish(fallback))
        let client = try #require(TestHTTP2(engine))
        var servers: Set<String> = []
        for i in 0..<12 {
            let old = engine.connect()
            let host = "h\(i).example"
            let expected = try #require(old.get("/", host: host)?.body)
            servers.insert(expected)
            let id = Int32(2 * i + 1)
            _ = client.ask("/", authority: host)
            #expect(client.read { client.endings[id] == .complete })
            #expect(client.bodies[id] == Array(expected.utf8), "\(host)")
        }
        #expect(servers.count == 3, "they are not all alike")
    }

    @Test("many requests of one connection are answered")
    func requestsAreAnswered() throws {
        let (engine, backend) = (try TestEngine(), try TestBackend("a"))
        #expect(engine.serve([backend]))
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<5 { #expect(client.ask("/") != nil) }
        #expect(client.read { client.endings.count == 5 })
        #expect(client.statuses == [1: 200, 3: 200, 5: 200, 7: 200, 9: 200])
        #expect(client.endings.values.allSatisfy { $0 == .complete })
        #expect(eventually { engine.engine.openConnections == 1 })
        backend.stop()
    }

    @Test("a frontend may be without it")
    func frontendWithout() throws {
        let engine = try TestEngine { $0.speaksHTTP2 = false }
        let client = try #require(TestHTTP2(engine))
        #expect(client.connection.read(through: "\r\n")?.hasPrefix("HTTP/1.1 ") == true)
    }

    @Test("an idle connection is told, and closed")
    func idleConnection() throws {
        let engine = try TestEngine { $0.timeouts.keepAlive = 50 }
        let client = try #require(TestHTTP2(engine))
        _ = client.ask("/")
        #expect(client.read { client.session.goaway != nil })
        #expect(client.statuses == [1: 404])
        #expect(client.session.goaway?.code == .noError)
        #expect(client.connection.isEndedByPeer)
    }

    @Test("a client that never says its settings is closed")
    func silentClient() throws {
        let engine = try TestEngine { $0.timeouts.request = 500 }
        let connection = engine.connect()
        connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        #expect(connection.isEndedByPeer)
        #expect(eventually { engine.engine.openConnections == 0 })
    }

    @Test("a head that does not end is not waited for")
    func halfHead() throws {
        let engine = try TestEngine { $0.timeouts.request = 2_000 }
        let client = try #require(TestHTTP2(engine))
        _ = client.ask("/")
        #expect(client.read { client.statuses[1] == 404 })
        // HEADERS of stream 3 without END_HEADERS.
        client.connection.send([0, 0, 1, 1, 0, 0, 0, 0, 3, 0x82])
        #expect(client.connection.isEndedByPeer)
        #expect(eventually { engine.engine.metrics().workers[0].requestTimeouts == 1 })
    }

    @Test("a body that stops coming is answered 408, and the connection goes on")
    func stalledBody() throws {
        let (engine, backend) = (try TestEngine { $0.timeouts.client = 2_000 }, try TestBackend("a"))
        #expect(engine.serve([backend]))
        let client = try #require(TestHTTP2(engine))
        let stream = try #require(client.ask("/hold", hasBody: true))
        client.offer("some", on: stream)
        #expect(client.read { client.statuses[1] == 408 })
        _ = client.ask("/")
        #expect(client.read { client.statuses[3] == 200 })
        backend.stop()
    }

    @Test("a body over the limit is answered 413, and the connection goes on", arguments: [true, false])
    func largeBody(isSlow: Bool) throws {
        let (engine, backend) = (try TestEngine(), try TestBackend("a"))
        var limits = RequestLimits(name: "shop/web")
        limits.maxBodySize = 10
        var route = Route(
            path: "/", match: .prefix, target: .backend(TestEngine.backend), origin: TestEngine.origin)
        route.limits = limits
        #expect(engine.serve([backend], routes: [route]))
        let client = try #require(TestHTTP2(engine))
        let stream = try #require(client.ask("/hold", hasBody: true))
        if isSlow {
            client.offer("01234", on: stream)
            #expect(eventually { engine.engine.activeExchanges == 1 })
        }
        client.offer("0123456789x", on: stream)
        #expect(client.read { client.statuses[1] == 413 })
        _ = client.ask("/")
        #expect(client.read { client.statuses[3] == 200 })
        #expect(eventually { engine.engine.activeExchanges == 0 })
        backend.stop()
    }

    @Test("a body is compressed for who takes it so")
    func compression() throws {
        let text = String(repeating: "a line of a body that is worth it\n", count: 10_000)
        let backend = try TestBackend(
            "a",
            answer: "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Type: text/plain\r\n"
                + "Content-Length: \(text.utf8.count)\r\n\r\n\(text)")
        let engine = try TestEngine()
        #expect(engine.serve([backend]) { $0.compression = Compression(algorithms: [.gzip]) })
        let client = try #require(TestHTTP2(engine))
        _ = client.ask("/", fields: "accept-encoding: gzip\r\n")
        _ = client.ask("/")
        #expect(client.read { client.endings.count == 2 })
        let head = client.heads[1] ?? ""
        for line in ["content-encoding: gzip\r\n", "vary: Accept-Encoding\r\n", "etag: W/\"one\"\r\n"] {
            #expect(head.contains(line))
        }
        #expect(!head.contains("content-length"))
        let body = client.bodies[1] ?? []
        #expect(body.starts(with: [0x1F, 0x8B]) && body.count < text.utf8.count / 10)
        // The last word of gzip is the size of what was compressed.
        #expect(body.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) } == text.utf8.count)
        #expect(client.heads[3]?.contains("content-length: \(text.utf8.count)\r\n") == true)
        #expect(client.bodies[3]?.elementsEqual(text.utf8) == true)
        backend.stop()
    }

    @Test("a cookie keeps a client on its server")
    func persistence() throws {
        let engine = try TestEngine()
        let backends = try ["a", "b"].map { try TestBackend($0) }
        #expect(
            engine.serve(backends) { backend in
                backend.persistence.cookie = PersistenceCookie(name: "SRV", mode: .insert)
                for i in backend.servers.indices { backend.servers[i].cookie = backend.servers[i].name }
            })
        let client = try #require(TestHTTP2(engine))
        _ = client.ask("/")
        #expect(client.read { client.endings[1] == .complete })
        let name = String(decoding: client.bodies[1] ?? [], as: UTF8.self)
        #expect(client.heads[1]?.contains("set-cookie: SRV=\(name); path=/\r\n") == true)
        for _ in 0..<4 { _ = client.ask("/", fields: "cookie: SRV=\(name)\r\n") }
        #expect(client.read { client.endings.count == 5 })
        #expect(Set(client.bodies.values) == [Array(name.utf8)])
        #expect(client.heads.values.filter { $0.contains("set-cookie") }.count == 1)
        for backend in backends { backend.stop() }
    }

    @Test("what a PROXY header says of a connection is true of all its streams")
    func proxyHeader() throws {
        let backend = try TestBackend("a")
        let engine = try TestEngine { $0.binds[0].proxyProtocol = .everyone }
        #expect(engine.serve([backend]))
        let client = try #require(
            TestHTTP2(engine, first: "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n"))
        for stream: Int32 in [1, 3] {
            _ = client.ask("/")
            #expect(client.read { client.endings[stream] == .complete })
            for line in ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-Port: 443", "X-Forwarded-Proto: https"] {
                #expect(backend.lastHead.contains("\r\n\(line)\r\n"))
            }
        }
        backend.stop()
    }

    @Test("a server that wants PROXY headers is told of the connection, whose streams share its connections")
    func sentProxyHeader() throws {
        let backend = try TestBackend("a", proxyVersion: 1)
        let engine = try TestEngine()
        #expect(engine.serve([backend]) { $0.servers[0].sentProxyHeader = .text })
        let client = try #require(TestHTTP2(engine))
        for stream: Int32 in [1, 3, 5] {
            _ = client.ask("/")
            #expect(client.read { client.endings[stream] == .complete })
        }
        let port = Listener.localAddress(client.connection.descriptor).port
        let line = "PROXY TCP4 127.0.0.1 127.0.0.1 \(port) \(engine.port)\r\n"
        #expect(
            backend.announced.map { String(decoding: $0.header, as: UTF8.self) } == [line, line, line])
        #expect(eventually { engine.engine.metrics().backends.first?.connects == 1 })
        backend.stop()
    }

    @Test("requests that wait for a place are answered in turn")
    func queuedRequests() throws {
        let (engine, backend) = (try TestEngine(), try TestBackend("a"))
        #expect(engine.serve([backend]) { $0.servers[0].maxConnections = 1 })
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<3 { _ = client.ask("/hold") }
        #expect(eventually { backend.held == 1 && engine.engine.activeExchanges == 3 })
        backend.letGo()
        #expect(client.read { client.endings.count == 3 })
        #expect(backend.mostHeld == 1)
        backend.stop()
    }

    @Test("a drain answers what was asked, and closes")
    func drain() throws {
        let (engine, backend) = (try TestEngine(), try TestBackend("a"))
        #expect(engine.serve([backend]))
        let client = try #require(TestHTTP2(engine))
        _ = client.ask("/hold")
        #expect(eventually { backend.held == 1 })
        engine.engine.drain()
        #expect(client.read { client.session.goaway != nil })
        backend.letGo()
        #expect(client.read { client.endings[1] == .complete })
        #expect(client.connection.isEndedByPeer)
        #expect(eventually { engine.engine.openConnections == 0 })
        backend.stop()
    }

    @Test("a stop ends everything")
    func stop() throws {
        let (engine, backend) = (try TestEngine(), try TestBackend("a"))
        #expect(engine.serve([backend]))
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<3 { _ = client.ask("/hold") }
        #expect(eventually { backend.held == 3 })
        engine.engine.stop()
        #expect(client.connection.isEndedByPeer)
        backend.stop()
    }
}
