import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("PROXY headers for servers", .serialized)
struct SentProxyHeaderTests {
    /// An engine whose servers are sent headers.
    private func start(
        _ backends: [TestBackend], _ header: SentProxyHeader, frontend: (inout Frontend) -> Void = { _ in }
    ) throws -> TestEngine {
        let engine = try TestEngine(frontend: frontend)
        #expect(serve(engine, backends, header))
        return engine
    }

    private func serve(_ engine: TestEngine, _ backends: [TestBackend], _ header: SentProxyHeader?) -> Bool {
        engine.serve(backends) { pool in
            for i in pool.servers.indices { pool.servers[i].sentProxyHeader = header }
        }
    }

    /// What a header of version 2 says, if it is one.
    private struct Told {
        var source: String
        var destination: String
        var tls: ProxyTLS?
        var values: [ProxyFieldType: String] = [:]

        init?(_ bytes: [UInt8]?) {
            guard let bytes else { return nil }
            var received = Buffer(capacity: max(1, bytes.count))
            bytes.withView { _ = received.append($0) }
            var header = ProxyHeader()
            guard header.parse(received.view) == .complete(count: bytes.count),
                let addresses = header.addresses
            else { return nil }
            source = addresses.source.description(withPort: true)
            destination = addresses.destination.description(withPort: true)
            tls = header.tls
            for type: ProxyFieldType in [.alpn, .authority, .uniqueID, .checksum] {
                values[type] = header.value(of: type, in: received.view)?.string
            }
            for type: ProxyFieldType in [.tlsVersion, .cipher, .key, .signature, .commonName] {
                values[type] = header.tls?.value(of: type, in: received.view)?.string
            }
        }
    }

