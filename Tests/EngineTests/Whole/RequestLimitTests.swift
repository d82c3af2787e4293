import Model
import Testing

@testable import Engine

@Suite("Request limits in the whole engine", .serialized)
struct RequestLimitTests {
    private func serve(
        _ engine: TestEngine, _ backend: TestBackend, _ change: (inout RequestLimits) -> Void
    ) -> Bool {
        var limits = RequestLimits(name: "shop/web")
        change(&limits)
        var route = Route(
            path: "/", match: .prefix, target: .backend(TestEngine.backend), origin: TestEngine.origin)
        route.limits = limits
        return engine.serve([backend], routes: [route])
    }

    @Test(
        "more requests at a time than a route may have are refused at once, over all workers",
        arguments: [1, 2])
    func inFlight(workers: Int) throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine(workers: workers)
        #expect(serve(engine, backend) { $0.maxRequests = 3 })
        let holders = (0..<3).map { _ in engine.connect() }
        for holder in holders { holder.ask("/hold") }
        #expect(eventually { backend.held == 3 })
        for _ in 0..<5 { #expect(engine.connect().get("/")?.status == 429) }
        // A publish changes nothing about what is under way.
        #expect(serve(engine, backend) { ($0.maxRequests, $0.status) = (3, 503) })
        #expect(engine.connect().get("/")?.status == 503)
        #expect(backend.requests == 3)
        backend.letGo()
        for holder in holders { #expect(holder.answer()?.status == 200) }
        #expect(eventually { engine.connect().get("/")?.status == 200 })
        #expect(eventually { engine.engine.metrics().workers.reduce(0) { $0 + $1.limitedRequests } >= 6 })
    }

    @Test("exactly the burst and one more pass at once, over all workers", arguments: [1, 2, 3])
    func rate(workers: Int) throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine(workers: workers)
        #expect(
            serve(engine, backend) { limits in
                limits.rate = RateLimit(key: .address, requests: 1)
                limits.rate?.period = 86_400_000
                limits.rate?.burst = 9
            })
        let statuses = (0..<30).map { _ in engine.connect().get("/")?.status }
        #expect(statuses.prefix(10).allSatisfy { $0 == 200 })
        #expect(statuses.dropFirst(10).allSatisfy { $0 == 429 })
        #expect(backend.requests == 10)
        // The counts belong to the name.
        #expect(
            serve(engine, backend) { limits in
                limits.rate = RateLimit(key: .address, requests: 1)
                limits.rate?.period = 86_400_000
                limits.rate?.burst = 10
            })
        #expect((0..<5).count { _ in engine.connect().get("/")?.status == 200 } == 1)
    }

    @Test("a field's values are counted apart, and requests without it not at all")
    func header() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 2)
        #expect(
            serve(engine, backend) { limits in
                limits.rate = RateLimit(key: .header("X-Key"), requests: 1)
                limits.rate?.period = 86_400_000
            })
        func ask(_ line: String) -> Int? {
            let client = engine.connect()
            client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\(line)\r\n")
            return client.answer()?.status
        }
        for key in ["a", "b", "c"] {
            #expect(ask("X-Key: \(key)\r\n") == 200)
            #expect(ask("x-key: \(key)\r\n") == 429)
        }
        for _ in 0..<5 { #expect(ask("") == 200) }
    }

    @Test("a body larger than its route takes is refused, announced or not")
    func body() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(serve(engine, backend) { $0.maxBodySize = 10 })
        func post(_ lines: String, _ body: String) -> Int? {
            let client = engine.connect()
            client.send("POST / HTTP/1.1\r\nHost: shop.example\r\n\(lines)\r\n\r\n\(body)")
            return client.answer()?.status
        }
        #expect(post("Content-Length: 11", "") == 413)
        #expect(post("Transfer-Encoding: chunked", "1f\r\n\(String(repeating: "x", count: 31))\r\n") == 413)
        #expect(backend.requests <= 1)
    }

    @Test("a frontend's heads have so many fields and bytes, and no more")
    func heads() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine { ($0.maxHeaderCount, $0.maxHeaderSize) = (3, 200) }
        #expect(engine.serve([backend]))
        func ask(_ lines: String) -> Int? {
            let client = engine.connect()
            client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\(lines)\r\n")
            return client.answer()?.status
        }
        #expect(ask("A: 1\r\nB: 2\r\n") == 200)
        #expect(ask("A: 1\r\nB: 2\r\nC: 3\r\n") == 431)
        #expect(ask("A: \(String(repeating: "x", count: 200))\r\n") == 431)
        #expect(backend.requests == 1)
    }

    @Test("one client beyond its rate takes nothing from the others")
    func others() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 2)
        #expect(
            serve(engine, backend) { limits in
                limits.rate = RateLimit(key: .header("X-Key"), requests: 1)
                limits.rate?.period = 86_400_000
                limits.rate?.burst = 20
            })
        let (greedy, modest) = (engine.connect(), engine.connect())
        let flood = "GET / HTTP/1.1\r\nHost: shop.example\r\nX-Key: g\r\n\r\n"
        greedy.send(String(repeating: flood, count: 500))
        for _ in 0..<20 {
            modest.send("GET / HTTP/1.1\r\nHost: shop.example\r\nX-Key: m\r\n\r\n")
            #expect(modest.answer()?.status == 200)
        }
        let statuses = (0..<500).map { _ in greedy.answer()?.status }
        #expect(statuses.count { $0 == 200 } == 21)
        #expect(statuses.count { $0 == 429 } == 479)
    }
}
