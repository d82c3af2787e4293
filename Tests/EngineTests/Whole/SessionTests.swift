import Basics
import Glibc
import Model
import Testing
import Wire

@testable import Engine

/// Sessions of mode tcp through a whole engine on loopback.
@Suite("TCP sessions", .timeLimit(.minutes(5)))
struct SessionTests {
    private func start(
        _ peers: [TestPeer], log: TestPipe? = nil, frontend configure: (inout Frontend) -> Void = { _ in },
        backend: (inout Backend) -> Void = { _ in }
    ) throws -> TestEngine {
        try start(ports: peers.map(\.port), log: log, frontend: configure, backend: backend)
    }

    private func start(
        ports: [UInt16], log: TestPipe? = nil, frontend configure: (inout Frontend) -> Void = { _ in },
        backend: (inout Backend) -> Void = { _ in }
    ) throws -> TestEngine {
        let engine = try TestEngine(accessLog: log?.writing) {
            $0.name = "db"
            $0.mode = .tcp
            $0.fallback = .backend(TestEngine.backend)
            configure(&$0)
        }
        var pool = Backend(
            servers: ports.enumerated().map { i, port in
                Server(address: "127.0.0.1", port: port, name: "s\(i + 1)")
            }, origin: TestEngine.origin)
        backend(&pool)
        var change = Change()
        change.backends = [TestEngine.backend: pool]
        try #require(engine.publish(change))
        return engine
    }

    @Test("bytes go both ways as they are, whoever speaks first")
    func echo() throws {
        let peer = try TestPeer()
        let engine = try start([peer])
        let client = engine.connect()
        let server = try #require(peer.accept())
        server.send("220 hello\r\n")
        #expect(client.read(count: 11) == "220 hello\r\n")
        client.send("GET / HTTP/1.1\r\n\r\n")
        #expect(server.read(count: 18) == "GET / HTTP/1.1\r\n\r\n")
        server.send("\0\u{1}")
        #expect(client.readBytes(count: 2) == [0, 1])
        #expect(eventually { engine.engine.metrics().workers[0].sessions == 1 })
        #expect(engine.engine.metrics().workers[0].requests == 0)
    }

    @Test("a client that ends its side at once still has all it sent delivered, and its answer")
    func halfCloseOfTheClient() throws {
        let peer = try TestPeer()
        let engine = try start([peer])
        let client = engine.connect()
        client.send("question")
        client.endSending()
        let server = try #require(peer.accept())
        #expect(server.read(count: 8) == "question")
        #expect(server.isEndedByPeer)
        #expect(!client.hears(within: 50))
        server.send("answer")
        server.close()
        #expect(client.read(count: 6) == "answer")
        #expect(client.isEndedByPeer)
        #expect(eventually { engine.engine.openConnections == 0 })
    }

    @Test("a server that ends its side is still sent what the client says")
    func halfCloseOfTheServer() throws {
        let peer = try TestPeer()
        let engine = try start([peer])
        let client = engine.connect()
        let server = try #require(peer.accept())
        server.send("bye")
        server.endSending()
        #expect(client.read(count: 3) == "bye")
        #expect(client.isEndedByPeer)
        client.send("more")
        #expect(server.read(count: 4) == "more")
        client.close()
        #expect(server.isEndedByPeer)
        #expect(eventually { engine.engine.activeExchanges == 0 })
    }

    @Test("what a server says before it goes reaches a client that still sends")
    func lastWords() throws {
        let peer = try TestPeer()
        let engine = try start([peer])
        let client = engine.connect()
        client.send("QUIT")
        let server = try #require(peer.accept())
        #expect(server.read(count: 4) == "QUIT")
        server.send("+OK")
        server.close()
        client.send("more that nobody reads")
        #expect(client.read(count: 3) == "+OK")
        client.send("and more")
        #expect(client.isEndedByPeer)
        client.close()
        #expect(eventually { engine.engine.openConnections == 0 })
    }

