import Model
import Testing
import Wire

@testable import Engine

@Suite("Propagation log")
struct PropagationLogTests {
    @Test("a change counts once, with the last worker, under its kind")
    func lastWorker() {
        let log = PropagationLog()
        let tracker = AdoptionTracker(workers: 3, kind: .routes, receivedAt: Clock.now(), log: log)
        tracker.adopted()
        tracker.adopted()
        #expect(log.read().isEmpty)
        tracker.adopted()
        let read = log.read()
        #expect(read[.routes]?.buckets.reduce(0, +) == 1)
        #expect(read[.pools] == nil)
    }

    @Test("a change of unknown age is not counted")
    func unknown() {
        let log = PropagationLog()
        AdoptionTracker(workers: 1, kind: .pools, receivedAt: 0, log: log).adopted()
        #expect(log.read().isEmpty)
    }

    @Test("durations are put in their bucket and added up")
    func sums() {
        let log = PropagationLog()
        log.record(.pools, 900_000)
        log.record(.pools, 600_000_000)
        log.record(.certificates, 60_000_000_000)
        let read = log.read()
        #expect(read[.pools]?.buckets.first == 1)
        #expect(read[.pools]?.buckets[9] == 1)
        #expect(abs((read[.pools]?.sum ?? 0) - 0.6009) < 1e-9)
        #expect(read[.certificates]?.buckets.last == 1)
    }
}
