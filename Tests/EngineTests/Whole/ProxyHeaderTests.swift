import Basics
import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("PROXY headers of clients", .serialized)
struct ProxyHeaderTests {
    private static let line = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n"

    /// An engine whose one bind takes headers, in front of `backend`.
    private func start(
        _ backend: TestBackend, from acceptance: ProxyAcceptance = .everyone, isTLS: Bool = false,
        accessLog: Int32? = nil, _ configure: (inout Frontend) -> Void = { _ in }
    ) throws -> TestEngine {
        let engine = try TestEngine(accessLog: accessLog) { frontend in
            frontend.binds[0].proxyProtocol = acceptance
            frontend.binds[0].isTLS = isTLS
            configure(&frontend)
        }
        #expect(engine.serve([backend]))
        return engine
    }

    /// A header of version 2.
    private func binary(
        _ source: String?, port: UInt16 = 80, options: ProxyHeaderWriter.Options = .checksum,
        tlsVersion: StaticString? = nil
    ) throws -> [UInt8] {
        var facts = ProxyFacts()
        if let source {
            facts.addresses = ProxyAddresses(
                source: try #require(SocketAddress(source, port: 4711)),
                destination: try #require(SocketAddress("198.51.100.2", port: port)))
        }
        facts.tls = tlsVersion.map { ProxyFacts.TLS(version: $0.view) }
        var bytes = Buffer(capacity: 1_024)
        let isWritten = ProxyHeaderWriter(.binary, options: options).append(facts, to: &bytes)
        try #require(isWritten)
        return bytes.view.bytes
    }

    /// The value of a field the backend was told.
    private func told(_ name: String, _ backend: TestBackend) -> String? {
        backend.lastHead.split(separator: "\r\n").first { $0.hasPrefix(name + ": ") }
            .map { String($0.dropFirst(name.utf8.count + 2)) }
    }

    @Test("the address of a line becomes the client's, its port what the client asked for")
    func versionOne() throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend)
        let client = engine.connect()
        client.send(Self.line + "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        #expect(client.answer()?.body == "behind")
        #expect(told("X-Forwarded-For", backend) == "192.0.2.1")
        #expect(told("X-Real-IP", backend) == "192.0.2.1")
        #expect(told("X-Forwarded-Port", backend) == "443")
        #expect(told("X-Forwarded-Proto", backend) == "https", "as ingress-nginx has it")
        #expect(client.get("/again")?.body == "behind")
        #expect(told("X-Forwarded-For", backend) == "192.0.2.1")
        #expect(eventually { engine.engine.metrics().workers[0].proxyHeaders == 1 })
    }

