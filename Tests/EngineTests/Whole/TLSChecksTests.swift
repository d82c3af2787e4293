import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("Health checks over TLS", .serialized)
struct TLSChecksTests {
    private static let http = HealthProbe.http(HTTPProbe(method: "GET", uri: "/health"))
    private let authority: GeneratedAuthority
    private let stranger: GeneratedAuthority

    init() throws {
        authority = try GeneratedAuthority(commonName: "authority", now: Int64(time(nil)))
        stranger = try GeneratedAuthority(commonName: "stranger", now: Int64(time(nil)))
    }

    private var bundle: AuthorityBundle { AuthorityBundle(certificatesPEM: authority.certificatePEM) }

    private func leaf(_ name: String, of issuer: GeneratedAuthority? = nil, isForClients: Bool = false) throws
        -> GeneratedAuthority.Leaf
    {
        try (issuer ?? authority).issue(names: [name], now: Int64(time(nil)), isForClients: isForClients)
    }

    /// Publishes one server; false if the settings are refused.
    private func publish(
        _ engine: TestEngine, _ server: TestTLSBackend, _ tls: ServerTLS?, _ probe: HealthProbe = Self.http,
        _ configure: (inout Server) -> Void = { _ in }
    ) -> Bool {
        var pool = Backend(
            servers: [Server(address: "127.0.0.1", port: server.port, name: "s")], origin: TestEngine.origin)
        pool.servers[0].tls = tls
        pool.servers[0].check = .quick(probe)
        // The handshake is a part of connecting, which may take as long.
        pool.servers[0].check?.interval = 200
        configure(&pool.servers[0])
        pool.timeouts.connect = 2_000
        var change = Change()
        change.backends = [TestEngine.backend: pool]
        change.fallback = .backend(TestEngine.backend)
        return engine.publish(change)
    }

    private func health(_ engine: TestEngine) -> HealthReport? { engine.engine.servers().first?.health }

    private func comes(_ engine: TestEngine, to status: CheckStatus, isUp: Bool) -> Bool {
        eventually { health(engine)?.status == status && health(engine)?.isUp == isUp }
    }

    @Test("a server that is verified, told its name and shown our certificate passes; sessions are resumed")
    func passes() throws {
        let server = try TestTLSBackend("s", leaf("pod.example"), clients: authority)
        defer { server.stop() }
        let engine = try TestEngine()
        let shown = try leaf("checker", isForClients: true)
        var tls = ServerTLS(trusting: bundle)
        tls.serverName = .fixed("pod.example")
        tls.clientCertificate = Certificate(chainPEM: shown.chainPEM, keyPEM: shown.keyPEM)
        #expect(publish(engine, server, tls))
        #expect(comes(engine, to: .passed, isUp: true))
        let isResumed = eventually { server.handshakes.contains { $0.isResumed } }
        #expect(isResumed)
        #expect(Set(server.handshakes.map(\.serverName)) == ["pod.example"])
        #expect(server.handshakes[0].client == "checker")
        #expect(server.heads.allSatisfy { $0.hasPrefix("GET /health ") })
        #expect(server.failures == 0)
    }

    @Test("a stranger's certificate, and one for another name, fail the check with the reason")
    func unverified() throws {
        for (issuer, name, told, cause) in [
            (stranger, "pod.example", "pod.example", "SSL handshake failure (peer certificate untrusted)"),
            (
                authority, "other.example", "pod.example",
                "Server presented an SSL certificate different from the expected one"
            ),
        ] {
            let server = try TestTLSBackend("s", leaf(name, of: issuer))
            defer { server.stop() }
            let notices = TestNotices()
            let engine = try TestEngine(notices: notices)
            #expect(
                publish(engine, server, ServerTLS(trusting: bundle)) { $0.check?.tls.serverName = told })
            #expect(comes(engine, to: .handshakeFailed, isUp: false))
            #expect(health(engine)?.info == cause)
            let isTold = eventually {
                notices.has("is DOWN, reason: Layer6 invalid response, info: \"\(cause)\"")
            }
            #expect(isTold)
        }
    }

    @Test("connecting alone is a handshake that is done, and so is ssl-hello-chk", arguments: [true, false])
    func handshakeAlone(isHello: Bool) throws {
        let server = try TestTLSBackend("s", leaf("pod.example"))
        defer { server.stop() }
        let engine = try TestEngine()
        #expect(publish(engine, server, ServerTLS(trusting: bundle), isHello ? .tls : .connect))
        #expect(comes(engine, to: .handshakeDone, isUp: true))
        #expect(server.failures == 0)
    }

    @Test("a server without TLS fails a check with it, and one with TLS a check without")
    func mismatch() throws {
        let plain = try TestBackend("plain")
        let server = try TestTLSBackend("s", leaf("pod.example"))
        defer {
            plain.stop()
            server.stop()
        }
        let engine = try TestEngine()
        #expect(publish(engine, server, ServerTLS()) { $0.check?.tls.use = .never })
        #expect(eventually { health(engine)?.isUp == false })
        #expect(
            publish(engine, server, nil) {
                $0.check?.tls.use = .always(ServerTLS())
                $0.check?.port = plain.port
            })
        // It waits for the end of a request.
        #expect(comes(engine, to: .handshakeTimeout, isUp: false))
        #expect(publish(engine, server, nil) { $0.check?.tls.use = .always(ServerTLS()) })
        #expect(comes(engine, to: .passed, isUp: true))
    }

    @Test("a server that says nothing after the connection is out of time in the handshake")
    func silence() throws {
        let any = SocketAddress("127.0.0.1", port: 0) ?? SocketAddress()
        let listener = try Listener(any, v6Only: true, deferAccept: false)
        let engine = try TestEngine()
        var pool = Backend(
            servers: [Server(address: "127.0.0.1", port: listener.address.port, name: "s")],
            origin: TestEngine.origin)
        pool.servers[0].tls = ServerTLS()
        pool.servers[0].check = .quick(Self.http)
        var change = Change()
        change.backends = [TestEngine.backend: pool]
        #expect(engine.publish(change))
        #expect(comes(engine, to: .handshakeTimeout, isUp: false))
    }

    @Test("a PROXY header goes ahead of the handshake, and names no client")
    func announced() throws {
        let server = try TestTLSBackend("s", leaf("pod.example"), announcesClient: true)
        defer { server.stop() }
        let engine = try TestEngine()
        #expect(publish(engine, server, ServerTLS(trusting: bundle)) { $0.sentProxyHeader = .text })
        #expect(comes(engine, to: .passed, isUp: true))
        #expect(server.announced.first == "PROXY UNKNOWN\r\n")
    }

    @Test("settings that can not be used: a check that ran goes on, a new one fails")
    func badSettings() throws {
        let server = try TestTLSBackend("s", leaf("pod.example"))
        defer { server.stop() }
        let broken = ServerTLS(trusting: AuthorityBundle(certificatesPEM: Array("none".utf8)))
        let engine = try TestEngine()
        #expect(publish(engine, server, nil) { $0.check?.tls.use = .always(ServerTLS(trusting: bundle)) })
        #expect(comes(engine, to: .passed, isUp: true))
        #expect(publish(engine, server, nil) { $0.check?.tls.use = .always(broken) })
        let before = server.heads.count
        let goesOn = eventually { server.heads.count > before + 2 }
        #expect(goesOn)
        #expect(health(engine)?.status == .passed)
        let other = try TestEngine()
        #expect(publish(other, server, nil) { $0.check?.tls.use = .always(broken) })
        #expect(comes(other, to: .socketError, isUp: false))
    }
}
