import Basics
import Glibc
import Model
import Testing
import Wire

@testable import Engine

/// Peers that stand still: given up, counted, and without hold on what others need.
@Suite("HTTP/2 peers that stand still")
struct HTTP2PatienceTests {
    private func faults(_ engine: TestEngine, _ fault: HTTP2Fault) -> UInt64 {
        engine.engine.metrics().http2Faults["\(fault)"] ?? 0
    }

    /// `:status: 204`, and with it the end of the first stream.
    private static let answer: [UInt8] = [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x89]

    /// What a server hears until the first request is there.
    private func request(at server: TestConnection) -> [UInt8] {
        var heard: [UInt8] = []
        while heard.firstRange(of: [1, 5, 0, 0, 0, 1]) == nil, let bytes = server.readSome() {
            heard += bytes
        }
        return heard
    }

    private func answer(_ size: Int, _ fields: String = "") -> String {
        "HTTP/1.1 200 OK\r\n\(fields)Content-Length: \(size)\r\n\r\n" + String(repeating: "x", count: size)
    }

    /// A client whose windows stay shut.
    private func shut(_ engine: TestEngine) throws -> TestHTTP2 {
        var limits = HTTP2Limits()
        limits.streamWindow = 0
        let client = try #require(TestHTTP2(engine, limits: limits))
        #expect(client.read { client.session.hasPeerSettings })
        return client
    }

    @Test("a client is told how many streams it may have", arguments: [7, 250])
    func streams(most: Int) throws {
        let engine = try TestEngine { $0.maxStreams = most }
        var limits = HTTP2Limits()
        limits.streams = 10_000
        let client = try #require(TestHTTP2(engine, limits: limits))
        #expect(client.read { client.session.hasPeerSettings })
        #expect(client.session.roomForStreams == most)
    }

    @Test("a connection that has not asked for anything yet is not one that is kept alive")
    func unusedConnection() throws {
        let engine = try TestEngine { ($0.timeouts.keepAlive, $0.timeouts.request) = (1, 60_000) }
        let client = try #require(TestHTTP2(engine))
        #expect(client.read { client.session.hasPeerSettings })
        _ = client.read { !client.connection.hears(within: 200) }
        #expect(client.session.goaway == nil)
        #expect(client.ask("/") != nil)
        #expect(client.read { client.statuses[1] == 404 })
    }

    @Test(
        "a stream whose window stays shut is reset after the client's time-out, and counted",
        arguments: [1, 1 << 20])
    func stalledStream(size: Int) throws {
        let backend = try TestBackend("a", answer: answer(size))
        defer { backend.stop() }
        let engine = try TestEngine { $0.timeouts.client = 50 }
        #expect(engine.serve([backend]))
        let client = try shut(engine)
        let stream = try #require(client.ask("/"))
        let id = stream[].id
        #expect(client.read { client.endings[id] != nil })
        #expect(client.endings[id] == .resetByPeer(.cancel))
        #expect(eventually { faults(engine, .stalledStream) == 1 })
        #expect(client.session.goaway == nil, "the connection goes on")
    }

    @Test(
        "what shut windows do not let out stays with the server, or in the cache", arguments: [true, false])
    func heldBack(isKept: Bool) throws {
        let backend = try TestBackend(
            "a", answer: answer(1 << 20, isKept ? "Cache-Control: max-age=60\r\n" : ""))
        defer { backend.stop() }
        let engine = try TestEngine()
        var cache = Cache(name: "large", totalSize: 8 << 20)
        cache.maxObjectSize = 2 << 20
        #expect(engine.serve([backend]) { if isKept { $0.cache = CacheUse(cache) } })
        if isKept { #expect(engine.connect().get("/")?.status == 200) }
        let (client, limits, count) = (try shut(engine), HTTP2Limits(), 60)
        for _ in 0..<count { _ = client.ask("/") }
        // Each has taken what it may; the first ones more than the others.
        var sessions: [SessionReport] = []
        #expect(
            eventually {
                sessions = engine.engine.sessions().filter { $0.isStream }
                return sessions.count == count
                    && sessions.allSatisfy { $0.passed.output >= limits.leastSendBuffer }
            })
        #expect(backend.requests == (isKept ? 1 : count))
        #expect(sessions.allSatisfy { $0.buffered.output == 0 })
        let most = limits.sendBuffers + count * (limits.leastSendBuffer + 1_024)
        #expect(sessions.reduce(0) { $0 + Int($1.passed.output) } <= most)
    }

