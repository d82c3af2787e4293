import Model
import Testing

@testable import Engine

@Suite("Draining and stopping", .serialized)
struct EndTests {
    @Test("a request that is sent as draining begins is answered, with the word that it was the last one")
    func lateRequest() throws {
        let backend = try TestBackend("served")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 1)
        #expect(engine.serve([backend]))
        let (used, fresh) = (engine.connect(), engine.connect())
        #expect(used.get("/")?.status == 200)
        engine.engine.drain()
        for client in [used, fresh] {
            let answer = client.get("/")
            #expect(answer?.status == 200)
            #expect(answer?.head.lowercased().contains("connection: close") == true)
            #expect(client.isEndedByPeer)
        }
        #expect(eventually { engine.engine.openConnections == 0 })
    }

    @Test("draining ends idle connections, lets requests finish and closes after them", arguments: [1, 2])
    func drain(workers: Int) throws {
        let backend = try TestBackend("served")
        defer { backend.stop() }
        let engine = try TestEngine(workers: workers)
        #expect(engine.serve([backend]))
        let (idle, busy) = (engine.connect(), engine.connect())
        #expect(idle.get("/")?.status == 200)
        busy.ask("/hold")
        #expect(eventually { backend.held == 1 })
        engine.engine.drain()
        #expect(idle.isEndedByPeer)
        #expect(!busy.isReadable)
        backend.letGo()
        let answer = busy.answer()
        #expect(answer == TestAnswer(status: 200, body: "served"))
        #expect(answer?.head.lowercased().contains("connection: close") == true)
        #expect(busy.isEndedByPeer)
        // A new connection is served once.
        let late = engine.connect()
        #expect(late.get("/")?.status == 200)
        #expect(late.isEndedByPeer)
        #expect(eventually { engine.engine.openConnections == 0 })
    }

    @Test("stopping ends every connection, with clients and with servers", arguments: [1, 2])
    func stop(workers: Int) throws {
        let backend = try TestBackend("served")
        defer { backend.stop() }
        let engine = try TestEngine(workers: workers)
        #expect(engine.serve([backend]))
        let (idle, busy) = (engine.connect(), engine.connect())
        #expect(idle.get("/")?.status == 200)
        busy.ask("/hold")
        #expect(eventually { backend.held == 1 })
        engine.engine.stop()
        #expect(idle.isEndedByPeer)
        #expect(busy.isEndedByPeer)
        backend.letGo()
        #expect(eventually { backend.open == 0 }, "an idle connection to a server is left open")
        #expect(!engine.engine.isReady)
        #expect(engine.engine.publish(Change()).isEmpty)
        engine.engine.stop()
    }
}
