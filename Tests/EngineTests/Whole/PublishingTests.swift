import Glibc
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Publishing under load", .serialized)
struct PublishingTests {
    /// Clients that ask without a pause until they are told to end, and count what was not a 200.
    private final class Load: Sendable {
        private let isOver = Atomic<Bool>(false)
        private let good = Atomic<Int>(0)
        private let bad = Atomic<Int>(0)
        private let threads = Mutex<[Thread]>([])

        init(clients: [TestConnection], host: String = "shop.example") {
            for client in clients {
                let started = Thread(name: "client") { [self] in
                    while !isOver.load(ordering: .relaxed) {
                        let isGood = client.get("/", host: host)?.status == 200
                        guard isGood else {
                            bad.wrappingAdd(1, ordering: .relaxed)
                            return
                        }
                        good.wrappingAdd(1, ordering: .relaxed)
                    }
                }
                threads.withLock { list in if let started { list.append(started) } }
            }
        }

        var count: Int { good.load(ordering: .relaxed) }

        /// Ends the clients; how many requests failed.
        func end() -> Int {
            isOver.store(true, ordering: .relaxed)
            for thread in threads.withLock({ $0 }) { thread.join() }
            return bad.load(ordering: .relaxed)
        }
    }

    @Test("connections wait for the first configuration, where that is wanted")
    func waitsForTheFirst() throws {
        let backend = try TestBackend("here")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 2, waits: true)
        let early = engine.connect()
        early.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        #expect(!early.wait(for: POLLIN, 50))
        #expect(engine.serve([backend]))
        #expect(early.read(through: "\r\n")?.contains("200") == true)
    }

    @Test("300 pool swaps fail no request and close no client", arguments: [1, 2])
    func swaps(workers: Int) throws {
        let backends = try (0..<3).map { try TestBackend("s\($0)") }
        defer { backends.forEach { $0.stop() } }
        let engine = try TestEngine(workers: workers)
        #expect(engine.serve(backends))
        let load = Load(clients: (0..<4).map { _ in engine.connect() })
        for i in 0..<300 {
            let kept = backends.indices.filter { $0 != i % 3 }.map { backends[$0] }
            #expect(engine.swap(to: kept) { $0.servers[0].maxConnections = i % 2 })
        }
        #expect(eventually { load.count > 500 })
        #expect(load.end() == 0)
        #expect(eventually { backends.map(\.open).reduce(0, +) <= 8 })
    }

    @Test("300 changes of other hosts fail no request; the tables they replace go away")
    func routes() throws {
        let backend = try TestBackend("stays")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 2)
        #expect(engine.serve([backend]))
        let load = Load(clients: (0..<4).map { _ in engine.connect() })
        for i in 0..<300 {
            var change = Change()
            let route = Route(
                path: "/", match: .prefix, target: .answer(status: 404), origin: TestEngine.origin)
            change.routes.updateValue(HostRoutes([route]), forKey: .exact("h\(i).example"))
            if i >= 10 { change.routes.updateValue(nil, forKey: .exact("h\(i - 10).example")) }
            #expect(engine.publish(change))
        }
        #expect(engine.engine.metrics().hosts == 11)
        #expect(eventually { load.count > 500 })
        #expect(load.end() == 0)
    }

    @Test("the backend of running requests may go and come back again and again")
    func comesAndGoes() throws {
        let backend = try TestBackend("held")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 2)
        #expect(engine.serve([backend]))
        let clients = (0..<10).map { _ in engine.connect() }
        for (i, client) in clients.enumerated() {
            client.ask("/hold")
            #expect(eventually { backend.held == i + 1 })
            var removal = Change()
            removal.backends.updateValue(nil, forKey: TestEngine.backend)
            #expect(engine.publish(removal))
            #expect(engine.connect().get("/")?.status == 503)
            #expect(engine.swap(to: [backend]))
        }
        backend.letGo()
        for client in clients { #expect(client.answer() == TestAnswer(status: 200, body: "held")) }
        // Their servers were retired: nothing of them is kept for reuse.
        #expect(eventually { backend.open <= 1 })
    }
}
