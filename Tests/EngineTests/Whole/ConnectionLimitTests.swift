import Model
import Testing
import Wire

@testable import Engine

@Suite("Connections of a frontend", .serialized)
struct ConnectionLimitTests {
    private func engine(workers: Int, frontend limit: Int = 0, process: Int = 0) throws -> TestEngine {
        try TestEngine(workers: workers, maxConnections: process) { $0.maxConnections = limit }
    }

    @Test(
        "beyond the limit clients wait without a word, and are served when others have gone",
        arguments: [(1, 3, 0), (2, 3, 0), (1, 0, 3), (2, 0, 3), (3, 5, 3)])
    func limit(workers: Int, frontend: Int, process: Int) throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try engine(workers: workers, frontend: frontend, process: process)
        #expect(engine.serve([backend]))
        var clients = (0..<12).map { _ in engine.connect() }
        for client in clients { client.ask("/") }
        var served = 0
        while !clients.isEmpty {
            // As many as the limit says are answered; nobody else is.
            let room = min(3, clients.count)
            #expect(eventually { clients.count { $0.isReadable } == room })
            #expect(eventually { engine.engine.openConnections == room })
            let answered = clients.filter { $0.isReadable }
            for client in answered {
                #expect(client.answer()?.body == "web")
                served += 1
                client.close()
            }
            clients.removeAll { client in answered.contains { $0 === client } }
        }
        #expect(served == 12)
        #expect(eventually { engine.engine.openConnections == 0 })
    }

    @Test("a limit that is raised lets those in who wait; one that is lowered closes nobody")
    func published() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try engine(workers: 2, frontend: 1)
        #expect(engine.serve([backend]))
        let clients = (0..<4).map { _ in engine.connect() }
        for client in clients { client.ask("/") }
        #expect(eventually { clients.count { $0.isReadable } == 1 })
        #expect(engine.publishFrontend { $0.maxConnections = 3 })
        #expect(eventually { clients.count { $0.isReadable } == 3 })
        #expect(engine.publishFrontend { $0.maxConnections = 2 })
        let answered = clients.filter { $0.isReadable }
        for client in answered {
            _ = client.answer()
            #expect(client.get("/")?.body == "web")
        }
        answered[0].close()
        #expect(eventually { engine.engine.openConnections == 2 })
        answered[1].close()
        #expect(eventually { clients.count { $0.isReadable } == 1 })
    }

    @Test("a listener has a limit of its own, over all workers; it counts those who came before it")
    func listeners() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 3)
        #expect(engine.serve([backend]))
        let early = [engine.connect(), engine.connect()]
        for client in early { #expect(client.get("/")?.body == "web") }
        #expect(engine.publishFrontend { $0.binds[0].maxConnections = 3 })
        let late = (0..<6).map { _ in engine.connect() }
        for client in late { client.ask("/") }
        #expect(eventually { late.count { $0.isReadable } == 1 })
        #expect(engine.engine.openConnections == 3)
        // Each that ends lets one in.
        early[0].close()
        #expect(eventually { late.count { $0.isReadable } == 2 })
        #expect(engine.publishFrontend { $0.binds[0].maxConnections = 5 })
        #expect(eventually { late.count { $0.isReadable } == 4 })
        #expect(engine.engine.openConnections == 5)
        #expect(engine.publishFrontend { $0.binds[0].maxConnections = 0 })
        #expect(eventually { late.count { $0.isReadable } == 6 })
        for client in late { #expect(client.answer()?.body == "web") }
    }

    @Test(
        "no more connections are accepted in a second than may be, over all workers, and the others are soon",
        arguments: [true, false])
    func rates(ofFrontend: Bool) throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 3) { $0.maxSessionRate = ofFrontend ? 5 : 0 }
        if !ofFrontend { engine.engine.limitRates { $0.connectionRate = 5 } }
        #expect(engine.serve([backend]))
        let begun = Clock.now()
        let clients = (0..<12).map { _ in engine.connect() }
        for client in clients { client.ask("/") }
        let areServed = eventually {
            let count = clients.count { $0.isReadable }
            // A burst of a second's worth, then one after the other; the clock is read last.
            let elapsed = Double(Clock.now() - begun) / 1e9
            let most: Double = 6 + 5 * max(0, elapsed - 0.9)
            #expect(Double(count) <= most)
            return count == 12
        }
        #expect(areServed)
        #expect(Clock.now() - begun > 1_500_000_000)
        for client in clients { #expect(client.answer()?.body == "web") }
        let process = engine.engine.statistics().process
        #expect(process.limits.connectionRate == (ofFrontend ? 0 : 5))
    }

    @Test("those who wait for a rate are let in when it is not limited any more")
    func raisedRate() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 2)
        #expect(engine.serve([backend]))
        // One in a second, of which each would have to wait for a minute.
        engine.engine.limitRates { $0.sessionRate = 1 }
        let clients = (0..<60).map { _ in engine.connect() }
        for client in clients { client.ask("/") }
        #expect(eventually { clients.contains { $0.isReadable } })
        #expect(clients.count { $0.isReadable } < 60)
        engine.engine.endSteering()
        for client in clients { #expect(client.answer()?.body == "web") }
    }

    @Test("a worker whose clients come and go takes no turns from another one's")
    func fair() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try engine(workers: 3, frontend: 1)
        #expect(engine.serve([backend]))
        let patient = (0..<6).map { _ in engine.connect() }
        for client in patient {
            client.send("GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")
        }
        for client in patient { #expect(client.answer()?.body == "web") }
        #expect(eventually { engine.engine.openConnections == 0 })
    }
}
