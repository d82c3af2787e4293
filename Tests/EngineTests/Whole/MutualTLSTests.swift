import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("Mutual TLS", .serialized)
struct MutualTLSTests {
    private let authority: GeneratedAuthority
    private let stranger: GeneratedAuthority
    private let good: GeneratedAuthority.Leaf
    private let bad: GeneratedAuthority.Leaf
    private static var now: Int64 { Int64(time(nil)) }

    init() throws {
        authority = try GeneratedAuthority(commonName: "authority", now: Self.now)
        stranger = try GeneratedAuthority(commonName: "stranger", now: Self.now)
        good = try authority.issue(names: ["good"], now: Self.now, isForClients: true)
        bad = try stranger.issue(names: ["bad"], now: Self.now, isForClients: true)
    }

    private func authentication(of issuer: GeneratedAuthority? = nil) -> ClientAuthentication {
        ClientAuthentication(
            authorities: AuthorityBundle(certificatesPEM: (issuer ?? authority).certificatePEM))
    }

    /// `shop.example` demands certificates, `open.example` does not; both lead to one server.
    private func start(
        _ backend: TestBackend, _ settings: ClientAuthentication, port plain: Bool = false
    ) throws -> TestEngine {
        let engine = try TestEngine { $0.binds[0].isTLS = !plain }
        #expect(engine.serve([backend]))
        var change = Change()
        let route = Route(
            path: "/", match: .prefix, target: .backend(TestEngine.backend), origin: TestEngine.origin)
        change.routes = [.exact("open.example"): HostRoutes([route])]
        change.clientAuthentication = [.exact("shop.example"): settings]
        #expect(engine.publish(change))
        return engine
    }

    private func client(
        _ engine: TestEngine, _ shown: GeneratedAuthority.Leaf?, name: String = "shop.example"
    )
        throws -> TestMutualClient?
    {
        try TestMutualClient(engine.port, name: name, shown)
    }

