import Model
import Testing

@testable import Engine

@Suite("Circuit breaking by TCP sessions", .serialized, .timeLimit(.minutes(5)))
struct SessionCircuitTests {
    private func start(
        port: UInt16, workers: Int = 1, ejection: Int = 3_600_000
    ) throws -> TestEngine {
        let engine = try TestEngine(workers: workers) {
            $0.mode = .tcp
            $0.fallback = .backend(TestEngine.backend)
        }
        let isServed = engine.serve([]) { pool in
            pool.servers = [Server(address: "127.0.0.1", port: port, name: "one")]
            pool.retries = 0
            var breaker = CircuitBreaker()
            (breaker.errors, breaker.ejection, breaker.ejectsLast) = (3, ejection, true)
            pool.circuitBreaker = breaker
        }
        #expect(isServed)
        return engine
    }

    private func connects(_ engine: TestEngine) -> UInt64? {
        engine.engine.metrics().backends.first?.connects
    }

    private func isEjected(_ engine: TestEngine) -> Bool? { engine.engine.servers().first?.isEjected }

    @Test("a server that refuses connections gets no more sessions, from no worker", arguments: [1, 2])
    func refused(workers: Int) throws {
        let engine = try start(port: try TestPeer.closedPort(), workers: workers)
        for _ in 0..<20 { #expect(engine.connect().isEndedByPeer) }
        #expect(eventually { engine.engine.activeExchanges == 0 })
        #expect(connects(engine) == 3)
        #expect(eventually { isEjected(engine) == true })
    }

    /// One session that the server ends as it likes.
    private func session(
        _ engine: TestEngine, _ peer: TestPeer, _ body: (TestConnection, TestConnection) -> Void
    ) throws {
        let client = engine.connect()
        let server = try #require(peer.accept())
        body(client, server)
        server.close()
        #expect(client.isEndedByPeer)
        client.close()
        #expect(eventually { engine.engine.activeExchanges == 0 })
    }

    @Test("a server that ends sessions before it has said anything is ejected", arguments: [true, false])
    func silent(isReset: Bool) throws {
        let peer = try TestPeer()
        let engine = try start(port: peer.port)
        for i in 0..<3 {
            #expect(isEjected(engine) == false, "\(i)")
            try session(engine, peer) { client, server in
                client.send("hello")
                #expect(server.read(count: 5) == "hello")
                if isReset { server.reset() }
            }
        }
        #expect(eventually { isEjected(engine) == true })
        #expect(engine.connect().isEndedByPeer)
        #expect(peer.accept(within: 50) == nil)
    }

    @Test("sessions that were spoken in, or that their client has ended, are no failures")
    func spared() throws {
        let peer = try TestPeer()
        let engine = try start(port: peer.port)
        for i in 0..<12 {
            try session(engine, peer) { client, server in
                switch i % 3 {
                case 0:
                    server.send("220\r\n")
                    #expect(client.read(count: 5) == "220\r\n")
                    server.reset()
                case 1:
                    client.endSending()
                    #expect(server.isEndedByPeer)
                default: break
                }
            }
        }
        #expect(isEjected(engine) == false)
    }

    @Test("after its time one session tries it, and a connection is enough to let the others in")
    func comesBack() throws {
        let peer = try TestPeer()
        let engine = try start(port: peer.port, ejection: 30)
        for _ in 0..<3 { try session(engine, peer) { _, _ in } }
        var clients: [TestConnection] = []
        var first: TestConnection?
        #expect(
            eventually {
                clients.append(engine.connect())
                first = peer.accept(within: 5)
                return first != nil
            })
        #expect(eventually { isEjected(engine) == false })
        clients.append(engine.connect())
        #expect(peer.accept() != nil)
    }
}
