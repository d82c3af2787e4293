import Basics
import CZlib
import Glibc
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Compressed answers", .serialized)
struct CompressedAnswerTests {
    /// What came back: the head, and the body behind its chunks.
    private struct Received {
        var head: String
        var body: [UInt8]

        func field(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
                .map { String($0.dropFirst(name.utf8.count + 2)) }
        }
    }

    private static let text = (0..<20_000).map { "line \($0) of a body that is worth it\n" }.joined()

    private static func answer(_ body: String, fields: String = "") -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func start(
        _ backends: [TestBackend], _ algorithms: [CompressionAlgorithm] = [.gzip],
        limits: CompressionLimits = CompressionLimits(),
        _ configure: (inout Compression) -> Void = { _ in }
    ) throws -> TestEngine {
        let engine = try TestEngine(compression: limits)
        #expect(
            engine.serve(backends) { pool in
                var compression = Compression(algorithms: algorithms)
                configure(&compression)
                pool.compression = compression
            })
        return engine
    }

    private func get(
        _ client: TestConnection, accepting: String? = "gzip", version: String = "1.1"
    ) -> Received? {
        let field = accepting.map { "Accept-Encoding: \($0)\r\n" } ?? ""
        client.send("GET / HTTP/\(version)\r\nHost: shop.example\r\n\(field)\r\n")
        guard let head = client.read(through: "\r\n\r\n") else { return nil }
        var received = Received(head: head, body: [])
        if let length = received.field("Content-Length").flatMap({ Int($0) }) {
            guard let body = client.readBytes(count: length) else { return nil }
            received.body = body
            return received
        }
        while let chunk = readChunk(client) {
            if chunk.isEmpty { return received }
            received.body += chunk
        }
        return nil
    }

    private func readChunk(_ client: TestConnection) -> [UInt8]? {
        guard let line = client.read(through: "\r\n"), let size = Int(line.dropLast(1), radix: 16),
            let bytes = client.readBytes(count: size), client.read(through: "\r\n") == "\r\n"
        else { return nil }
        return bytes
    }

    /// What zlib makes of the bytes, as far as they go.
    private func inflated(_ bytes: [UInt8], limit: Int = 1 << 24) -> String? {
        var stream = z_stream()
        guard inflateInit2_(&stream, 47, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: limit)
        let count = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                let result = inflate(&stream, Z_SYNC_FLUSH)
                return result == Z_OK || result == Z_STREAM_END ? Int(stream.total_out) : nil
            }
        }
        return count.map { String(decoding: output[..<$0], as: UTF8.self) }
    }

    @Test("a body the client takes compressed comes so, whole, and the connection goes on")
    func gzip() throws {
        let backend = try TestBackend("b", answer: Self.answer(Self.text, fields: "ETag: \"one\"\r\n"))
        defer { backend.stop() }
        let engine = try start([backend])
        let client = engine.connect()
        for _ in 0..<3 {
            let received = try #require(get(client))
            #expect(received.field("Content-Encoding") == "gzip")
            #expect(received.field("Vary") == "Accept-Encoding")
            #expect(received.field("ETag") == "W/\"one\"")
            #expect(received.field("Content-Length") == nil)
            #expect(received.field("Transfer-Encoding") == "chunked")
            #expect(received.body.count < Self.text.utf8.count / 3)
            #expect(inflated(received.body) == Self.text)
        }
        #expect(backend.requests == 3)
        #expect((engine.engine.metrics().backends.first?.bytesOut ?? .max) < UInt64(Self.text.utf8.count))
    }

    @Test("chunked bodies too, and very short ones", arguments: ["", "x", "hello"])
    func chunked(text: String) throws {
        let chunk = text.isEmpty ? "" : "\(text.utf8.count)\r\n\(text)\r\n"
        let backend = try TestBackend(
            "b",
            answer:
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)0\r\n\r\n"
        )
        defer { backend.stop() }
        let engine = try start([backend], [.deflate])
        let received = try #require(get(engine.connect(), accepting: "deflate"))
        #expect(received.field("Content-Encoding") == "deflate")
        #expect(inflated(received.body) == text)
    }

    @Test(
        "each algorithm is used for who accepts it",
        arguments: [("br", "br"), ("zstd", "zstd"), ("br, gzip", "br")])
    func algorithms(accepted: String, used: String) throws {
        let backend = try TestBackend("b", answer: Self.answer(Self.text))
        defer { backend.stop() }
        let engine = try start([backend], [.brotli, .zstd, .gzip])
        let received = try #require(get(engine.connect(), accepting: accepted))
        #expect(received.field("Content-Encoding") == used)
        #expect(received.body.count < Self.text.utf8.count / 3)
    }

    @Test("who does not accept it gets the body as it is", arguments: [nil, "identity", "br", "gzip;q=0"])
    func notAccepted(accepting: String?) throws {
        let backend = try TestBackend("b", answer: Self.answer(Self.text, fields: "ETag: \"one\"\r\n"))
        defer { backend.stop() }
        let engine = try start([backend])
        let received = try #require(get(engine.connect(), accepting: accepting))
        #expect(received.field("Content-Encoding") == nil)
        #expect(received.field("ETag") == "\"one\"")
        #expect(String(decoding: received.body, as: UTF8.self) == Self.text)
    }

    @Test("nothing is compressed for HTTP/1.0, nor without a policy")
    func notCompressed() throws {
        let backend = try TestBackend("b", answer: Self.answer(Self.text))
        defer { backend.stop() }
        let engine = try start([backend])
        let old = try #require(get(engine.connect(), version: "1.0"))
        #expect(old.field("Content-Encoding") == nil)
        #expect(old.body.count == Self.text.utf8.count)
        #expect(engine.swap(to: [backend]))
        let plain = try #require(get(engine.connect()))
        #expect(plain.field("Content-Encoding") == nil)
    }

    @Test("servers see what the client accepts unless compression is ours alone", arguments: [false, true])
    func offload(isOffload: Bool) throws {
        let backend = try TestBackend("b", answer: Self.answer(Self.text))
        defer { backend.stop() }
        let engine = try start([backend]) { $0.isOffload = isOffload }
        #expect(get(engine.connect())?.field("Content-Encoding") == "gzip")
        #expect(backend.lastHead.contains("Accept-Encoding: gzip\r\n") == !isOffload)
    }

    /// Asks until an answer goes out as it is, and checks all that come.
    private func skipsInTheEnd(_ engine: TestEngine) -> Bool {
        let client = engine.connect()
        return eventually {
            guard let received = get(client) else { return false }
            let isPlain = received.field("Content-Encoding") == nil
            let text = isPlain ? String(decoding: received.body, as: UTF8.self) : inflated(received.body)
            #expect(text == Self.text)
            return isPlain
        }
    }

    @Test("nothing new is compressed while more goes into compression than may")
    func rate() throws {
        let backend = try TestBackend("b", answer: Self.answer(Self.text))
        defer { backend.stop() }
        var limits = CompressionLimits()
        limits.maxRate = 1_000
        let engine = try start([backend], limits: limits)
        #expect(get(engine.connect())?.field("Content-Encoding") == "gzip")
        #expect(skipsInTheEnd(engine))
    }

    @Test("a body that has begun goes on with less effort while more goes into compression than may")
    func level() throws {
        let backend = try TestBackend("b", answer: Self.answer(Self.text))
        defer { backend.stop() }
        var limits = CompressionLimits()
        limits.maxRate = 1_000
        let engine = try start([backend], limits: limits)
        let received = try #require(get(engine.connect()))
        #expect(received.field("Content-Encoding") == "gzip")
        #expect(received.body.count > Self.text.utf8.count / 2)
        #expect(inflated(received.body) == Self.text)
    }

    @Test("nothing new is compressed while a worker is busier than it may be")
    func busy() throws {
        let backend = try TestBackend("b", answer: Self.answer(Self.text))
        defer { backend.stop() }
        var limits = CompressionLimits()
        limits.maxCPUUsage = 0
        #expect(skipsInTheEnd(try start([backend], limits: limits)))
    }

    @Test("what the server has sent can be read before it goes on")
    func streaming() throws {
        let any = SocketAddress("127.0.0.1", port: 0) ?? SocketAddress()
        let listener = try Listener(any, v6Only: true, deferAccept: false)
        let engine = try TestEngine()
        #expect(
            engine.serve([]) { pool in
                pool.servers = [Server(address: "127.0.0.1", port: listener.address.port)]
                pool.compression = Compression(algorithms: [.gzip])
            })
        let client = engine.connect()
        client.send("GET / HTTP/1.1\r\nHost: shop.example\r\nAccept-Encoding: gzip\r\n\r\n")
        var entry = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
        try #require(poll(&entry, 1, patience) > 0)
        let accepted = listener.accept()?.descriptor
        let server = TestConnection(descriptor: try #require(accepted))
        _ = server.read(through: "\r\n\r\n")
        server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        #expect(client.read(through: "\r\n\r\n")?.contains("Content-Encoding: gzip\r\n") == true)
        var bytes = try #require(readChunk(client))
        #expect(inflated(bytes) == "first")
        server.send("6\r\nsecond\r\n0\r\n\r\n")
        while let chunk = readChunk(client), !chunk.isEmpty { bytes += chunk }
        #expect(inflated(bytes) == "firstsecond")
    }

    @Test("a client that reads slowly gets all of a large body, and one that leaves harms nobody")
    func slowReader() throws {
        // Hardly compressible, so that sockets fill.
        var random = RandomNumbers(seed: 3)
        let body = String((0..<400_000).map { _ in String(random.next(), radix: 36) + "\n" }.joined())
        let backend = try TestBackend("b", answer: Self.answer(body))
        defer { backend.stop() }
        let engine = try start([backend])
        for _ in 0..<3 {
            let leaving = engine.connect()
            leaving.send("GET / HTTP/1.1\r\nHost: shop.example\r\nAccept-Encoding: gzip\r\n\r\n")
            #expect(leaving.read(through: "\r\n\r\n") != nil)
            leaving.close()
        }
        let slow = engine.connect()
        slow.send("GET / HTTP/1.1\r\nHost: shop.example\r\nAccept-Encoding: gzip\r\n\r\n")
        #expect(slow.read(through: "\r\n\r\n") != nil)
        #expect(get(engine.connect()).flatMap { inflated($0.body) } == body)
        var bytes: [UInt8] = []
        while let chunk = readChunk(slow), !chunk.isEmpty { bytes += chunk }
        #expect(inflated(bytes) == body)
        #expect(eventually { engine.engine.activeExchanges == 0 })
    }
}
