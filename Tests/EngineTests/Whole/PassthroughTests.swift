import Basics
import Model
import Testing
import Wire

@testable import Engine

/// TLS that is passed through beside TLS that ends here, on one port.
@Suite("TLS passthrough", .timeLimit(.minutes(5)))
struct PassthroughTests {
    private static let passed = BackendName("passed")

    private func start(
        _ peer: TestPeer, log: TestPipe? = nil, _ routes: [HelloRoute]? = nil,
        frontend configure: (inout Frontend) -> Void = { _ in }
    ) throws -> TestEngine {
        let engine = try TestEngine(accessLog: log?.writing) {
            $0.name = "https"
            $0.binds[0].isTLS = true
            $0.helloRoutes =
                routes ?? [HelloRoute(host: .exact("db.example"), backend: PassthroughTests.passed)]
            configure(&$0)
        }
        var change = Change()
        change.backends = [
            PassthroughTests.passed: Backend(
                servers: [Server(address: "127.0.0.1", port: peer.port, name: "db-0")],
                origin: TestEngine.origin)
        ]
        try #require(engine.publish(change))
        return engine
    }

    @Test("a named host's connection reaches its server from the first byte on; other names end here")
    func beside() throws {
        let peer = try TestPeer()
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let pipe = try TestPipe()
        let engine = try start(peer, log: pipe)
        #expect(engine.serve([backend]))
        let hello = TestHello.message(name: "DB.example", protocols: ["h2"])
        let client = engine.connect()
        client.send(hello)
        let server = try #require(peer.accept())
        #expect(server.readBytes(count: hello.count) == hello)
        server.send("\u{16}\u{3}")
        #expect(client.readBytes(count: 2) == [22, 3])
        let browser = try TestTLSClient(engine.connect(), name: "shop.example")
        #expect(browser.get("/")?.hasSuffix("web") == true)
        client.close()
        #expect(server.isEndedByPeer)
        server.close()
        var lines: [String] = []
        while lines.count < 2, let line = pipe.line() { lines.append(line) }
        #expect(lines.contains { $0.contains(" https~ shop/web:80/") })
        #expect(lines.contains { $0.contains(" https passed/db-0 ") })
        #expect(eventually { engine.engine.metrics().workers[0].handshakes == 1 })
    }

    @Test("the log's JSON says which host a session was for")
    func serverNames() throws {
        let peer = try TestPeer()
        let pipe = try TestPipe()
        let engine = try TestEngine(accessLog: pipe.writing, format: .json) {
            $0.binds[0].isTLS = true
            $0.mode = .tcp
            $0.helloRoutes = [HelloRoute(host: .any, backend: PassthroughTests.passed)]
            $0.fallback = .backend(PassthroughTests.passed)
        }
        var change = Change()
        change.backends = [
            PassthroughTests.passed: Backend(
                servers: [Server(address: "127.0.0.1", port: peer.port, name: "db-0")],
                origin: TestEngine.origin)
        ]
        #expect(engine.publish(change))
        for (name, field) in [
            ("DB.example", ",\"sni\":\"DB.example\",\"backend\":\"passed\""),
            ("a\"b\\c", ",\"sni\":\"a?b?c\","),
        ] {
            let client = engine.connect()
            client.send(TestHello.message(name: name))
            let server = try #require(peer.accept())
            client.close()
            #expect(server.isEndedByPeer)
            server.close()
            #expect(pipe.line()?.contains(field) == true, "\(name)")
        }
        // One that is not passed through says so itself.
        let nameless = engine.connect()
        nameless.send(TestHello.message(name: nil))
        let server = try #require(peer.accept())
        nameless.close()
        #expect(server.isEndedByPeer)
        server.close()
        #expect(pipe.line()?.contains("sni") == false)
    }

    @Test("the name of TLS that ends here is in its session's line too, and that of one without a server")
    func serverNamesOfOurs() throws {
        let pipe = try TestPipe()
        let peer = try TestPeer()
        let engine = try TestEngine(accessLog: pipe.writing, format: .json) {
            $0.binds[0].isTLS = true
            $0.mode = .tcp
            $0.helloRoutes = [HelloRoute(host: .exact("gone.example"), backend: BackendName("none"))]
            $0.fallback = .backend(TestEngine.backend)
        }
        #expect(engine.serve([]) { $0.servers = [Server(address: "127.0.0.1", port: peer.port)] })
        let lost = engine.connect()
        lost.send(TestHello.message(name: "gone.example"))
        #expect(lost.isEndedByPeer)
        #expect(pipe.line()?.contains(",\"sni\":\"gone.example\",") == true)
        do {
            let client = try TestTLSClient(engine.connect(), name: "shop.example")
            let server = try #require(peer.accept())
            server.close()
            _ = client
        }
        #expect(pipe.line()?.contains("\"tls\":true,\"sni\":\"shop.example\",") == true)
    }

    @Test("a TLS client speaks with the server behind, through and through")
    func through() throws {
        let backend = try TestBackend("inner")
        defer { backend.stop() }
        let inner = try TestEngine { $0.binds[0].isTLS = true }
        #expect(inner.serve([backend]))
        let engine = try TestEngine {
            $0.binds[0].isTLS = true
            $0.helloRoutes = [HelloRoute(host: .exact("shop.example"), backend: PassthroughTests.passed)]
        }
        var change = Change()
        change.backends = [
            PassthroughTests.passed: Backend(
                servers: [Server(address: "127.0.0.1", port: inner.port)], origin: TestEngine.origin)
        ]
        #expect(engine.publish(change))
        let client = try TestTLSClient(engine.connect())
        #expect(client.get("/")?.hasSuffix("inner") == true)
        #expect(eventually { inner.engine.metrics().workers[0].handshakes == 1 })
        #expect(engine.engine.metrics().workers[0].handshakes == 0)
    }