    @Test("a client of many such streams loses its connection")
    func stalledStreams() throws {
        let (engine, backend) = (try TestEngine { $0.timeouts.client = 50 }, try TestBackend("a"))
        defer { backend.stop() }
        #expect(engine.serve([backend]))
        let client = try shut(engine)
        for _ in 0..<60 { _ = client.ask("/") }
        #expect(client.read { client.session.goaway != nil })
        #expect(client.session.goaway?.code == .enhanceYourCalm)
        #expect(eventually { faults(engine, .stalledStreams) == 1 && engine.engine.openConnections == 0 })
    }

    @Test("a client that reads nothing at all is closed, and counted")
    func unreadBytes() throws {
        let body = String(repeating: "x", count: 48 << 20)
        let backend = try TestBackend(
            "a", answer: "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        defer { backend.stop() }
        let engine = try TestEngine { $0.timeouts.client = 100 }
        #expect(engine.serve([backend]))
        var limits = HTTP2Limits()
        (limits.streamWindow, limits.connectionWindow) = (Int32.max, Int32.max)
        // What it sends is small: nothing is ever read after the settings.
        let client = try #require(TestHTTP2(engine, limits: limits))
        #expect(client.read { client.session.hasPeerSettings })
        #expect(client.ask("/") != nil)
        #expect(eventually { faults(engine, .unreadBytes) == 1 })
        #expect(eventually { engine.engine.openConnections == 0 })
    }

    @Test("a quiet client that gives no sign of life is asked for one, and left", arguments: [true, false])
    func deadClient(hasStream: Bool) throws {
        let (peer, backend) = (try TestPeer(), try TestBackend("a"))
        defer { backend.stop() }
        let engine = try TestEngine {
            // Until it is silent it has to answer in this time.
            $0.binds[0].idlePing = 1_000
            $0.timeouts.keepAlive = 60_000
        }
        let isServed = engine.serve([backend]) { pool in
            if hasStream { pool.servers = [Server(address: "127.0.0.1", port: peer.port)] }
        }
        #expect(isServed)
        let client = try #require(TestHTTP2(engine))
        #expect(client.ask("/") != nil)
        var heard: [UInt8] = []
        if !hasStream { #expect(client.read { client.statuses[1] == 200 }) }
        // From here on it is silent: what it would say to a PING is not sent.
        while let bytes = client.connection.readSome() { heard += bytes }
        let ping: [UInt8] = [0, 0, 8, 6, 0, 0, 0, 0, 0]
        #expect(heard.firstRange(of: ping) != nil, "it was asked")
        #expect(eventually { faults(engine, .unansweredPing) == 1 && engine.engine.openConnections == 0 })
    }

    @Test("a quiet client that answers keeps its connection, until it has been idle for too long")
    func livingClient() throws {
        let engine = try TestEngine {
            $0.binds[0].idlePing = 2_000
            $0.timeouts.keepAlive = 4_500
        }
        let client = try #require(TestHTTP2(engine))
        let asked = Clock.now()
        #expect(client.ask("/") != nil)
        #expect(client.read { client.statuses[1] == 404 })
        #expect(client.read { client.session.goaway != nil })
        #expect(client.session.goaway?.code == .noError)
        #expect(Clock.now() - asked >= 4_400_000_000, "pings end nothing")
        #expect(faults(engine, .unansweredPing) == 0)
    }

    @Test("a server that nothing was sent to for long is asked for a sign of life, and left if it gives none")
    func deadServer() throws {
        let peer = try TestPeer()
        let engine = try TestEngine()
        let isServed = engine.serve([]) { pool in
            pool.servers = [Server(address: "127.0.0.1", port: peer.port)]
            pool.servers[0].speaks = .http2
            (pool.retries, pool.timeouts.idle) = (0, 50)
        }
        #expect(isServed)
        let client = engine.connect()
        client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        let server = try #require(peer.accept())
        // Its settings, and nothing more.
        server.send([0, 0, 0, 4, 0, 0, 0, 0, 0])
        var heard: [UInt8] = []
        while let bytes = server.readSome() { heard += bytes }
        let ping: [UInt8] = [0, 0, 8, 6, 0, 0, 0, 0, 0]
        #expect(heard.firstRange(of: ping) != nil, "a PING was sent before the connection was closed")
        #expect(client.read(through: "\r\n")?.hasPrefix("HTTP/1.1 502 ") == true)
    }

    @Test(
        "a server that is asked for signs of life by its settings loses its connection without one",
        arguments: [true, false])
    func silentServer(hasStream: Bool) throws {
        let (peer, engine) = (try TestPeer(), try TestEngine())
        let isServed = engine.serve([]) { pool in
            pool.servers = [Server(address: "127.0.0.1", port: peer.port)]
            pool.servers[0].speaks = .http2
            pool.servers[0].idlePing = 2_000
            pool.retries = 0
        }
        #expect(isServed)
        let client = engine.connect()
        client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        let server = try #require(peer.accept())
        server.send([0, 0, 0, 4, 0, 0, 0, 0, 0])
        var heard = request(at: server)
        // From here on it is silent.
        if !hasStream {
            server.send(Self.answer)
            #expect(client.read(through: "\r\n")?.hasPrefix("HTTP/1.1 204 ") == true)
        }
        while let bytes = server.readSome() { heard += bytes }
        let ping: [UInt8] = [0, 0, 8, 6, 0, 0, 0, 0, 0]
        #expect(heard.firstRange(of: ping) != nil)
        #expect(eventually { engine.engine.metrics().serverHTTP2Faults["unansweredPing"] == 1 })
        if hasStream { #expect(client.read(through: "\r\n")?.hasPrefix("HTTP/1.1 502 ") == true) }
    }

    @Test("a server that answers keeps its connection until nobody has used it for too long")
    func livingServer() throws {
        let (peer, engine) = (try TestPeer(), try TestEngine())
        let isServed = engine.serve([]) { pool in
            pool.servers = [Server(address: "127.0.0.1", port: peer.port)]
            pool.servers[0].speaks = .http2
            pool.servers[0].idlePing = 2_000
            (pool.retries, pool.timeouts.idle) = (0, 6_500)
        }
        #expect(isServed)
        let client = engine.connect()
        client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        let server = try #require(peer.accept())
        server.send([0, 0, 0, 4, 0, 0, 0, 0, 0])
        _ = request(at: server)
        server.send(Self.answer)
        #expect(client.read(through: "\r\n")?.hasPrefix("HTTP/1.1 204 ") == true)
        let answered = Clock.now()
        let ping: [UInt8] = [0, 0, 8, 6, 0, 0, 0, 0, 0]
        var (heard, pings) = ([] as [UInt8], 0)
        while let bytes = server.readSome() {
            heard += bytes
            while let found = heard.firstRange(of: ping), heard.count >= found.lowerBound + 17 {
                server.send([0, 0, 8, 6, 1, 0, 0, 0, 0] + heard[found.upperBound..<found.upperBound + 8])
                heard.removeSubrange(0..<found.upperBound + 8)
                pings += 1
            }
        }
        #expect(pings > 1)
        #expect(Clock.now() - answered >= 6_400_000_000, "pings end nothing")
        #expect(engine.engine.metrics().serverHTTP2Faults["unansweredPing"] == nil)
    }

    @Test("a connection to a server is kept while it may be used again, and not longer")
    func idleServer() throws {
        let backend = try TestBackend("a")
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([backend]) { $0.timeouts.idle = 50 })
        let client = engine.connect()
        #expect(client.get("/", host: "shop.example")?.body == "a")
        #expect(eventually { backend.open == 0 })
        #expect(client.get("/", host: "shop.example")?.body == "a", "another one is opened")
    }
}
