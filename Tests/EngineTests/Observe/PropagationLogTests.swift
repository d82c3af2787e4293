import Model
import Testing
import Wire

@testable import Engine

@Suite("Propagation log")
struct PropagationLogTests {
    private func change(hosts: [String] = [], backends: [String] = [], receivedAt: UInt64 = 0) -> Change {
        var change = Change()
        for host in hosts { change.routes.updateValue(HostRoutes([]), forKey: .exact(host)) }
        for name in backends { change.backends.updateValue(nil, forKey: BackendName(name)) }
        change.receivedAt = receivedAt
        return change
    }

    private func took(_ kind: Change, _ nanoseconds: UInt64) -> RecentChange {
        var recent = RecentChange(kind)
        recent.nanoseconds = nanoseconds
        return recent
    }

    @Test("a change counts once, with the last worker, under its kind")
    func lastWorker() {
        let log = PropagationLog()
        let tracker = AdoptionTracker(
            workers: 3, of: change(hosts: ["a.example"], receivedAt: Clock.now()), log: log)
        tracker.adopted()
        tracker.adopted()
        #expect(log.read().isEmpty && log.recent.isEmpty)
        tracker.adopted()
        let read = log.read()
        #expect(read[.routes]?.buckets.reduce(0, +) == 1)
        #expect(read[.pools] == nil)
        #expect(log.recent.map(\.names) == [["a.example"]])
        #expect(log.recent.first?.nanoseconds != nil)
    }

    @Test("a change of unknown age is shown, and not counted")
    func unknown() {
        let log = PropagationLog()
        AdoptionTracker(workers: 1, of: change(backends: ["shop/web:80"]), log: log).adopted()
        #expect(log.read().isEmpty)
        #expect(log.recent.map(\.nanoseconds) == [nil])
        #expect(log.recent.first?.kind == .pools)
    }

    @Test("durations are put in their bucket and added up")
    func sums() {
        let log = PropagationLog()
        let pools = change(backends: ["shop/web:80"])
        var certificates = Change()
        certificates.certificates.updateValue(nil, forKey: CertificateName("shop/tls"))
        log.record(took(pools, 900_000))
        log.record(took(pools, 600_000_000))
        log.record(took(certificates, 60_000_000_000))
        let read = log.read()
        #expect(read[.pools]?.buckets.first == 1)
        #expect(read[.pools]?.buckets[9] == 1)
        #expect(abs((read[.pools]?.sum ?? 0) - 0.6009) < 1e-9)
        #expect(read[.certificates]?.buckets.last == 1)
    }

    @Test("the latest hundred are kept, the newest first")
    func latest() {
        let log = PropagationLog()
        for number in 1...130 { log.record(took(change(hosts: ["h\(number)"]), 1)) }
        #expect(log.recent.count == 100)
        #expect(log.recent.first?.names == ["h130"] && log.recent.last?.names == ["h31"])
    }

    @Test("of a change four names are shown, hosts first")
    func names() {
        let many = RecentChange(change(hosts: (1...9).map { "h\($0)" }, backends: ["shop/web:80"]))
        #expect(many.names.count == 4 && many.names.allSatisfy { $0.hasPrefix("h") } && many.others == 6)
        let few = RecentChange(change(hosts: ["b", "a"], backends: ["shop/web:80"]))
        #expect(few.names == ["a", "b", "shop/web:80"] && few.others == 0)
    }
}
