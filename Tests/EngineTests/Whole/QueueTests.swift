import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("Limits and queues", .serialized)
struct QueueTests {
    @Test(
        "no more requests than the limit reach a server, over all workers; the others wait and are served",
        arguments: [1, 2])
    func limit(workers: Int) throws {
        let backend = try TestBackend("limited")
        defer { backend.stop() }
        let engine = try TestEngine(workers: workers)
        #expect(engine.serve([backend]) { $0.servers[0].maxConnections = 2 })
        let clients = (0..<12).map { _ in engine.connect() }
        for client in clients { client.ask("/hold") }
        #expect(eventually { backend.held == 2 })
        #expect(eventually { engine.engine.activeExchanges == 12 })
        backend.letGo()
        for client in clients { #expect(client.answer() == TestAnswer(status: 200, body: "limited")) }
        #expect(backend.mostHeld == 2)
        #expect(eventually { engine.engine.servers().first?.active == 0 })
    }

    @Test("many short requests of two workers through one place: none is forgotten in a queue")
    func nobodyForgotten() throws {
        let backend = try TestBackend("one")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 2)
        #expect(
            engine.serve([backend]) { pool in
                pool.servers[0].maxConnections = 1
                pool.timeouts.queue = 60_000
            })
        let clients = (0..<4).map { _ in engine.connect() }
        for _ in 0..<500 {
            for client in clients { client.ask("/") }
            for client in clients {
                let answer = client.answer()
                guard answer?.status == 200 else {
                    Issue.record("\(answer.map { "\($0.status)" } ?? "no answer")")
                    return
                }
            }
        }
    }

    @Test("who waits too long gets 503 and keeps its connection")
    func timeout() throws {
        let backend = try TestBackend("slow")
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(
            engine.serve([backend]) { pool in
                pool.servers[0].maxConnections = 1
                pool.timeouts.queue = 500
            })
        let (first, second) = (engine.connect(), engine.connect())
        first.ask("/hold")
        #expect(eventually { backend.held == 1 })
        #expect(second.get("/")?.status == 503)
        backend.letGo()
        #expect(first.answer()?.status == 200)
        #expect(second.get("/")?.status == 200)
    }

    @Test("a request that leaves the queue makes nobody else wait longer")
    func clientLeaves() throws {
        let backend = try TestBackend("slow")
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([backend]) { $0.servers[0].maxConnections = 1 })
        let clients = (0..<4).map { _ in engine.connect() }
        clients[0].ask("/hold")
        #expect(eventually { backend.held == 1 })
        for client in clients[1...] { client.ask("/") }
        #expect(eventually { engine.engine.activeExchanges == 4 })
        clients[2].close()
        backend.letGo()
        for place in [0, 1, 3] { #expect(clients[place].answer()?.status == 200) }
        #expect(eventually { engine.engine.activeExchanges == 0 })
    }

    @Test("waiting requests go to a server that comes", arguments: [1, 2])
    func serverComes(workers: Int) throws {
        let (full, fresh) = (try TestBackend("full"), try TestBackend("fresh"))
        defer { [full, fresh].forEach { $0.stop() } }
        let engine = try TestEngine(workers: workers)
        #expect(engine.serve([full]) { $0.servers[0].maxConnections = 1 })
        let (busy, waiting) = (engine.connect(), engine.connect())
        busy.ask("/hold")
        #expect(eventually { full.held == 1 })
        waiting.ask("/")
        #expect(eventually { engine.engine.activeExchanges == 2 })
        #expect(engine.swap(to: [fresh]) { $0.servers[0].maxConnections = 1 })
        #expect(waiting.answer() == TestAnswer(status: 200, body: "fresh"))
        full.letGo()
        #expect(busy.answer()?.body == "full")
    }

    @Test("waiting requests are answered 503 when the last server goes")
    func serversGo() throws {
        let backend = try TestBackend("full")
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([backend]) { $0.servers[0].maxConnections = 1 })
        let clients = (0..<3).map { _ in engine.connect() }
        clients[0].ask("/hold")
        #expect(eventually { backend.held == 1 })
        for client in clients[1...] { client.ask("/") }
        #expect(eventually { engine.engine.activeExchanges == 3 })
        #expect(engine.swap(to: []))
        for client in clients[1...] { #expect(client.answer()?.status == 503) }
        backend.letGo()
        #expect(clients[0].answer()?.body == "full")
    }

    @Test("a request hashed to a full server waits for it while another server is idle")
    func hashed() throws {
        let backends = try (0..<2).map { try TestBackend("h\($0)") }
        defer { backends.forEach { $0.stop() } }
        let engine = try TestEngine(workers: 2)
        #expect(
            engine.serve(backends) { pool in
                pool.balance = .source
                for i in pool.servers.indices { pool.servers[i].maxConnections = 1 }
            })
        let clients = (0..<3).map { _ in engine.connect() }
        for client in clients { client.ask("/hold") }
        #expect(eventually { engine.engine.activeExchanges == 3 })
        #expect(eventually { backends[0].held + backends[1].held == 1 })
        backends.forEach { $0.letGo() }
        let names = Set(clients.map { $0.answer()?.body })
        #expect(names.count == 1)
        #expect(backends.map(\.mostHeld).max() == 1)
    }

    @Test("places are given in the order of arrival over all workers")
    func fair() throws {
        let backend = try TestBackend("fair")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 3)
        #expect(
            engine.serve([backend]) { pool in
                pool.servers[0].maxConnections = 1
                pool.timeouts.queue = 60_000
            })
        let clients = (0..<16).map { _ in engine.connect() }
        for (i, client) in clients.enumerated() {
            client.ask("/hold\(i)")
            // In the line, not only begun: another worker may be faster.
            #expect(eventually { backend.held == 1 && engine.queued == UInt64(i) })
        }
        for i in clients.indices {
            #expect(eventually { backend.lastHead.hasPrefix("GET /hold\(i) ") }, "\(i): \(backend.lastHead)")
            backend.letGo(1)
            #expect(clients[i].answer()?.status == 200)
        }
    }

    @Test("with minconn a server takes more the more the backend has to do")
    func dynamic() throws {
        let backend = try TestBackend("dynamic")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 2)
        #expect(
            engine.serve([backend]) { pool in
                pool.fullConnections = 8
                (pool.servers[0].minConnections, pool.servers[0].maxConnections) = (1, 4)
            })
        let clients = (0..<8).map { _ in engine.connect() }
        for (i, held) in [1, 1, 1, 2, 2, 3, 3, 4].enumerated() {
            clients[i].ask("/hold")
            #expect(eventually { engine.engine.activeExchanges == i + 1 })
            #expect(eventually { backend.held == held }, "\(i + 1) requests: \(backend.held)")
        }
        backend.letGo()
        for client in clients { #expect(client.answer()?.status == 200) }
        #expect(backend.mostHeld == 4)
    }

    @Test("a request that waits for a server which goes is balanced among the others", arguments: [1, 2])
    func lineMoves(workers: Int) throws {
        let (full, fresh) = (try TestBackend("full"), try TestBackend("fresh"))
        defer { [full, fresh].forEach { $0.stop() } }
        let engine = try TestEngine(workers: workers)
        #expect(
            engine.serve([full]) { pool in
                pool.balance = .source
                pool.servers[0].maxConnections = 1
            })
        let (busy, waiting) = (engine.connect(), engine.connect())
        busy.ask("/hold")
        #expect(eventually { full.held == 1 })
        waiting.ask("/")
        #expect(eventually { engine.engine.activeExchanges == 2 })
        #expect(engine.swap(to: [fresh]) { $0.balance = .source })
        #expect(waiting.answer()?.body == "fresh")
        full.letGo()
        #expect(busy.answer()?.body == "full")
    }

    /// As many clients as the process may accept, each of which is two descriptors here.
    private func mostClients(_ wanted: Int) -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return min(wanted, (Int(DescriptorReserve(limit: limit.rlim_max).first) - 600) / 2)
    }

    @Test("a long queue in front of a server that cannot be reached is answered to the last")
    func longQueueFails() throws {
        let backend = try TestBackend("full")
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(
            engine.serve([backend]) { pool in
                pool.servers[0].maxConnections = 1
                pool.timeouts.queue = 60_000
            })
        let count = mostClients(3_000)
        let clients = (0..<count).map { _ in engine.connect() }
        clients[0].ask("/hold")
        #expect(eventually { backend.held == 1 })
        for client in clients[1...] { client.ask("/") }
        #expect(eventually { engine.engine.activeExchanges == count })
        // Connecting to the broadcast address fails at once, without an event.
        #expect(
            engine.swap(to: []) { pool in
                pool.servers = [Server(address: "255.255.255.255", port: 80)]
                pool.servers[0].maxConnections = 1
                pool.retries = 0
            })
        for client in clients[1...] where client.answer()?.status != 503 { Issue.record("not 503") }
        let metrics = engine.engine.servers().first
        #expect(metrics?.connectErrors == UInt64(count - 1))
        backend.letGo()
        #expect(clients[0].answer()?.status == 200)
    }
}
