import Basics
import Model
import Testing
import Wire

@testable import Engine

/// Addresses that are listened on and others that are not any more, while traffic flows.
@Suite("Listeners at run time", .timeLimit(.minutes(5)))
struct ListenerChangeTests {
    private static func port() throws -> UInt16 { try TestPeer.closedPort() }

    private func http(_ engine: TestEngine) -> Frontend {
        Frontend(name: "http", binds: [Bind(address: "127.0.0.1", port: engine.port)])
    }

    private func tcp(_ name: String, _ port: UInt16, to backend: String = "db") -> Frontend {
        var frontend = Frontend(name: name, binds: [Bind(address: "127.0.0.1", port: port)])
        frontend.mode = .tcp
        frontend.fallback = .backend(BackendName(backend))
        return frontend
    }

    private func publish(_ frontends: [Frontend], on engine: TestEngine, db peer: TestPeer? = nil)
        -> [Diagnostic]
    {
        var change = Change()
        change.frontends = frontends
        if let peer {
            change.backends = [
                BackendName("db"): Backend(
                    servers: [Server(address: "127.0.0.1", port: peer.port)], origin: TestEngine.origin)
            ]
        }
        let found = engine.engine.publish(change)
        // What is published later is adopted later: then the ports are what they are going to be.
        var marker = Change()
        marker.backends = [BackendName("marker"): Backend(servers: [], origin: TestEngine.origin)]
        #expect(engine.publish(marker))
        return found
    }

    /// Whether a session through a port reaches the peer.
    private func reaches(_ peer: TestPeer, by port: UInt16) -> Bool {
        let client = TestConnection(port: port)
        client.send("x")
        guard let server = peer.accept(within: 500) else { return false }
        return server.read(count: 1) == "x"
    }

    /// Whether connections to a port are refused or ended.
    private func isClosed(_ port: UInt16) -> Bool { TestConnection(port: port).isEndedByPeer }

