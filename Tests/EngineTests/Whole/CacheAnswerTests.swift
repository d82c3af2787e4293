import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Answers from the cache", .serialized)
struct CacheAnswerTests {
    private static let fresh = "Cache-Control: max-age=60\r\nETag: \"v1\"\r\n"

    private func use(_ change: (inout Cache) -> Void = { _ in }) -> CacheUse {
        var cache = Cache(name: "small", totalSize: 1 << 20)
        change(&cache)
        return CacheUse(cache)
    }

    private func serve(
        _ backend: TestBackend, workers: Int = 1, _ change: (inout Cache) -> Void = { _ in }
    ) throws -> TestEngine {
        let engine = try TestEngine(workers: workers)
        #expect(engine.serve([backend]) { $0.cache = use(change) })
        return engine
    }

    private func ask(
        _ engine: TestEngine, _ lines: String = "", method: String = "GET", path: String = "/",
        host: String = "shop.example"
    ) -> TestAnswer? {
        let client = engine.connect()
        client.send("\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n\(lines)\r\n")
        guard method != "HEAD" else {
            return client.read(through: "\r\n\r\n").map { TestAnswer(status: 200, body: "", head: $0) }
        }
        return client.answer()
    }

    private func traffic(_ engine: TestEngine) -> [UInt64] {
        let metrics = engine.engine.metrics().backends.first
        return [metrics?.cacheLookups ?? 0, metrics?.cacheHits ?? 0]
    }