    @Test("a required certificate lets in, its lack or a stranger's does not")
    func required() throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        let engine = try start(backend, authentication())
        #expect(try client(engine, good)?.status(host: "shop.example") == 200)
        #expect(backend.lastHead.contains("\r\nssl-client-verify: SUCCESS\r\n"))
        #expect(backend.lastHead.contains("\r\nssl-client-subject-dn: CN=good\r\n"))
        #expect(backend.lastHead.contains("\r\nssl-client-issuer-dn: CN=authority\r\n"))
        #expect(!backend.lastHead.contains("ssl-client-cert"))
        #expect(try client(engine, nil)?.status(host: "shop.example") == nil)
        #expect(try client(engine, bad)?.status(host: "shop.example") == nil)
        // OpenSSL sends the alert before it tells the engine: the client may know first.
        #expect(
            eventually {
                engine.engine.metrics().handshakeFailures
                    == ["no peer certificate": 1, "peer certificate untrusted": 1]
            })
        #expect(backend.requests == 1)
    }

    @Test("a request for a guarded host on a connection of another name is misdirected")
    func misdirected() throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        let engine = try start(backend, authentication())
        for name in ["open.example", "", "other.example"] {
            for host in ["shop.example", "SHOP.example.", "shop.example:443"] {
                #expect(try client(engine, good, name: name)?.status(host: host) == 421, "\(name) \(host)")
            }
        }
        #expect(backend.requests == 0)
        #expect(try client(engine, nil, name: "open.example")?.status(host: "open.example") == 200)
        #expect(try client(engine, good)?.status(host: "open.example") == 200)
        #expect(!backend.lastHead.contains("ssl-client"), "what was shown to one host is not told to another")
    }

    @Test(
        "over plain HTTP nothing can be shown: a host that requires it is misdirected, an optional one told so"
    )
    func plain() throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        var settings = authentication()
        let engine = try start(backend, settings, port: true)
        #expect(engine.connect().get("/")?.status == 421)
        settings.demand = .optional
        let other = try start(backend, settings, port: true)
        let client = other.connect()
        client.send("GET / HTTP/1.1\r\nHost: shop.example\r\nssl-client-verify: SUCCESS\r\n\r\n")
        #expect(client.answer()?.status == 200)
        #expect(backend.lastHead.contains("\r\nssl-client-verify: NONE\r\n"))
        #expect(!backend.lastHead.contains("SUCCESS"))
    }

    @Test("what a client claims of its certificate is removed, in every spelling and for every host")
    func spoofed() throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        var settings = authentication()
        settings.headers.certificate = "X-Cert"
        let engine = try start(backend, settings)
        let claims = ["ssl-client-verify", "SSL-CLIENT-VERIFY", "Ssl_Client_Verify", "x-cert", "X_Cert"]
            .map { "\($0): claimed\r\n" }.joined()
        #expect(try client(engine, good)?.status(host: "shop.example", claims) == 200)
        #expect(!backend.lastHead.contains("claimed"))
        #expect(backend.lastHead.contains("\r\nX-Cert: -----BEGIN%20CERTIFICATE-----%0A"))
        let open = try client(engine, nil, name: "open.example")
        #expect(open?.status(host: "open.example", claims + "X-Other: kept\r\n") == 200)
        #expect(!backend.lastHead.contains("claimed"))
        #expect(backend.lastHead.contains("kept"))
    }

    @Test("where refusals are answers, the handshake succeeds and requests are answered 400")
    func answered() throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        var settings = authentication()
        settings.refusal = .answer
        for (demand, statuses) in [
            (.required, [200, 400, 400]), (.optional, [200, 400, 200]), (.optionalNoCA, [200, 200, 200]),
        ] as [(ClientAuthentication.Demand, [Int])] {
            settings.demand = demand
            let engine = try start(backend, settings)
            let found = try [good, bad, nil].map { try client(engine, $0)?.status(host: "shop.example") }
            #expect(found == statuses, "\(demand)")
        }
        #expect(backend.lastHead.contains("\r\nssl-client-verify: NONE\r\n"))
    }

    @Test("a changed authority holds for the next request of connections that are open")
    func changed() throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        let engine = try start(backend, authentication())
        let open = try #require(try client(engine, good))
        #expect(open.status(host: "shop.example") == 200)
        var change = Change()
        change.clientAuthentication = [.exact("shop.example"): authentication(of: stranger)]
        #expect(engine.publish(change))
        #expect(open.status(host: "shop.example") == 421)
        #expect(try client(engine, good)?.status(host: "shop.example") == nil)
        #expect(try client(engine, bad)?.status(host: "shop.example") == 200)
        change.clientAuthentication = [.exact("shop.example"): nil]
        #expect(engine.publish(change))
        #expect(try client(engine, nil)?.status(host: "shop.example") == 200)
    }

    @Test("in mode tcp sessions under a name whose authorities can not be used are refused, others go on")
    func unusableSessions() throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        let engine = try TestEngine { frontend in
            frontend.binds[0].isTLS = true
            frontend.mode = .tcp
            frontend.fallback = .backend(TestEngine.backend)
        }
        #expect(engine.serve([backend]))
        var change = Change()
        let broken = ClientAuthentication(authorities: AuthorityBundle(certificatesPEM: Array("?".utf8)))
        change.clientAuthentication = [.exact("shop.example"): broken]
        #expect(engine.publish(change))
        #expect(try client(engine, good)?.status(host: "shop.example") == nil)
        #expect(try client(engine, nil, name: "SHOP.example.")?.status(host: "shop.example") == nil)
        #expect(try client(engine, nil, name: "open.example")?.status(host: "open.example") == 200)
    }

    @Test("authorities that can not be used: the previous ones stay, or nobody is let in")
    func unusable() throws {
        let backend = try TestBackend("in")
        defer { backend.stop() }
        let broken = ClientAuthentication(authorities: AuthorityBundle(certificatesPEM: Array("?".utf8)))
        let engine = try start(backend, authentication())
        var change = Change()
        change.clientAuthentication = [.exact("shop.example"): broken]
        let problems = engine.engine.publish(change)
        #expect(problems.map(\.reason) == ["ClientAuthenticationRefused"])
        #expect(try client(engine, good)?.status(host: "shop.example") == 200)
        #expect(try client(engine, nil)?.status(host: "shop.example") == nil)
        let other = try start(backend, broken)
        #expect(try client(other, good)?.status(host: "shop.example") == 403)
        #expect(try client(other, nil, name: "open.example")?.status(host: "open.example") == 200)
        var named = authentication()
        named.headers.subject = "bad name\r\nX"
        change.clientAuthentication = [.exact("shop.example"): named]
        #expect(engine.engine.publish(change).map(\.reason) == ["ClientAuthenticationRefused"])
    }
}