    @Test("a port comes, changes its target and goes; sessions and other ports go on", arguments: [1, 3])
    func comeAndGo(workers: Int) throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let peer = try TestPeer()
        let engine = try TestEngine(workers: workers)
        #expect(engine.serve([backend]))
        let browser = engine.connect()
        #expect(browser.get("/")?.body == "web")
        let port = try Self.port()
        #expect(publish([http(engine), tcp("tcp-1", port)], on: engine, db: peer).isEmpty)
        #expect(eventually { reaches(peer, by: port) })
        let running = TestConnection(port: port)
        running.send("1")
        let server = try #require(peer.accept())
        #expect(server.read(count: 1) == "1")
        #expect(publish([http(engine)], on: engine).isEmpty)
        #expect(eventually { isClosed(port) })
        running.send("2")
        #expect(server.read(count: 1) == "2")
        server.send("3")
        #expect(running.read(count: 1) == "3")
        #expect(browser.get("/")?.body == "web")
        #expect(publish([tcp("tcp-1", port), http(engine)], on: engine).isEmpty)
        #expect(eventually { reaches(peer, by: port) })
        #expect(engine.connect().get("/")?.body == "web")
    }

    @Test("a port that somebody else has is told of, and everything else is served")
    func taken() throws {
        let peer = try TestPeer()
        let other = try TestPeer()
        let engine = try TestEngine()
        let port = try Self.port()
        var wanted = tcp("tcp-2", other.port)
        wanted.subject = Subject(
            kind: "ConfigMap", object: Origin(namespace: "ns", name: "tcp"), field: "data.\(other.port)")
        let found = publish([http(engine), wanted, tcp("tcp-1", port)], on: engine, db: peer)
        #expect(found.map(\.reason) == ["NotListening"])
        #expect(found.map(\.kind) == ["ConfigMap"])
        #expect(found.map(\.field) == ["data.\(other.port)"])
        #expect(found.first?.message.contains("Address already in use") == true)
        #expect(eventually { reaches(peer, by: port) })
    }

    @Test("a port that could not be had is tried again with the next change")
    func again() throws {
        let peer = try TestPeer()
        var other: TestPeer? = try TestPeer()
        let port = try #require(other?.port)
        let engine = try TestEngine()
        #expect(publish([http(engine), tcp("tcp-1", port)], on: engine, db: peer).count == 1)
        other = nil
        #expect(publish([http(engine), tcp("tcp-1", port)], on: engine).isEmpty)
        #expect(eventually { reaches(peer, by: port) })
    }

    @Test("two frontends with one address: the first has it, the other is told of")
    func twice() throws {
        let peer = try TestPeer()
        let engine = try TestEngine()
        let port = try Self.port()
        let found = publish(
            [http(engine), tcp("tcp-1", port), tcp("tcp-2", port)], on: engine, db: peer)
        #expect(found.map(\.object.name) == ["tcp-2"])
        #expect(eventually { reaches(peer, by: port) })
    }

    @Test("an address goes from one frontend to another without being closed")
    func moves() throws {
        let peer = try TestPeer()
        let engine = try TestEngine()
        let port = try Self.port()
        #expect(publish([http(engine), tcp("tcp-1", port, to: "none")], on: engine, db: peer).isEmpty)
        #expect(eventually { isClosed(port) })
        #expect(publish([http(engine), tcp("tcp-2", port)], on: engine).isEmpty)
        #expect(eventually { reaches(peer, by: port) })
        // And from mode http, which waits for clients to speak first.
        #expect(publish([tcp("tcp-2", port), tcp("tcp-3", engine.port)], on: engine).isEmpty)
        let client = engine.connect()
        let server = try #require(peer.accept())
        server.send("220")
        #expect(client.read(count: 3) == "220")
    }

    @Test("a TLS port needs a process that began with TLS")
    func withoutTLS() throws {
        let engine = try TestEngine()
        var https = Frontend(
            name: "https", binds: [Bind(address: "127.0.0.1", port: try Self.port(), isTLS: true)])
        https.mode = .http
        let found = publish([http(engine), https], on: engine)
        #expect(found.count == 1)
        #expect(found.first?.message.contains("a restart is needed") == true)
    }

    @Test("limits of connections hold for ports that came later")
    func limits() throws {
        let peer = try TestPeer()
        let engine = try TestEngine()
        let port = try Self.port()
        var frontend = tcp("tcp-1", port)
        frontend.maxConnections = 1
        #expect(publish([http(engine), frontend], on: engine, db: peer).isEmpty)
        #expect(eventually { reaches(peer, by: port) })
        let first = TestConnection(port: port)
        first.send("1")
        let server = try #require(peer.accept())
        #expect(server.read(count: 1) == "1")
        let second = TestConnection(port: port)
        second.send("2")
        #expect(peer.accept(within: 50) == nil)
        first.close()
        server.close()
        #expect(peer.accept()?.read(count: 1) == "2")
    }

    @Test(
        "thousands of addresses come and go, and who came by one of the first is served as ever",
        arguments: [1, 2])
    func reused(workers: Int) throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine(workers: workers)
        #expect(engine.serve([backend]))
        let port = try Self.port()
        func frontends(_ range: Range<Int>) -> [Frontend] {
            range.map { i in
                var frontend = Frontend(
                    name: "f\(i)", binds: [Bind(address: "127.0.\(i / 250).\(i % 250 + 1)", port: port)])
                if i > 0 { frontend.fallback = .answer(status: 410) }
                return frontend
            }
        }
        #expect(publish([http(engine)] + frontends(0..<1), on: engine).isEmpty)
        let first = TestConnection(port: port)
        #expect(first.get("/", host: "nobody.example")?.status == 404)
        let step = 60
        for start in stride(from: 1, to: 2_401, by: step) {
            let found = publish([http(engine)] + frontends(start..<start + step), on: engine)
            #expect(found.isEmpty, "\(start)")
        }
        // Its own frontend has another fallback than those that came since.
        #expect(first.get("/", host: "nobody.example")?.status == 404)
        #expect(first.get("/")?.body == "web")
        first.close()
        #expect(eventually { engine.engine.openConnections == 0 })
        #expect(publish([http(engine)] + frontends(0..<1), on: engine).isEmpty)
        #expect(eventually { TestConnection(port: port).get("/", host: "nobody.example")?.status == 404 })
    }

    @Test("ports come and go under load, and nobody else loses a byte")
    func underLoad() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let peer = try TestPeer()
        let engine = try TestEngine(workers: 2)
        #expect(engine.serve([backend]))
        let clients = (0..<8).map { _ in engine.connect() }
        let ports = try (0..<6).map { _ in try Self.port() }
        for round in 0..<20 {
            let present = ports.enumerated().filter { ($0.offset + round) % 3 != 0 }.map {
                tcp("tcp-\($0.offset)", $0.element)
            }
            _ = publish([http(engine)] + present, on: engine, db: round == 0 ? peer : nil)
            for client in clients { #expect(client.get("/\(round)")?.body == "web") }
        }
        // The last one is counted once its answer has been sent.
        let isCounted = eventually {
            engine.engine.metrics().backends.first { $0.name == "shop/web:80" }?.statusClasses[2] == 160
        }
        #expect(isCounted)
    }
}
