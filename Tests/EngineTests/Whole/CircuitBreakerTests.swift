import Model
import Testing

@testable import Engine

@Suite("Circuit breaking in the whole engine", .serialized)
struct CircuitBreakerTests {
    private static let broken = "HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\noops"

    private func breaker(_ change: (inout CircuitBreaker) -> Void = { _ in }) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        (breaker.errors, breaker.ejection) = (3, 3_600_000)
        change(&breaker)
        return breaker
    }

    @Test("a server that keeps failing gets no more requests, from no worker", arguments: [1, 2])
    func ejected(workers: Int) throws {
        let (bad, good) = (try TestBackend("bad", answer: Self.broken), try TestBackend("good"))
        defer { [bad, good].forEach { $0.stop() } }
        let engine = try TestEngine(workers: workers)
        #expect(engine.serve([bad, good]) { $0.circuitBreaker = breaker() })
        var failed = 0
        for _ in 0..<60 where engine.connect().get("/")?.status == 500 { failed += 1 }
        #expect(failed == 3)
        #expect(bad.requests == 3)
        #expect(eventually { engine.engine.metrics().backends.first?.ejections == 1 })
        #expect(eventually { engine.engine.servers().filter(\.isEjected).map(\.name) == ["bad"] })
    }

    @Test("failures between successes eject nobody, nor do statuses that are not counted")
    func spared() throws {
        let (bad, good) = (try TestBackend("bad", answer: Self.broken), try TestBackend("good"))
        defer { [bad, good].forEach { $0.stop() } }
        let engine = try TestEngine()
        #expect(engine.serve([bad, good]) { $0.circuitBreaker = breaker { $0.countsServerErrors = false } })
        for _ in 0..<20 { _ = engine.connect().get("/") }
        #expect(bad.requests == 10)
    }

    @Test("the last server is never ejected, unless that is wanted")
    func last() throws {
        let bad = try TestBackend("bad", answer: Self.broken)
        defer { bad.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([bad]) { $0.circuitBreaker = breaker() })
        for _ in 0..<10 { #expect(engine.connect().get("/")?.body == "oops") }
        #expect(engine.serve([bad]) { $0.circuitBreaker = breaker { $0.ejectsLast = true } })
        // It has failed ten times by now: once more is enough.
        let bodies = (0..<10).map { _ in engine.connect().get("/")?.body == "oops" }
        #expect(bodies.count { $0 } == 1)
        #expect(bad.requests == 11)
    }

    /// One server whose first `/drop` is not answered.
    private func failOnce(_ engine: TestEngine, _ backend: TestBackend) -> Bool {
        let isServed = engine.serve([backend]) { pool in
            pool.circuitBreaker = breaker { ($0.errors, $0.ejection, $0.ejectsLast) = (1, 30, true) }
        }
        return isServed && engine.connect().get("/drop")?.status == 502
    }

    @Test("after its time it is tried, and comes back when that succeeds", arguments: [1, 2])
    func comesBack(workers: Int) throws {
        let backend = try TestBackend("one")
        defer { backend.stop() }
        let engine = try TestEngine(workers: workers)
        #expect(failOnce(engine, backend))
        var statuses: Set<Int?> = []
        #expect(
            eventually {
                let status = engine.connect().get("/")?.status
                statuses.insert(status)
                return status == 200
            })
        #expect(statuses.isSubset(of: [200, 503]))
        #expect(backend.requests == 2)
        #expect(eventually { engine.engine.servers().first?.isEjected == false })
    }

    @Test("it is tried by one request, and the others do not wait for that")
    func oneProbe() throws {
        let backend = try TestBackend("one")
        defer { backend.stop() }
        let engine = try TestEngine(workers: 2)
        #expect(failOnce(engine, backend))
        var clients: [TestConnection] = []
        #expect(
            eventually {
                clients.append(engine.connect())
                clients.last?.ask("/hold")
                return backend.held == 1
            })
        for _ in 0..<20 { #expect(engine.connect().get("/")?.status == 503) }
        #expect(backend.mostHeld == 1)
        backend.letGo()
        #expect(eventually { engine.connect().get("/")?.status == 200 })
    }
}