    @Test("a server reads the client's address and port in front of the first request, and once a connection")
    func versionOne() throws {
        let backend = try TestBackend("told", proxyVersion: 1)
        defer { backend.stop() }
        let engine = try start([backend], .text)
        let client = engine.connect()
        for _ in 0..<3 { #expect(client.get("/")?.body == "told") }
        let port = Listener.localAddress(client.descriptor).port
        let line = "PROXY TCP4 127.0.0.1 127.0.0.1 \(port) \(engine.port)\r\n"
        #expect(backend.announced.map { String(decoding: $0.header, as: UTF8.self) } == [line, line, line])
        #expect(backend.announced.allSatisfy { $0.head.hasPrefix("GET / HTTP/1.1\r\n") })
        let metrics = engine.engine.metrics().backends.first
        #expect(metrics?.connects == 1)
        #expect(metrics?.reuses == 2)
    }

    @Test("version 2 tells of TLS, name, protocol and request, under a checksum")
    func versionTwo() throws {
        let backend = try TestBackend("told", proxyVersion: 2)
        defer { backend.stop() }
        let fields: SentProxyHeader.Fields = [
            .tls, .cipher, .key, .signature, .commonName, .authority, .checksum, .uniqueID,
        ]
        let engine = try start([backend], .binary(fields)) { $0.binds[0].isTLS = true }
        let connection = engine.connect()
        let client = try TestTLSClient(connection)
        #expect(client.get("/")?.hasPrefix("HTTP/1.1 200 ") == true)
        let first = try #require(backend.announced.first)
        let told = try #require(Told(first.header), "a wrong checksum would be no header")
        #expect(told.source == Listener.localAddress(connection.descriptor).description(withPort: true))
        #expect(told.destination == "127.0.0.1:\(engine.port)")
        #expect(told.tls?.isUsed == true)
        #expect(told.tls?.hasCertificate == false)
        #expect(told.values[.alpn] == "http/1.1")
        #expect(told.values[.authority] == "shop.example")
        #expect(told.values[.tlsVersion] == "TLSv1.3")
        #expect(told.values[.cipher]?.hasPrefix("TLS_") == true)
        #expect(told.values[.key] == "EC256")
        #expect(told.values[.signature] == "ecdsa-with-SHA256")
        #expect(told.values[.commonName] == nil)
        #expect(told.values[.checksum] != nil)
        let id = try #require(told.values[.uniqueID])
        #expect(id.count == 32)
        #expect(first.head.contains("\r\nX-Request-ID: \(id)\r\n"))
    }

    @Test("without TLS, and with an ID of the client's, version 2 says so; one too long is left out")
    func plainVersionTwo() throws {
        let backend = try TestBackend("told", proxyVersion: 2)
        defer { backend.stop() }
        let engine = try start([backend], .binary([.tls, .authority, .uniqueID]))
        for id in ["mine", String(repeating: "x", count: 129)] {
            let client = engine.connect()
            client.send("GET / HTTP/1.1\r\nHost: shop.example\r\nX-Request-ID: \(id)\r\n\r\n")
            #expect(client.answer()?.status == 200)
        }
        let told = backend.announced.map { Told($0.header) }
        #expect(told.map { $0?.tls?.isUsed } == [false, false])
        #expect(told.map { $0?.values[.uniqueID] } == ["mine", nil])
        #expect(told.map { $0?.values[.authority] } == [nil, nil])
        #expect(told.map { $0?.values[.alpn] } == [nil, nil])
    }

    @Test("no request ever travels on a connection that names another client")
    func noSharing() throws {
        let backend = try TestBackend("told", proxyVersion: 1)
        defer { backend.stop() }
        let engine = try start([backend], .text)
        let clients = (0..<4).map { _ in engine.connect() }
        for round in 0..<3 {
            for (i, client) in clients.enumerated() { #expect(client.get("/\(i)/\(round)")?.status == 200) }
        }
        for request in backend.announced {
            let words = String(decoding: request.header, as: UTF8.self).split(separator: " ")
            let index = request.head.split(separator: "/")[1]
            let client = try #require(Int(index).map { clients[$0] })
            #expect(words[4] == "\(Listener.localAddress(client.descriptor).port)")
        }
        #expect(eventually { engine.engine.metrics().backends.first?.connects == 4 })
        #expect(eventually { backend.open == 4 })
        clients[0].close()
        #expect(eventually { backend.open == 3 }, "they end with their client")
    }

    @Test("a client that is spread over servers keeps a connection to each")
    func severalServers() throws {
        let backends = try (0..<3).map { try TestBackend("s\($0)", proxyVersion: 1) }
        defer { backends.forEach { $0.stop() } }
        let engine = try start(backends, .text)
        let client = engine.connect()
        for i in 0..<9 { #expect(client.get("/")?.body == "s\(i % 3)") }
        #expect(eventually { engine.engine.metrics().backends.first?.connects == 3 })
    }

    @Test("a request that is repeated on another connection has the header in front of it again")
    func retry() throws {
        let backend = try TestBackend("told", proxyVersion: 1)
        defer { backend.stop() }
        let engine = try start([backend], .text)
        let client = engine.connect()
        #expect(client.get("/")?.body == "told")
        // The server closes the idle connection instead of answering.
        #expect(client.get("/drop")?.body == "told")
        #expect(backend.announced.count == 3)
        #expect(Set(backend.announced.map(\.header)).count == 1)
        let metrics = engine.engine.metrics().backends.first
        #expect(metrics?.connects == 2)
        #expect(metrics?.retries == 1)
    }

    @Test("idle connections end with their server, and a server that is told now is another one")
    func changing() throws {
        let plain = try TestBackend("plain")
        let told = try TestBackend("told", proxyVersion: 1)
        defer { [plain, told].forEach { $0.stop() } }
        let engine = try start([told], .text)
        let client = engine.connect()
        #expect(client.get("/")?.body == "told")
        #expect(serve(engine, [plain], nil))
        #expect(eventually { told.open == 0 })
        #expect(client.get("/")?.body == "plain")
        #expect(serve(engine, [plain], .text))
        #expect(eventually { plain.open == 0 }, "what began without a header is not used again")
        #expect(serve(engine, [told], .text))
        #expect(client.get("/")?.body == "told")
    }

    @Test("an idle connection that its server closes is not asked")
    func closedByServer() throws {
        let backend = try TestBackend("told", proxyVersion: 1)
        defer { backend.stop() }
        let engine = try start([backend], .text)
        let client = engine.connect()
        for _ in 0..<2 {
            client.send("GET /last HTTP/1.1\r\nHost: shop.example\r\n\r\n")
            #expect(client.answer()?.status == 200)
            #expect(eventually { backend.open == 0 })
            #expect(eventually { engine.engine.metrics().workers[0].openServers == 0 })
        }
        #expect(eventually { engine.engine.metrics().backends.first?.connects == 2 })
    }

    @Test("what a client's own header says is passed on")
    func passedOn() throws {
        let backend = try TestBackend("told", proxyVersion: 2)
        defer { backend.stop() }
        let engine = try start([backend], .binary(.authority)) { $0.binds[0].proxyProtocol = .everyone }
        var facts = ProxyFacts()
        facts.addresses = ProxyAddresses(
            source: try #require(SocketAddress("2001:db8::1", port: 4711)),
            destination: try #require(SocketAddress("2001:db8::2", port: 443)))
        facts.authority = ("named.example" as StaticString).view
        var bytes = Buffer(capacity: 1_024)
        let isWritten = ProxyHeaderWriter(.binary, options: .authority).append(facts, to: &bytes)
        try #require(isWritten)
        let client = engine.connect()
        client.send(bytes.view.bytes)
        #expect(client.get("/")?.body == "told")
        let told = Told(backend.announced.first?.header)
        #expect(told?.source == "[2001:db8::1]:4711")
        #expect(told?.destination == "[2001:db8::2]:443")
        #expect(told?.values[.authority] == "named.example")
    }

    @Test("the configuration's fields are the writer's options")
    func sameBits() {
        let pairs: [(SentProxyHeader.Fields, ProxyHeaderWriter.Options)] = [
            (.tls, .tls), (.commonName, .commonName), (.cipher, .cipher), (.signature, .signature),
            (.key, .key), (.authority, .authority), (.checksum, .checksum), (.uniqueID, .uniqueID),
        ]
        for (field, option) in pairs { #expect(ProxyHeaderWriter(.binary(field)).options == option) }
        #expect(ProxyHeaderWriter(SentProxyHeader.text) == ProxyHeaderWriter(.text, options: []))
    }
}
