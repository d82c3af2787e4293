import Basics
import Testing
import Wire

@testable import Engine

@Suite("Worker counters")
struct WorkerCountersTests {
    @Test("there is a counter for every reason to refuse a request, and it is read under its name")
    func refusals() {
        let worker = PublishedWorker()
        #expect(HeadError.allCases.count <= worker.counters[0].refused.count)
        for (count, error) in HeadError.allCases.enumerated() {
            worker.counters[0].refused[error.ordinal].add(UInt64(count + 1))
        }
        let metrics = EngineMetrics.sum(of: [worker, worker], backends: [])
        for (count, error) in HeadError.allCases.enumerated() {
            #expect(metrics.refused[error.rawValue] == UInt64(2 * (count + 1)), "\(error)")
        }
    }

    @Test("there is a counter for every way a handshake fails, and it is read under its name")
    func handshakes() {
        let worker = PublishedWorker()
        #expect(HandshakeFailure.allCases.count <= worker.counters[0].handshakeFailures.count)
        #expect(HandshakeFailure.allCases.count <= worker.counters[0].failedServerHandshakes.count)
        for (count, failure) in HandshakeFailure.allCases.enumerated() {
            worker.counters[0].handshakeFailures[failure.ordinal].add(UInt64(count + 1))
            worker.counters[0].failedServerHandshakes[failure.ordinal].add(UInt64(count + 2))
        }
        let metrics = EngineMetrics.sum(of: [worker, worker], backends: [])
        for (count, failure) in HandshakeFailure.allCases.enumerated() {
            #expect(metrics.handshakeFailures[failure.rawValue] == UInt64(2 * (count + 1)), "\(failure)")
            #expect(metrics.failedServerHandshakes[failure.rawValue] == UInt64(2 * (count + 2)), "\(failure)")
        }
    }

    @Test("what nobody did is not listed")
    func nothing() {
        let metrics = EngineMetrics.sum(of: [PublishedWorker()], backends: [TestPool(weights: [1]).backend])
        #expect(metrics.refused.isEmpty)
        #expect(metrics.backends.isEmpty)
        #expect(metrics.workers.count == 1)
    }

    @Test("a backend's counters are summed over the workers that used it")
    func backend() {
        let pool = TestPool(weights: [1], workers: 3)
        for worker in [0, 2] {
            let traffic = pool.backend.perWorker.reference(worker).traffic
            traffic._withUnsafeGuaranteedRef { box in
                box.counters.statusClasses[2].add(5)
                box.counters.durations.record(3_000_000)
            }
        }
        let metrics = EngineMetrics.sum(of: [], backends: [pool.backend]).backends.first
        #expect(metrics?.statusClasses == [0, 0, 10, 0, 0, 0])
        #expect(metrics?.durations.buckets[2] == 2)
        #expect(abs((metrics?.durations.sum ?? 0) - 0.006) < 1e-12)
    }

    @Test("requests of a frontend that is gone stay counted, and one that takes its place begins anew")
    func frontendsThatGo() {
        let worker = PublishedWorker()
        for traffic in worker.keepTraffic(of: ["a", "b", "c"]) { traffic.arriving.requests.add(5) }
        #expect(worker.requests == 15)
        let next = worker.keepTraffic(of: ["a", "x"])
        #expect(worker.requests == 15)
        #expect(next.map { $0.arriving.requests.value } == [5, 0])
        #expect(worker.traffic(ofFrontend: "b").isEmpty)
        next[1].arriving.requests.add(2)
        _ = worker.keepTraffic(of: ["a", "x"])
        #expect(worker.requests == 17)
    }
}