    @Test(
        "version 2 with fields and checksum does the same, IPv6 too", arguments: ["192.0.2.7", "2001:db8::7"])
    func versionTwo(source: String) throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend)
        let client = engine.connect()
        client.send(try binary(source, options: [.checksum, .tls]))
        #expect(client.get("/")?.body == "behind")
        #expect(told("X-Forwarded-For", backend) == source)
        #expect(told("X-Forwarded-Port", backend) == "80")
        #expect(told("X-Forwarded-Proto", backend) == "http")
    }

    @Test("a sender that ended TLS says so")
    func offloaded() throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend)
        let client = engine.connect()
        client.send(try binary("192.0.2.7", port: 8443, options: .tls, tlsVersion: "TLSv1.3"))
        #expect(client.get("/")?.body == "behind")
        #expect(told("X-Forwarded-Proto", backend) == "https")
        #expect(told("X-Forwarded-Port", backend) == "8443")
    }

    @Test("a header may come byte by byte", arguments: [1, 2])
    func byteByByte(version: Int) throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend)
        let client = engine.connect()
        let header = version == 1 ? Array(Self.line.utf8) : try binary("192.0.2.1")
        let rounds = { engine.engine.metrics().workers[0].loops }
        for byte in header {
            let before = rounds()
            client.send([byte])
            // So that the bytes do not travel together.
            #expect(eventually { rounds() > before })
        }
        #expect(client.get("/")?.body == "behind")
        #expect(told("X-Forwarded-For", backend) == "192.0.2.1")
    }

    @Test("TLS begins right behind the header, however they are cut", arguments: [0, 1, 20])
    func behindTLS(cut: Int) throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend, isTLS: true)
        let connection = engine.connect()
        let header = Array(Self.line.utf8)
        if cut > 0 {
            connection.send(Array(header[..<cut]))
            #expect(eventually { engine.engine.openConnections == 1 })
        }
        connection.send(Array(header[cut...]))
        let client = try TestTLSClient(connection)
        #expect(client.get("/")?.hasPrefix("HTTP/1.1 200 ") == true)
        #expect(told("X-Forwarded-For", backend) == "192.0.2.1")
        #expect(told("X-Forwarded-Proto", backend) == "https")
        #expect(told("X-Forwarded-Port", backend) == "443")
        #expect(eventually { engine.engine.metrics().workers[0].handshakes == 1 })
    }

    @Test("a header before TLS is no handshake where none is taken")
    func untakenBeforeTLS() throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend, from: .off, isTLS: true)
        let client = engine.connect()
        client.send(Self.line)
        #expect(client.isEndedByPeer)
        #expect(eventually { engine.engine.metrics().workers[0].failedHandshakes == 1 })
        #expect(engine.engine.metrics().workers[0].proxyHeaders == 0)
    }

    @Test("who is not believed speaks for himself, and his header is no request")
    func untrusted() throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend, from: .from(["192.0.2.0/24", "nonsense"]))
        let honest = engine.connect()
        #expect(honest.get("/")?.body == "behind")
        #expect(told("X-Forwarded-For", backend) == "127.0.0.1")
        let liar = engine.connect()
        liar.send(Self.line + "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        #expect(liar.answer()?.status == 400)
        #expect(liar.isEndedByPeer)
        let second = engine.connect()
        second.send(try binary("192.0.2.1"))
        #expect(second.answer()?.status == 400)
        #expect(backend.requests == 1)
        #expect(engine.engine.metrics().workers[0].proxyHeaders == 0)
    }

    @Test("who is believed must send one")
    func trustedWithout() throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend, from: .from(["127.0.0.0/8"]))
        let client = engine.connect()
        client.ask("/")
        #expect(client.isEndedByPeer)
        #expect(backend.requests == 0)
        #expect(eventually { engine.engine.metrics().refusedProxyHeaders == ["missing": 1] })
    }

    @Test("whom to believe can change while the engine runs")
    func changing() throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend, from: .off)
        let old = engine.connect()
        #expect(old.get("/")?.body == "behind")
        var frontend = Frontend(name: "http", binds: [Bind(address: "127.0.0.1", port: engine.port)])
        frontend.binds[0].proxyProtocol = .everyone
        var change = Change()
        change.frontends = [frontend]
        #expect(engine.publish(change))
        #expect(old.get("/")?.body == "behind")
        let new = engine.connect()
        new.send(Self.line)
        #expect(new.get("/")?.body == "behind")
        #expect(told("X-Forwarded-For", backend) == "192.0.2.1")
    }

    @Test("a sender that speaks for itself keeps its own address", arguments: ["local", "unknown"])
    func speaksForItself(kind: String) throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend)
        let client = engine.connect()
        client.send(kind == "local" ? try binary(nil) : Array("PROXY UNKNOWN 1 2 3 4\r\n".utf8))
        #expect(client.get("/")?.body == "behind")
        #expect(told("X-Forwarded-For", backend) == "127.0.0.1")
        #expect(told("X-Forwarded-Port", backend) == String(engine.port))
    }

    @Test("proxies in front are trusted by the address the header names")
    func trustedProxy() throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend) { $0.forwarding.trustedProxies = ["192.0.2.0/24"] }
        let request = "GET / HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n"
        let trusted = engine.connect()
        trusted.send(Self.line + request)
        #expect(trusted.answer()?.status == 200)
        #expect(told("X-Forwarded-For", backend) == "203.0.113.9")
        let other = engine.connect()
        other.send("PROXY TCP4 198.51.100.9 198.51.100.2 5 80\r\n" + request)
        #expect(other.answer()?.status == 200)
        #expect(told("X-Forwarded-For", backend) == "198.51.100.9")
    }

    @Test(
        "what is no header is closed, counted by its cause and logged once",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n", "missing"),
            ("PROXY TCP4 192.0.2.1 198.51.100.2 056324 443\r\n", "badLine"),
            ("PROXY TCP4 " + String(repeating: "1", count: 100), "tooLong"),
            ("\r\n\r\n\0\r\nQUIT\n\u{31}", "badCommand"),
        ])
    func bad(bytes: String, cause: String) throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let pipe = try TestPipe()
        let engine = try start(backend, accessLog: pipe.writing)
        let client = engine.connect()
        client.send(bytes)
        #expect(client.isEndedByPeer)
        #expect(eventually { engine.engine.metrics().refusedProxyHeaders == [cause: 1] })
        #expect(backend.requests == 0)
        #expect(pipe.read(count: 10) == "127.0.0.1:")
        engine.engine.stop()
        let rest = pipe.readWhatIsThere()
        #expect(rest.hasSuffix("(\(cause))\n"))
        #expect(rest.count { $0 == "\n" } == 1)
    }

    @Test("a wrong checksum is refused")
    func badChecksum() throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend)
        var header = try binary("192.0.2.1")
        header[header.count - 1] ^= 1
        let client = engine.connect()
        client.send(header)
        #expect(client.isEndedByPeer)
        #expect(eventually { engine.engine.metrics().refusedProxyHeaders == ["badChecksum": 1] })
    }

    @Test("a header that does not come in time, or not whole, is not waited for")
    func late() throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend) { $0.timeouts.request = 50 }
        let slow = engine.connect()
        slow.send("PROXY TCP4 ")
        #expect(slow.isEndedByPeer)
        #expect(eventually { engine.engine.metrics().refusedProxyHeaders == ["timeout": 1] })
    }

    @Test("half a header and the end are refused; a connection that says nothing is no fault")
    func cut() throws {
        let backend = try TestBackend("behind")
        defer { backend.stop() }
        let engine = try start(backend)
        let half = engine.connect()
        half.send("PROXY TCP4 ")
        shutdown(half.descriptor, Int32(SHUT_WR))
        #expect(half.isEndedByPeer)
        let silent = engine.connect()
        shutdown(silent.descriptor, Int32(SHUT_WR))
        #expect(silent.isEndedByPeer)
        #expect(eventually { engine.engine.metrics().refusedProxyHeaders == ["cut": 1] })
        #expect(eventually { engine.engine.openConnections == 0 })
    }

    @Test("the same client by its header is the same client for balancing by source")
    func balanced() throws {
        let backends = try (0..<3).map { try TestBackend("s\($0)") }
        defer { backends.forEach { $0.stop() } }
        let engine = try TestEngine { $0.binds[0].proxyProtocol = .everyone }
        #expect(engine.serve(backends) { $0.balance = .source })
        var served: Set<String> = []
        for last in 1...12 {
            let answers = (0..<2).map { _ in
                let client = engine.connect()
                client.send("PROXY TCP4 192.0.2.\(last) 198.51.100.2 5 80\r\n")
                return client.get("/")?.body ?? ""
            }
            #expect(answers[0] == answers[1])
            served.insert(answers[0])
        }
        #expect(served.count == 3)
    }
}
