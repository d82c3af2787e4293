import COpenSSL
import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("TLS with servers", .serialized)
struct ServerTLSTests {
    private let authority: GeneratedAuthority
    private let stranger: GeneratedAuthority
    private static var now: Int64 { Int64(time(nil)) }

    init() throws {
        authority = try GeneratedAuthority(commonName: "authority", now: Self.now)
        stranger = try GeneratedAuthority(commonName: "stranger", now: Self.now)
    }

    private var bundle: AuthorityBundle { AuthorityBundle(certificatesPEM: authority.certificatePEM) }

    private func leaf(_ names: String..., of issuer: GeneratedAuthority? = nil, isForClients: Bool = false)
        throws -> GeneratedAuthority.Leaf
    {
        try (issuer ?? authority).issue(names: names, now: Self.now, isForClients: isForClients)
    }

    private func backend(_ backends: [TestTLSBackend], _ tls: ServerTLS?) -> Backend {
        var pool = Backend(
            servers: backends.map {
                Server(address: "127.0.0.1", port: $0.port, name: String($0.name.prefix(9)))
            },
            origin: TestEngine.origin)
        for i in pool.servers.indices { pool.servers[i].tls = tls }
        pool.retries = 1
        pool.timeouts.connect = 5_000
        return pool
    }

    private func publish(
        _ engine: TestEngine, _ backends: [TestTLSBackend], _ tls: ServerTLS?,
        _ configure: (inout Backend) -> Void = { _ in }
    ) -> Bool {
        var pool = backend(backends, tls)
        configure(&pool)
        var change = Change()
        change.backends = [TestEngine.backend: pool]
        let route = Route(
            path: "/", match: .prefix, target: .backend(TestEngine.backend), origin: TestEngine.origin)
        change.routes = [
            .exact("shop.example"): HostRoutes([route]), .exact("b.example"): HostRoutes([route]),
            .exact("127.0.0.1"): HostRoutes([route]),
        ]
        return engine.publish(change)
    }

    private func causes(_ engine: TestEngine) -> [String: UInt64] {
        engine.engine.metrics().failedServerHandshakes
    }

    @Test("requests reach a server over TLS, many on one connection")
    func plainUse() throws {
        let server = try TestTLSBackend("secret", leaf("any.example"))
        defer { server.stop() }
        let engine = try TestEngine()
        #expect(publish(engine, [server], ServerTLS()))
        let client = engine.connect()
        for _ in 0..<5 { #expect(client.get("/")?.body == "secret") }
        #expect(server.handshakes == [.init(serverName: "", isResumed: false, client: "")])
        let metrics = engine.engine.metrics()
        #expect(metrics.workers[0].serverHandshakes == 1)
        #expect(metrics.backends.first?.reuses == 4)
    }

    @Test("settings of servers that are gone are given up when their last connection is, without a publish")
    func givenUp() throws {
        let server = try TestTLSBackend("secret", leaf("any.example"))
        defer { server.stop() }
        let engine = try TestEngine()
        var tls = ServerTLS()
        #expect(publish(engine, [server], tls))
        let client = engine.connect()
        #expect(client.get("/")?.body == "secret")
        tls.parameters.minimum = .tls13
        #expect(publish(engine, [server], tls))
        #expect(client.get("/")?.body == "secret")
        #expect(
            eventually {
                engine.engine.maintain()
                return engine.engine.serverContexts == 1
            })
    }

    @Test("a verified server is one that the authority signed, for the name")
    func verified() throws {
        var tls = ServerTLS(trusting: bundle)
        for (names, sent, verified, isAccepted) in [
            (["shop.example"], ServerTLS.ServerName.requestHost, nil, true),
            (["other.example"], .requestHost, nil, false),
            (["fixed.example"], .fixed("fixed.example"), nil, true),
            (["shop.example"], .fixed("fixed.example"), nil, false),
            (["quiet.example"], .none, "quiet.example", true),
            (["quiet.example"], .none, "shop.example", false), (["quiet.example"], .none, nil, true),
        ] as [([String], ServerTLS.ServerName, String?, Bool)] {
            let server = try TestTLSBackend("ok", authority.issue(names: names, now: Self.now))
            defer { server.stop() }
            let engine = try TestEngine()
            tls.serverName = sent
            tls.verifiedName = verified
            #expect(publish(engine, [server], tls) { $0.retries = 0 })
            let answer = engine.connect().get("/")
            #expect(answer?.status == (isAccepted ? 200 : 503), "\(names) \(sent) \(verified ?? "-")")
            #expect(causes(engine) == (isAccepted ? [:] : ["peer certificate for another name": 1]))
        }
    }