    @Test("a message in pieces is waited for and passed on whole", arguments: [1, 7, 60])
    func pieces(size: Int) throws {
        let peer = try TestPeer()
        let engine = try start(peer)
        let hello = TestHello.message(name: "db.example")
        let client = engine.connect()
        for start in stride(from: 0, to: hello.count, by: size) {
            client.send(Array(hello[start..<min(hello.count, start + size)]))
        }
        #expect(peer.accept()?.readBytes(count: hello.count) == hello)
    }

    @Test("what does not begin like TLS is refused by ours", arguments: ["GET / HTTP/1.1\r\n\r\n", "\u{16}"])
    func noTLS(text: String) throws {
        let peer = try TestPeer()
        let engine = try start(peer) { $0.timeouts.hello = 500 }
        let client = engine.connect()
        client.send(text)
        if text.utf8.count == 1 { client.endSending() }
        #expect(client.isEndedByPeer)
        #expect(peer.accept(within: 0) == nil)
        #expect(eventually { engine.engine.openConnections == 0 })
    }

    @Test("a message that does not come whole in time ends the connection")
    func slow() throws {
        let peer = try TestPeer()
        let engine = try start(peer) { $0.timeouts.hello = 30 }
        let client = engine.connect()
        client.send(Array(TestHello.message(name: "db.example").dropLast()))
        #expect(client.isEndedByPeer)
        #expect(peer.accept(within: 0) == nil)
    }

    @Test("without a server of its own the connection is closed, and never terminated instead")
    func noServer() throws {
        let peer = try TestPeer()
        let engine = try start(peer, [HelloRoute(host: .exact("db.example"), backend: BackendName("none"))])
        let client = engine.connect()
        client.send(TestHello.message(name: "db.example"))
        #expect(client.isEndedByPeer)
        #expect(engine.engine.metrics().workers[0].failedHandshakes == 0)
    }

    @Test("routes come and go at run time")
    func changing() throws {
        let peer = try TestPeer()
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try start(peer, [])
        #expect(engine.serve([backend]))
        let before = try TestTLSClient(engine.connect())
        #expect(before.get("/")?.hasSuffix("web") == true)
        var frontend = Frontend(
            name: "https", binds: [Bind(address: "127.0.0.1", port: engine.port, isTLS: true)])
        frontend.helloRoutes = [HelloRoute(host: .any, backend: PassthroughTests.passed)]
        var change = Change()
        change.frontends = [frontend]
        #expect(engine.publish(change))
        let client = engine.connect()
        let hello = TestHello.message(name: nil)
        client.send(hello)
        #expect(peer.accept()?.readBytes(count: hello.count) == hello)
        #expect(before.get("/")?.hasSuffix("web") == true)
    }

    @Test("on a frontend of mode tcp the message chooses, and everything else goes to the fallback")
    func modeTCP() throws {
        let (peer, other) = (try TestPeer(), try TestPeer())
        let engine = try start(
            peer, [HelloRoute(host: .any, offering: "postgresql", backend: PassthroughTests.passed)],
            frontend: {
                $0.mode = .tcp
                $0.binds[0].isTLS = false
                $0.fallback = .backend(BackendName("rest"))
                $0.timeouts.hello = 2_000
            })
        var change = Change()
        change.backends = [
            BackendName("rest"): Backend(
                servers: [Server(address: "127.0.0.1", port: other.port)], origin: TestEngine.origin)
        ]
        #expect(engine.publish(change))
        let chosen = engine.connect()
        let hello = TestHello.message(name: "x", protocols: ["postgresql"])
        chosen.send(hello)
        #expect(peer.accept()?.readBytes(count: hello.count) == hello)
        // Another protocol, no TLS, half a message, silence, and an end before the message is whole.
        let others: [[UInt8]] = [
            TestHello.message(name: "x", protocols: ["h2"]), Array("SSH-2.0-x\r\n".utf8),
            Array(hello.dropLast()), [],
        ]
        for bytes in others {
            let client = engine.connect()
            client.send(bytes)
            let server = try #require(other.accept())
            #expect(server.readBytes(count: bytes.count) == bytes)
            server.send("ok")
            #expect(client.read(count: 2) == "ok")
        }
        let ended = engine.connect()
        ended.send(Array(hello.dropLast()))
        ended.endSending()
        let server = try #require(other.accept())
        #expect(server.readBytes(count: hello.count - 1) == Array(hello.dropLast()))
        #expect(server.isEndedByPeer)
    }

    @Test("a PROXY header in front of the message is taken away, one of ours is put there")
    func proxyHeaders() throws {
        let peer = try TestPeer()
        let engine = try start(peer, frontend: { $0.binds[0].proxyProtocol = .everyone })
        var change = Change()
        var server = Server(address: "127.0.0.1", port: peer.port)
        server.sentProxyHeader = .text
        change.backends = [PassthroughTests.passed: Backend(servers: [server], origin: TestEngine.origin)]
        #expect(engine.publish(change))
        let client = engine.connect()
        let line = "PROXY TCP4 192.0.2.7 192.0.2.8 4711 443\r\n"
        let hello = TestHello.message(name: "db.example")
        client.send(Array(line.utf8) + hello)
        #expect(peer.accept()?.readBytes(count: line.utf8.count + hello.count) == Array(line.utf8) + hello)
    }
}
