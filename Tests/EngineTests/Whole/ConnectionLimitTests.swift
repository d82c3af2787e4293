import Model
import Testing

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
            #expect(engine.engine.openConnections == room)
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