    @Test("a stranger's certificate is a connection that fails, and is counted and logged")
    func failures() throws {
        let log = try TestPipe()
        let server = try TestTLSBackend("stranger", leaf("shop.example", of: stranger))
        defer { server.stop() }
        let engine = try TestEngine(accessLog: log.writing)
        #expect(publish(engine, [server], ServerTLS(trusting: bundle)))
        #expect(engine.connect().get("/")?.status == 503)
        #expect(causes(engine) == ["peer certificate untrusted": 2], "one retry")
        // The server may learn of it after our client has.
        let isSeen = eventually { server.failures == 2 }
        #expect(isSeen)
        var text = ""
        let isLogged = eventually {
            text += log.readWhatIsThere()
            return text.contains(" 503 ")
        }
        #expect(isLogged)
        #expect(text.contains(" SC-- "))
        #expect(
            text.contains(
                "http shop/web:80/stranger: TLS handshake with the server failed (peer certificate untrusted)\n"
            ))
        #expect(eventually { engine.engine.metrics().backends.first?.connectErrors == 2 })
    }

    @Test("a server that can not be verified is passed over for one that can")
    func redispatch() throws {
        let bad = try TestTLSBackend("bad", leaf("shop.example", of: stranger))
        let good = try TestTLSBackend("good", leaf("shop.example"))
        defer { [bad, good].forEach { $0.stop() } }
        let engine = try TestEngine()
        var tls = ServerTLS(trusting: bundle)
        tls.serverName = .requestHost
        #expect(publish(engine, [bad, good], tls))
        for _ in 0..<4 { #expect(engine.connect().get("/")?.body == "good") }
        #expect(eventually { engine.engine.metrics().backends.first?.redispatches ?? 0 > 0 })
    }

    @Test("a server that says nothing after the connection is not waited for longer than for a connection")
    func silence() throws {
        let any = SocketAddress("127.0.0.1", port: 0) ?? SocketAddress()
        let listener = try Listener(any, v6Only: true, deferAccept: false)
        let engine = try TestEngine()
        var pool = Backend(
            servers: [Server(address: "127.0.0.1", port: listener.address.port)], origin: TestEngine.origin)
        pool.servers[0].tls = ServerTLS()
        pool.timeouts.connect = 100
        pool.retries = 0
        var change = Change()
        change.backends = [TestEngine.backend: pool]
        change.fallback = .backend(TestEngine.backend)
        #expect(engine.publish(change))
        #expect(engine.connect().get("/")?.status == 503)
    }

    @Test("connections of one name are never used for another")
    func namesStayApart() throws {
        let server = try TestTLSBackend("both", leaf("shop.example", "b.example"))
        defer { server.stop() }
        let engine = try TestEngine()
        var tls = ServerTLS(trusting: bundle)
        tls.serverName = .requestHost
        #expect(publish(engine, [server], tls))
        let client = engine.connect()
        for _ in 0..<2 {
            for host in ["shop.example", "b.example", "SHOP.example:80", "B.example"] {
                #expect(client.get("/", host: host)?.status == 200)
            }
        }
        #expect(server.handshakes.map(\.serverName) == ["shop.example", "b.example"])
        #expect(server.heads.count == 8)
    }

    @Test("an address as host is not sent as a name; then the server's own address is asked for")
    func addressAsHost() throws {
        let server = try TestTLSBackend("addressed", leaf("shop.example", "127.0.0.1"))
        let other = try TestTLSBackend("other", leaf("shop.example"))
        defer { [server, other].forEach { $0.stop() } }
        var tls = ServerTLS(trusting: bundle)
        tls.serverName = .requestHost
        for (backend, status) in [(server, 200), (other, 503)] {
            let engine = try TestEngine()
            #expect(publish(engine, [backend], tls) { $0.retries = 0 })
            #expect(engine.connect().get("/", host: "127.0.0.1:8443")?.status == status)
        }
        #expect(server.handshakes.map(\.serverName) == [""])
    }

    @Test(
        "the next connection resumes the session, unless that is off",
        arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func resumption(version: Int32) throws {
        for isOn in [true, false] {
            let server = try TestTLSBackend("again", leaf("shop.example"), version: version)
            defer { server.stop() }
            let engine = try TestEngine()
            var tls = ServerTLS(trusting: bundle)
            tls.serverName = .fixed("shop.example")
            tls.reusesSessions = isOn
            #expect(publish(engine, [server], tls))
            for _ in 0..<3 { #expect(engine.connect().get("/last")?.body == "again") }
            #expect(server.handshakes.map(\.isResumed) == [false, isOn, isOn])
            #expect(
                eventually { engine.engine.metrics().workers[0].resumedServerHandshakes == (isOn ? 2 : 0) })
        }
    }

    @Test(
        "a server that asks for a certificate is shown ours; a new one is shown from the next connection on")
    func clientCertificate() throws {
        let server = try TestTLSBackend("mutual", leaf("shop.example"), clients: authority)
        defer { server.stop() }
        let engine = try TestEngine()
        var tls = ServerTLS(trusting: bundle)
        for name in ["first", "second"] {
            let shown = try leaf(name, isForClients: true)
            tls.clientCertificate = Certificate(chainPEM: shown.chainPEM, keyPEM: shown.keyPEM)
            #expect(publish(engine, [server], tls))
            #expect(engine.connect().get("/")?.body == "mutual")
        }
        #expect(server.handshakes.map(\.client) == ["first", "second"])
        #expect(server.handshakes.map(\.isResumed) == [false, false])
        tls.clientCertificate = nil
        #expect(publish(engine, [server], tls))
        #expect(engine.connect().get("/")?.status ?? 0 >= 502)
    }

    @Test("another authority holds from the next request on, and idle connections of before are not used")
    func changedAuthority() throws {
        let server = try TestTLSBackend("signed", leaf("shop.example"))
        defer { server.stop() }
        let engine = try TestEngine()
        let client = engine.connect()
        #expect(publish(engine, [server], ServerTLS(trusting: bundle)))
        #expect(client.get("/")?.status == 200)
        let others = AuthorityBundle(certificatesPEM: stranger.certificatePEM)
        #expect(publish(engine, [server], ServerTLS(trusting: others)))
        #expect(client.get("/")?.status == 503)
        #expect(publish(engine, [server], ServerTLS(trusting: bundle)))
        #expect(client.get("/")?.status == 200)
    }

    @Test("settings that can not be used: who had usable ones keeps them, who had none takes no requests")
    func badSettings() throws {
        let server = try TestTLSBackend("kept", leaf("shop.example"))
        defer { server.stop() }
        let engine = try TestEngine()
        let broken = AuthorityBundle(certificatesPEM: Array("no certificate".utf8))
        var change = Change()
        change.backends = [TestEngine.backend: backend([server], ServerTLS(trusting: broken))]
        #expect(publish(engine, [server], ServerTLS(trusting: broken)))
        #expect(engine.connect().get("/")?.status == 503)
        #expect(server.handshakes.isEmpty)
        #expect(publish(engine, [server], ServerTLS(trusting: bundle)))
        let client = engine.connect()
        #expect(client.get("/")?.status == 200)
        let problems = engine.engine.publish(change)
        #expect(problems.map(\.reason) == ["ServerTLSRefused"])
        #expect(problems.first?.message.contains("no CERTIFICATE block") == true)
        #expect(client.get("/")?.status == 200)
        #expect(engine.connect().get("/")?.status == 200)
        #expect(server.handshakes.count == 1, "not even its connections end")
    }

    @Test("a PROXY header goes ahead of the handshake")
    func announced() throws {
        let server = try TestTLSBackend("told", leaf("shop.example"), announcesClient: true)
        defer { server.stop() }
        let engine = try TestEngine()
        #expect(
            publish(engine, [server], ServerTLS(trusting: bundle)) {
                $0.servers[0].sentProxyHeader = .text
            })
        let client = engine.connect()
        for _ in 0..<2 { #expect(client.get("/")?.body == "told") }
        #expect(server.announced.count == 1)
        #expect(server.announced[0].hasPrefix("PROXY TCP4 127.0.0.1 127.0.0.1 "))
    }

    @Test("a large body goes both ways")
    func largeBodies() throws {
        let body = String(repeating: "large", count: 60_000)
        let server = try TestTLSBackend(body, leaf("shop.example"))
        defer { server.stop() }
        let engine = try TestEngine()
        #expect(publish(engine, [server], ServerTLS(trusting: bundle)))
        let client = engine.connect()
        client.send("POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 200000\r\n\r\n")
        client.send(String(repeating: "x", count: 200_000))
        #expect(client.answer()?.body == body)
    }
}