    @Test(
        "an answer that may be kept is asked for once, over all workers and connections", arguments: [1, 2])
    func kept(workers: Int) throws {
        let backend = try TestBackend("web", fields: Self.fresh)
        defer { backend.stop() }
        let engine = try serve(backend, workers: workers)
        for _ in 0..<12 { #expect(ask(engine)?.body == "web") }
        #expect(backend.requests == 1)
        let head = ask(engine)?.head ?? ""
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(head.contains("\r\nAge: 0\r\n") || head.contains("\r\nAge: 1\r\n"), "\(head)")
        #expect(head.contains("\r\nETag: \"v1\"\r\n") && head.contains("\r\nContent-Length: 3\r\n"))
        #expect(ask(engine, method: "HEAD")?.head.contains("Content-Length: 3") == true)
        #expect(ask(engine, host: "SHOP.example")?.body == "web")
        #expect(backend.requests == 1)
        #expect(traffic(engine) == [15, 14])
        #expect(ask(engine, path: "/other")?.body == "web")
        #expect(ask(engine, path: "/?other")?.body == "web")
        #expect(backend.requests == 3)
    }

    @Test(
        "what is kept survives publishes, also of a backend without servers, until no backend has the cache")
    func published() throws {
        let backend = try TestBackend("web", fields: Self.fresh)
        defer { backend.stop() }
        let engine = try serve(backend)
        _ = ask(engine)
        #expect(engine.swap(to: []) { $0.cache = use { $0.maxAge = 10 } })
        #expect(ask(engine)?.body == "web")
        #expect(engine.swap(to: []))
        #expect(ask(engine)?.status == 503)
        #expect(engine.swap(to: [backend]) { $0.cache = use() })
        _ = ask(engine)
        #expect(backend.requests == 2)
    }

    @Test(
        "clients that have it already are told so",
        arguments: [
            "If-None-Match: \"v1\"", "If-None-Match: W/\"v1\", \"x\"",
            "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT",
        ])
    func conditional(line: String) throws {
        let backend = try TestBackend("web", fields: Self.fresh)
        defer { backend.stop() }
        let engine = try serve(backend)
        _ = ask(engine)
        let client = engine.connect()
        client.send(
            "GET / HTTP/1.1\r\nHost: shop.example\r\n\(line)\r\n\r\nGET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"
        )
        let head = client.read(through: "\r\n\r\n") ?? ""
        #expect(head.hasPrefix("HTTP/1.1 304 ") && head.contains("ETag: \"v1\""))
        #expect(client.answer()?.body == "web")
        #expect(backend.requests == 1)
        #expect(ask(engine, "If-None-Match: \"v2\"\r\n")?.status == 200)
        #expect(backend.requests == 1)
    }

    @Test(
        "what is not to be kept is asked for every time",
        arguments: [
            "", "Cache-Control: no-store\r\n", "Cache-Control: max-age=60, private\r\n",
            "Cache-Control: max-age=60\r\nVary: Cookie\r\n", "Cache-Control: max-age=60, max-age=61\r\n",
            "Cache-Control: max-age=60\r\nAge: x\r\n", "Expires: 0\r\nETag: \"x\"\r\n",
        ])
    func notKept(fields: String) throws {
        let backend = try TestBackend("web", fields: fields)
        defer { backend.stop() }
        let engine = try serve(backend)
        for _ in 0..<3 { #expect(ask(engine)?.body == "web") }
        #expect(backend.requests == 3)
        #expect(traffic(engine) == [3, 0])
    }

    @Test(
        "other answers than 200 are not kept",
        arguments: ["301 Moved", "404 Not Found", "206 Partial Content", "203 Non-Authoritative"])
    func otherStatus(status: String) throws {
        let backend = try TestBackend(
            "web", answer: "HTTP/1.1 \(status)\r\n\(Self.fresh)Content-Length: 1\r\n\r\nx")
        defer { backend.stop() }
        let engine = try serve(backend)
        for _ in 0..<2 { _ = ask(engine) }
        #expect(backend.requests == 2)
    }

    @Test("requests that want the server reach it, and so do other methods, which may change what is kept")
    func bypassed() throws {
        let backend = try TestBackend("web", fields: Self.fresh)
        defer { backend.stop() }
        let engine = try serve(backend)
        _ = ask(engine)
        #expect(ask(engine, "Authorization: Basic x\r\n")?.body == "web")
        #expect(ask(engine, "Cache-Control: no-cache\r\n")?.body == "web")
        #expect(ask(engine, "Content-Length: 1\r\n\r\nx")?.body == "web")
        #expect(backend.requests == 4)
        #expect(ask(engine)?.body == "web")
        #expect(backend.requests == 4)
        #expect(ask(engine, "Content-Length: 0\r\n", method: "POST")?.body == "web")
        #expect(ask(engine)?.body == "web")
        #expect(backend.requests == 6)
        #expect(ask(engine, method: "OPTIONS")?.body == "web")
        #expect(ask(engine)?.body == "web")
        #expect(backend.requests == 7)
        // HTTP/1.0 has no part in it.
        let old = engine.connect()
        old.send("GET / HTTP/1.0\r\nHost: shop.example\r\n\r\n")
        #expect(old.answer()?.body == "web")
        #expect(backend.requests == 8)
    }

    @Test("an answer beyond the largest size is passed on and not kept", arguments: [(2_000, 3), (4_000, 1)])
    func large(limit: Int, requests: Int) throws {
        let body = String(repeating: "x", count: 3_000)
        let backend = try TestBackend(
            "web", answer: "HTTP/1.1 200 OK\r\n\(Self.fresh)Content-Length: 3000\r\n\r\n\(body)")
        defer { backend.stop() }
        let engine = try serve(backend) { $0.maxObjectSize = limit }
        for _ in 0..<3 { #expect(ask(engine)?.body == body) }
        #expect(backend.requests == requests)
    }

    @Test("a large answer is given in pieces, as the client takes them, and whole")
    func pieces() throws {
        let body = (0..<100_000).map { "\($0 % 10_000)," }.joined()
        let backend = try TestBackend(
            "web", answer: "HTTP/1.1 200 OK\r\n\(Self.fresh)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        defer { backend.stop() }
        let engine = try serve(backend) {
            $0.totalSize = 4 << 20
            $0.maxObjectSize = 1 << 20
        }
        for _ in 0..<3 { #expect(ask(engine)?.body == body) }
        let slow = engine.connect()
        for _ in 0..<20 { slow.ask("/") }
        for _ in 0..<20 { #expect(slow.answer()?.body == body) }
        #expect(backend.requests == 1)
        let h2 = try #require(TestHTTP2(engine))
        for _ in 0..<3 { _ = h2.ask("/") }
        #expect(h2.read { h2.endings.count == 3 })
        #expect(h2.endings.values.allSatisfy { $0 == .complete })
        #expect(backend.requests == 1)
        // One that goes away in the middle harms nobody.
        let rude = engine.connect()
        rude.ask("/")
        _ = rude.read(count: 10)
        rude.close()
        #expect(ask(engine)?.body == body)
    }

    @Test(
        "an answer without a length is kept when it has ended, and has one then; one with trailers is not",
        arguments: [("", 1), ("X-Sum: 1\r\n", 2)])
    func chunked(trailers: String, requests: Int) throws {
        let backend = try TestBackend(
            "web",
            answer:
                "HTTP/1.1 200 OK\r\n\(Self.fresh)Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\(trailers)\r\n"
        )
        defer { backend.stop() }
        let engine = try serve(backend)
        let client = engine.connect()
        client.ask("/")
        #expect(client.read(through: "0\r\n\(trailers)\r\n")?.contains("chunked") == true)
        client.ask("/")
        let second = client.read(through: "\r\n\r\n") ?? ""
        #expect(second.contains("Content-Length: 5") == (requests == 1))
        #expect(backend.requests == requests)
    }

    @Test(
        "an answer that was cut is not kept, nor one that ends with its connection",
        arguments: [
            "Content-Length: 9\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "\r\nabc",
        ])
    func cut(rest: String) throws {
        let backend = try TestBackend("web", answer: "HTTP/1.1 200 OK\r\n\(Self.fresh)\(rest)")
        defer { backend.stop() }
        let engine = try serve(backend)
        for _ in 0..<2 {
            let client = engine.connect()
            client.ask("/last")
            // What ends with its connection is whole, as far as the client can tell.
            if rest.hasPrefix("\r\n") {
                #expect(client.read(through: "3\r\nabc\r\n0\r\n\r\n") != nil)
            } else {
                #expect(client.isEndedByPeer)
            }
        }
        #expect(backend.requests == 2)
    }

    @Test("variants are kept where that is wanted")
    func varying() throws {
        let backend = try TestBackend("web", fields: Self.fresh + "Vary: Origin\r\n")
        defer { backend.stop() }
        let engine = try serve(backend) { $0.processesVary = true }
        for origin in ["a", "b", "a", "b"] { #expect(ask(engine, "Origin: \(origin)\r\n")?.body == "web") }
        #expect(backend.requests == 2)
        _ = ask(engine)
        #expect(backend.requests == 3)
    }

    @Test("what is kept is what the server sent, and is compressed for those who want it")
    func compressed() throws {
        let body = String(repeating: "compress me ", count: 200)
        let backend = try TestBackend(
            "web",
            answer:
                "HTTP/1.1 200 OK\r\n\(Self.fresh)Content-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(
            engine.serve([backend]) { pool in
                pool.cache = use { $0.maxObjectSize = 100_000 }
                pool.compression = Compression(algorithms: [.gzip])
            })
        for _ in 0..<2 {
            let client = engine.connect()
            client.send("GET / HTTP/1.1\r\nHost: shop.example\r\nAccept-Encoding: gzip\r\n\r\n")
            let head = client.read(through: "\r\n\r\n") ?? ""
            #expect(
                head.contains("Content-Encoding: gzip\r\n") && head.contains("ETag: W/\"v1\"\r\n"), "\(head)")
            #expect(ask(engine)?.body == body)
        }
        #expect(backend.requests == 1)
    }

    @Test("a server that speaks HTTP/2 is asked once too")
    func http2Server() throws {
        let backend = try TestHTTP2Backend()
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(
            engine.serve([]) { pool in
                pool.servers = [Server(address: "127.0.0.1", port: backend.port)]
                pool.servers[0].speaks = .http2
                pool.cache = use {
                    $0.totalSize = 64 << 20
                    $0.maxObjectSize = 32 << 20
                }
            })
        let client = try #require(TestHTTP2(engine))
        for path in ["/fresh", "/fresh/large", "/fresh/trailers", "/"] {
            for _ in 0..<3 {
                let before = client.endings.count
                _ = client.ask(path)
                #expect(client.read { client.endings.count == before + 1 })
            }
        }
        #expect(Set(client.statuses.values) == [200])
        #expect(client.endings.values.allSatisfy { $0 == .complete })
        // Twice one, and three of those with trailers and of those that say nothing.
        #expect(backend.seen.requests == 8)
        #expect(ask(engine, path: "/fresh")?.body == "0")
        let old = engine.connect()
        old.ask("/fresh/large")
        #expect(old.read(through: "\r\n\r\n")?.contains("Content-Length: 300000\r\n") == true)
        #expect(old.readBytes(count: 300_000) == TestHTTP2Backend.large)
        #expect(backend.seen.requests == 8)
        let cache = engine.engine.metrics().caches.first
        #expect(cache?.name == "small" && cache?.answers == 2)
        #expect((cache?.bytes ?? 0) > TestHTTP2Backend.large.count)
    }
}
