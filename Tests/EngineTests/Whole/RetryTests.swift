import Model
import Testing

@testable import Engine

@Suite("Repeated requests", .serialized)
struct RetryTests {
    private static let broken = "HTTP/1.1 503 Oh\r\nContent-Length: 4\r\n\r\nbusy"

    private func serve(
        _ engine: TestEngine, _ backends: [TestBackend], on words: [String],
        _ change: (inout Backend) -> Void = { _ in }
    ) -> Bool {
        engine.serve(backends) { pool in
            pool.retryOn = words.compactMap { RetryConditions(word: $0) }.reduce([]) { $0.union($1) }
            change(&pool)
        }
    }

    @Test(
        "an answer that may be repeated is, at another server, and the client sees the good one",
        arguments: [
            ("503", broken), ("junk-response", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
            ("all-retryable-errors", "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n"),
        ])
    func elsewhere(word: String, answer: String) throws {
        let (bad, good) = (try TestBackend("bad", answer: answer), try TestBackend("good"))
        defer { [bad, good].forEach { $0.stop() } }
        let engine = try TestEngine()
        #expect(serve(engine, [bad, good], on: [word]))
        let client = engine.connect()
        for _ in 0..<6 { #expect(client.get("/") == TestAnswer(status: 200, body: "good")) }
        #expect(bad.requests > 0)
        #expect(eventually { engine.engine.metrics().backends.first?.redispatches == UInt64(bad.requests) })
    }

    @Test("when all attempts are used up the last answer is passed on")
    func lastAnswer() throws {
        let bad = try TestBackend("bad", answer: Self.broken)
        defer { bad.stop() }
        let engine = try TestEngine()
        #expect(serve(engine, [bad], on: ["503"]) { $0.retries = 2 })
        #expect(engine.connect().get("/") == TestAnswer(status: 503, body: "busy"))
        #expect(bad.requests == 3)
    }

    @Test("without retry-on it is passed on at once")
    func off() throws {
        let bad = try TestBackend("bad", answer: Self.broken)
        defer { bad.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([bad]))
        #expect(engine.connect().get("/") == TestAnswer(status: 503, body: "busy"))
        #expect(bad.requests == 1)
    }

    @Test("a server that says nothing in time is given up for another")
    func silence() throws {
        let (slow, good) = (try TestBackend("slow"), try TestBackend("good"))
        defer { [slow, good].forEach { $0.stop() } }
        good.letGo()
        let engine = try TestEngine()
        #expect(serve(engine, [slow, good], on: ["response-timeout"]) { $0.timeouts.server = 1_500 })
        for _ in 0..<4 { #expect(engine.connect().get("/hold") == TestAnswer(status: 200, body: "good")) }
        #expect(
            serve(engine, [slow], on: ["response-timeout"]) { pool in
                (pool.timeouts.server, pool.retries) = (1_500, 1)
            })
        #expect(engine.connect().get("/hold")?.status == 504)
    }

    @Test("an answer that never begins is asked for again, also after a POST")
    func empty() throws {
        let backend = try TestBackend("one")
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(serve(engine, [backend], on: ["empty-response"]))
        #expect(engine.connect().get("/drop") == TestAnswer(status: 200, body: "one"))
        #expect(backend.requests == 2)
    }

    private func post(_ engine: TestEngine, _ body: String, in pieces: Int) -> TestAnswer? {
        let client = engine.connect()
        client.send("POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
        let bytes = Array(body.utf8)
        let size = (bytes.count + pieces - 1) / pieces
        for start in stride(from: 0, to: bytes.count, by: size) {
            client.send(Array(bytes[start..<min(bytes.count, start + size)]))
        }
        return client.answer()
    }

    @Test("a body that did not fit beside its head is sent once")
    func longBody() throws {
        let bad = try TestBackend("bad", answer: Self.broken)
        defer { bad.stop() }
        let engine = try TestEngine()
        #expect(serve(engine, [bad], on: ["503"]))
        #expect(post(engine, String(repeating: "x", count: 300_000), in: 3)?.status == 503)
        #expect(eventually { engine.engine.activeExchanges == 0 })
        #expect(engine.engine.metrics().backends.first?.retries == 0)
    }

    @Test("with a limit, a repeated attempt at the same server keeps its place there")
    func keepsPlace() throws {
        let bad = try TestBackend("bad", answer: Self.broken)
        defer { bad.stop() }
        let engine = try TestEngine(workers: 2)
        #expect(serve(engine, [bad], on: ["503"]) { $0.servers[0].maxConnections = 1 })
        let clients = (0..<8).map { _ in engine.connect() }
        for client in clients { client.ask("/") }
        for client in clients { #expect(client.answer()?.status == 503) }
        #expect(bad.requests == 32)
        #expect(eventually { engine.engine.servers().first?.active == 0 })
    }
}