    @Test("much passes both ways at once, unchanged", arguments: [3_000_000, 20_000_000])
    func bulk(count: Int) throws {
        let peer = try TestPeer()
        let engine = try start([peer])
        let client = engine.connect()
        let server = try #require(peer.accept())
        let up = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let down = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 17 &+ 5) }
        let senders = [(client, up), (server, down)].map { connection, bytes in
            Thread(name: "sender") { _ = connection.send(bytes) }
        }
        let reader = Received()
        let other = Thread(name: "reader") { reader.set(server.readBytes(count: count)) }
        #expect(client.readBytes(count: count) == down)
        other?.join()
        #expect(reader.bytes == up)
        for case let sender? in senders { sender.join() }
        client.close()
        server.close()
        #expect(eventually { engine.engine.metrics().backends.first?.bytesIn == UInt64(count) })
        #expect(eventually { engine.engine.metrics().backends.first?.bytesOut == UInt64(count) })
    }

    @Test("a refused connection goes to another server, and the client notices nothing")
    func redispatch() throws {
        let peer = try TestPeer()
        let engine = try start(ports: [try TestPeer.closedPort(), peer.port])
        for _ in 0..<4 {
            let client = engine.connect()
            client.send("x")
            #expect(peer.accept()?.read(count: 1) == "x")
        }
        #expect(eventually { engine.engine.metrics().backends.first?.redispatches ?? 0 >= 1 })
    }

    @Test("without a server the connection is closed at once")
    func noServer() throws {
        let pipe = try TestPipe()
        let engine = try start(ports: [], log: pipe)
        let client = engine.connect()
        #expect(client.isEndedByPeer)
        let line = try #require(pipe.line())
        #expect(line.contains(" db shop/web:80/<NOSRV> -1/-1/"))
        #expect(line.contains(" 0 SC "))
    }

    @Test("a frontend that leads nowhere closes")
    func noFallback() throws {
        let pipe = try TestPipe()
        let engine = try start(ports: [], log: pipe, frontend: { $0.fallback = nil })
        #expect(engine.connect().isEndedByPeer)
        #expect(try #require(pipe.line()).contains(" db db/<NOSRV> -1/-1/"))
    }

    @Test("servers of a backend that comes later are found")
    func laterBackend() throws {
        let peer = try TestPeer()
        let engine = try TestEngine {
            $0.mode = .tcp
            $0.fallback = .backend(BackendName("late"))
        }
        #expect(engine.connect().isEndedByPeer)
        var change = Change()
        change.backends = [
            BackendName("late"): Backend(
                servers: [Server(address: "127.0.0.1", port: peer.port)], origin: TestEngine.origin)
        ]
        #expect(engine.publish(change))
        let client = engine.connect()
        client.send("x")
        #expect(peer.accept()?.read(count: 1) == "x")
    }

    @Test("sessions wait for a place, and in their order")
    func queue() throws {
        let peer = try TestPeer()
        let engine = try start([peer], backend: { $0.servers[0].maxConnections = 1 })
        let first = engine.connect()
        first.send("1")
        let server = try #require(peer.accept())
        #expect(server.read(count: 1) == "1")
        let second = engine.connect()
        second.send("2")
        #expect(peer.accept(within: 50) == nil)
        first.close()
        server.close()
        let next = try #require(peer.accept())
        #expect(next.read(count: 1) == "2")
    }

    @Test("who waits too long for a place is closed")
    func queueTimeout() throws {
        let peer = try TestPeer()
        let pipe = try TestPipe()
        let engine = try start(
            [peer], log: pipe,
            backend: {
                $0.servers[0].maxConnections = 1
                $0.timeouts.queue = 30
            })
        let first = engine.connect()
        first.send("1")
        let server = try #require(peer.accept())
        #expect(server.read(count: 1) == "1")
        #expect(engine.connect().isEndedByPeer)
        #expect(try #require(pipe.line()).contains(" sQ "))
    }

    /// How a session ends, by HAProxy's letters.
    struct End: Sendable, CustomTestStringConvertible {
        var letters: String
        var act: @Sendable (_ client: TestConnection, _ server: TestConnection) -> Void
        var configure: @Sendable (inout Frontend, inout Backend) -> Void = { _, _ in }
        var testDescription: String { letters }
    }

    private static let ends: [End] = [
        End(
            letters: "--",
            act: { client, server in
                client.endSending()
                server.close()
            }),
        End(letters: "CD", act: { client, _ in client.reset() }),
        End(letters: "SD", act: { _, server in server.reset() }),
        End(
            letters: "cD", act: { _, _ in },
            configure: {
                $0.timeouts.client = 1_000
                $1.timeouts.tunnel = 0
            }),
        End(
            letters: "sD", act: { _, _ in },
            configure: {
                $1.timeouts.server = 1_000
                $1.timeouts.tunnel = 0
            }),
        End(letters: "cD", act: { _, _ in }, configure: { $1.timeouts.tunnel = 1_000 }),
        End(
            letters: "cD", act: { client, _ in client.endSending() },
            configure: { frontend, _ in frontend.timeouts.halfClosed = 30 }),
        End(
            letters: "sD", act: { _, server in server.endSending() },
            configure: { $1.timeouts.halfClosed = 30 }),
    ]

    @Test("the log says in HAProxy's letters how a session ended", arguments: ends)
    func letters(end: End) throws {
        let peer = try TestPeer()
        let pipe = try TestPipe()
        var frontend = Frontend(name: "", binds: [])
        var backend = Backend(servers: [], origin: TestEngine.origin)
        end.configure(&frontend, &backend)
        let engine = try start(
            [peer], log: pipe, frontend: { $0.timeouts = frontend.timeouts },
            backend: { $0.timeouts = backend.timeouts })
        let client = engine.connect()
        client.send("hello")
        let server = try #require(peer.accept())
        #expect(server.read(count: 5) == "hello")
        server.send("world!")
        #expect(client.read(count: 6) == "world!")
        let port = Listener.localAddress(client.descriptor).port
        end.act(client, server)
        let line = try #require(pipe.line())
        #expect(line.hasPrefix("127.0.0.1:\(port) ["))
        let pattern = /] db shop\/web:80\/s1 0\/\d+\/\d+ 6 (..) 1\/1\/1\/\d\/0 0\/0$/
        let match = try #require(line.firstMatch(of: pattern), "\(line)")
        #expect(match.1 == end.letters)
    }

    @Test("a connection that can not be made is told by its letters", arguments: ["SC", "sC"])
    func connectFailure(letters: String) throws {
        let pipe = try TestPipe()
        let port = try TestPeer.closedPort()
        let engine = try start(
            ports: [port], log: pipe,
            backend: {
                $0.retries = 0
                guard letters == "sC" else { return }
                // Nobody answers there: TEST-NET-1 (RFC 5737), where the host has a route at all.
                $0.servers[0].address = "192.0.2.1"
                $0.timeouts.connect = 50
            })
        #expect(engine.connect().isEndedByPeer)
        let line = try #require(pipe.line())
        #expect(line.contains(" \(letters) ") || letters == "sC" && line.contains(" SC "))
    }

    @Test("TLS ends here and the bytes inside go on")
    func terminated() throws {
        let peer = try TestPeer()
        let engine = try start([peer], frontend: { $0.binds[0].isTLS = true })
        let client = try TestTLSClient(engine.connect(), protocols: "\u{2}h2\u{8}http/1.1")
        let server = try #require(peer.accept())
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        #expect(client.get("/")?.hasSuffix("hi") == true)
        #expect(server.read(through: "\r\n\r\n")?.hasPrefix("GET / HTTP/1.1\r\n") == true)
    }

    @Test("a PROXY header in is believed, and one out says so")
    func proxyHeaders() throws {
        let peer = try TestPeer()
        let engine = try start(
            [peer], frontend: { $0.binds[0].proxyProtocol = .everyone },
            backend: { $0.servers[0].sentProxyHeader = .text })
        let client = engine.connect()
        client.send("PROXY TCP4 192.0.2.7 192.0.2.8 4711 5432\r\nstartup")
        let server = try #require(peer.accept())
        #expect(
            server.read(through: "startup") == "PROXY TCP4 192.0.2.7 192.0.2.8 4711 5432\r\nstartup")
        server.send("ok")
        #expect(client.read(count: 2) == "ok")
    }

    @Test("a PROXY header of ours goes first though the client says nothing")
    func announced() throws {
        let peer = try TestPeer()
        let engine = try start([peer], backend: { $0.servers[0].sentProxyHeader = .text })
        let client = engine.connect()
        let server = try #require(peer.accept())
        server.send("220 \r\n")
        #expect(client.read(count: 6) == "220 \r\n")
        client.send("EHLO")
        #expect(server.read(through: "\r\n")?.hasPrefix("PROXY TCP4 127.0.0.1 127.0.0.1 ") == true)
        #expect(server.read(count: 4) == "EHLO")
    }

    @Test("one client's connections stay with one server by its address")
    func bySource() throws {
        let peers = try (0..<3).map { _ in try TestPeer() }
        let engine = try start(peers, backend: { $0.balance = .hash(.source) })
        for _ in 0..<6 { engine.connect().send("x") }
        #expect(eventually { engine.engine.servers().contains { $0.requests == 6 } })
    }

    @Test(
        "what only requests have decides nothing",
        arguments: [
            Balance.hash(.parameter("id")), .hash(.header("Host", domainOnly: false)), .leastConnections,
            .roundRobin,
        ])
    func otherBalances(balance: Balance) throws {
        let peers = try (0..<2).map { _ in try TestPeer() }
        let engine = try start(
            peers,
            backend: {
                $0.balance = balance
                $0.persistence = Persistence(cookie: PersistenceCookie(name: "S", mode: .insert))
            })
        let clients = (0..<4).map { _ in engine.connect() }
        for client in clients { client.send("x") }
        for peer in peers {
            for _ in 0..<2 { #expect(peer.accept()?.read(count: 1) == "x") }
        }
    }

    @Test("a running session outlives its server's removal; new ones go to the new server")
    func swap() throws {
        let peers = try (0..<2).map { _ in try TestPeer() }
        let engine = try start([peers[0]])
        let client = engine.connect()
        client.send("x")
        let server = try #require(peers[0].accept())
        #expect(server.read(count: 1) == "x")
        var change = Change()
        change.backends = [
            TestEngine.backend: Backend(
                servers: [Server(address: "127.0.0.1", port: peers[1].port)], origin: TestEngine.origin)
        ]
        #expect(engine.publish(change))
        let second = engine.connect()
        second.send("y")
        #expect(peers[1].accept()?.read(count: 1) == "y")
        client.send("z")
        #expect(server.read(count: 1) == "z")
    }

    @Test(
        "a backend's rules hold bytes back, about what clients say and about what its server does",
        arguments: [true, false])
    func heldBack(isContent: Bool) throws {
        let peer = try TestPeer()
        let limit = BandwidthLimit(section: "db", name: "slow", .answer, bytes: 4, period: 3_600_000)
        let engine = try start([peer]) { _ in
        } backend: {
            let rules = [SessionRule(.limitBandwidth(limit))]
            if isContent { $0.sessionRules.content = rules } else { $0.sessionRules.answers = rules }
        }
        let client = engine.connect()
        let server = try #require(peer.accept())
        server.send("12345678")
        #expect(client.read(count: 4) == "1234")
        #expect(!client.hears(within: 100))
    }
}

/// What a thread has read.
private final class Received: @unchecked Sendable {
    private(set) var bytes: [UInt8]?
    func set(_ bytes: [UInt8]?) { self.bytes = bytes }
}
