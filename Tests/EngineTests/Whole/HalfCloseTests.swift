import Glibc
import Model
import Testing

@testable import Engine

@Suite("Clients that end their side", .serialized)
struct HalfCloseTests {
    /// An engine in front of a port where nobody listens, which pauses between attempts.
    private func start(clientFin: Int) throws -> TestEngine {
        let engine = try TestEngine { $0.timeouts.clientFin = clientFin }
        #expect(
            engine.serve([]) { pool in
                // Port 1 is nobody's.
                pool.servers = [Server(address: "127.0.0.1", port: 1)]
                pool.timeouts.connect = 1_000
                pool.retries = 2
            })
        return engine
    }

    @Test("an end that comes between two attempts does not put the next one off")
    func endInPause() throws {
        let engine = try start(clientFin: 3_600_000)
        let client = engine.connect()
        client.ask("/")
        #expect(eventually { engine.engine.servers().first?.connectErrors ?? 0 >= 1 })
        shutdown(client.descriptor, Int32(SHUT_WR))
        #expect(client.answer()?.status == 503)
        #expect(eventually { engine.engine.servers().first?.connectErrors == 3 })
        #expect(client.isEndedByPeer)
    }

    @Test("it does not bring the next attempt forward either, and that is made")
    func endDoesNotHurry() throws {
        let engine = try start(clientFin: 200)
        let backend = try TestBackend("late")
        defer { backend.stop() }
        let client = engine.connect()
        client.ask("/hold")
        #expect(eventually { engine.engine.servers().first?.connectErrors ?? 0 >= 1 })
        shutdown(client.descriptor, Int32(SHUT_WR))
        #expect(engine.swap(to: [backend]))
        #expect(client.isEndedByPeer, "the server takes too long for a client that has ended")
        #expect(eventually { backend.requests == 1 }, "the newest servers are asked")
        backend.letGo()
        #expect(eventually { engine.engine.activeExchanges == 0 })
    }
}
