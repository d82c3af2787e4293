import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("The whole engine", .serialized)
struct EngineTests {
    @Test("an engine without configuration answers 404 and keeps the connection")
    func empty() throws {
        let engine = try TestEngine()
        #expect(!engine.engine.isReady)
        let client = engine.connect()
        for _ in 0..<3 { #expect(client.get("/")?.status == 404) }
        engine.engine.publish(Change())
        #expect(eventually { engine.engine.isReady })
        #expect(client.get("/")?.status == 404)
    }

    @Test("a second engine cannot listen on the same port")
    func portTaken() throws {
        let engine = try TestEngine()
        let second = Engine(EngineOptions(workers: 2))
        let frontend = Frontend(name: "http", binds: [Bind(address: "127.0.0.1", port: engine.port)])
        #expect(throws: EngineError.self) { try second.start([frontend]) }
        #expect(engine.connect().get("/")?.status == 404)
    }

    @Test("two workers share one exact rotation")
    func roundRobin() throws {
        let backends = try (0..<3).map { try TestBackend("s\($0)") }
        defer { backends.forEach { $0.stop() } }
        let engine = try TestEngine(workers: 2)
        #expect(engine.serve(backends))
        let clients = (0..<8).map { _ in engine.connect() }
        for round in 0..<12 {
            #expect(clients[round % 8].get("/")?.body == "s\(round % 3)")
        }
        #expect(backends.map(\.requests) == [4, 4, 4])
        let workers = engine.engine.metrics().workers
        #expect(workers.reduce(0) { $0 + $1.requests } == 12)
    }

    @Test(
        "requests that agree in what is hashed go to one server, over all workers; those without it take turns"
    )
    func hashed() throws {
        let backends = try (0..<3).map { try TestBackend("s\($0)") }
        defer { backends.forEach { $0.stop() } }
        let engine = try TestEngine(workers: 2)
        #expect(
            engine.serve(backends) { pool in
                pool.balance = .hash(.parameter("user"))
                pool.hashType = .consistent
                pool.hashBalanceFactor = 1_000
            })
        let clients = (0..<6).map { _ in engine.connect() }
        var servers: Set<String?> = []
        for user in 0..<20 {
            let answers = Set(clients.map { $0.get("/\(user)?user=\(user)")?.body })
            #expect(answers.count == 1)
            servers.formUnion(answers)
        }
        #expect(servers == ["s0", "s1", "s2"])
        #expect(Set((0..<60).map { _ in clients[0].get("/?nobody")?.body }).count == 3)
        #expect(eventually { engine.engine.activeExchanges == 0 })
    }

    @Test("a route before its backend is 503 and heals when the backend comes")
    func backendComesLater() throws {
        let backend = try TestBackend("late")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 2)
        var change = Change()
        change.routes = [
            .any: HostRoutes([
                Route(
                    path: "/", match: .prefix, target: .backend(TestEngine.backend), origin: TestEngine.origin
                )
            ])
        ]
        #expect(engine.publish(change))
        let client = engine.connect()
        #expect(client.get("/")?.status == 503)
        #expect(engine.swap(to: [backend]))
        #expect(client.get("/") == TestAnswer(status: 200, body: "late"))
        #expect(engine.swap(to: []))
        #expect(client.get("/")?.status == 503)
        #expect(engine.swap(to: [backend]))
        #expect(client.get("/")?.status == 200)
        var removal = Change()
        removal.backends.updateValue(nil, forKey: TestEngine.backend)
        #expect(engine.publish(removal))
        #expect(client.get("/")?.status == 503)
    }

    @Test("a retired server finishes its request; its connections close, the client's does not")
    func swapUnderLoad() throws {
        let (old, new) = (try TestBackend("old"), try TestBackend("new"))
        defer { [old, new].forEach { $0.stop() } }
        let engine = try TestEngine()
        #expect(engine.serve([old]))
        let (busy, idle) = (engine.connect(), engine.connect())
        busy.ask("/hold")
        #expect(eventually { old.held == 1 })
        #expect(idle.get("/")?.body == "old")
        #expect(eventually { old.open == 2 })
        #expect(engine.swap(to: [new]))
        #expect(eventually { old.open == 1 })
        #expect(idle.get("/")?.body == "new")
        old.letGo()
        #expect(busy.answer() == TestAnswer(status: 200, body: "old"))
        #expect(eventually { old.open == 0 })
        #expect(busy.get("/")?.body == "new")
        #expect(engine.engine.servers().map(\.name) == ["new"])
    }

    @Test("a server that stays keeps its idle connections over publishes")
    func identity() throws {
        let (stays, comes) = (try TestBackend("stays"), try TestBackend("comes"))
        defer { [stays, comes].forEach { $0.stop() } }
        let engine = try TestEngine()
        #expect(engine.serve([stays]))
        let client = engine.connect()
        #expect(client.get("/")?.body == "stays")
        #expect(engine.swap(to: [stays, comes]) { $0.servers[0].weight = 7 })
        #expect(engine.swap(to: [stays]) { $0.servers[0].name = "renamed" })
        #expect(client.get("/")?.body == "stays")
        #expect(eventually { stays.open == 1 })
        #expect(eventually { engine.engine.metrics().backends.first?.connects == 1 })
    }

    @Test("a refused server is passed over for another, and counted", arguments: [1, 2])
    func refused(workers: Int) throws {
        let backend = try TestBackend("alive")
        defer { backend.stop() }
        let engine = try TestEngine(workers: workers)
        #expect(
            engine.serve([backend]) { pool in
                // Port 1 of loopback: nobody listens there.
                pool.servers.append(Server(address: "127.0.0.1", port: 1, name: "dead"))
            })
        let client = engine.connect()
        let began = Clock.now()
        for _ in 0..<6 { #expect(client.get("/") == TestAnswer(status: 200, body: "alive")) }
        let seconds = (Clock.now() - began) / 1_000_000_000
        let dead = engine.engine.servers().first { $0.name == "dead" }
        #expect((dead?.connectErrors ?? 0) >= 1)
        let metrics = engine.engine.metrics().backends.first
        #expect((metrics?.connectErrors ?? 0) == (dead?.connectErrors ?? 0))
        // It is suspect for a second after it has refused once: not every other request tries it.
        #expect((dead?.connectErrors ?? 9) <= 2 + seconds)
    }

    @Test("pipelined requests are answered in order, by us and by servers")
    func pipeline() throws {
        let backend = try TestBackend("served")
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([backend]))
        let client = engine.connect()
        let one = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"
        let none = "GET / HTTP/1.1\r\nHost: nobody.example\r\n\r\n"
        client.send(String(repeating: none + one + none, count: 50))
        for _ in 0..<50 {
            #expect(client.answer()?.status == 404)
            #expect(client.answer() == TestAnswer(status: 200, body: "served"))
            #expect(client.answer()?.status == 404)
        }
    }

    @Test("2,000 pipelined requests that we answer ourselves do not overrun the stack")
    func longPipeline() throws {
        let engine = try TestEngine()
        let client = engine.connect()
        let writer = Thread(name: "writer") {
            client.send(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 2_000))
        }
        for _ in 0..<2_000 where client.answer()?.status != 404 { Issue.record("an answer is missing") }
        writer?.join()
    }

    @Test("a client that asks and never reads is not read from without end")
    func deafClient() throws {
        let engine = try TestEngine()
        let client = engine.connect()
        let requests = String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 1_000)
        let most = 256 << 20
        #expect(client.sendUntilFull(requests, most: most) < most)
        // The others are served all the same.
        #expect(engine.connect().get("/")?.status == 404)
    }
}
