import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Port counts")
struct PortCountsTests {
    private func use(_ port: Int) -> IngressUses.PortUse {
        IngressUses.PortUse(service: ObjectKey(namespace: "shop", name: "web"), port: .number(port))
    }

    @Test("a use is there until it is counted down as often as it was counted up")
    func one() {
        var counts = PortCounts()
        #expect(counts.isEmpty)
        counts.count(use(80), by: 1)
        counts.count(use(80), by: 1)
        counts.count(use(80), by: -1)
        #expect(counts.uses == [use(80)])
        counts.count(use(80), by: -1)
        #expect(counts.isEmpty && counts.uses.isEmpty)
    }

    @Test(
        "several are counted apart, whichever goes first",
        arguments: [[80, 81, 82], [82, 80, 81], [81, 82, 80]])
    func several(order: [Int]) {
        var counts = PortCounts()
        for port in [80, 81, 82, 80, 81, 82] { counts.count(use(port), by: 1) }
        for (i, port) in order.enumerated() {
            counts.count(use(port), by: -1)
            #expect(counts.uses.count == 3)
            #expect(Set(counts.uses).count == 3, "after \(i + 1)")
        }
        for (i, port) in order.enumerated() {
            counts.count(use(port), by: -1)
            #expect(Set(counts.uses) == Set(order.dropFirst(i + 1).map { use($0) }))
        }
        #expect(counts.isEmpty)
    }

    @Test("what comes after the first has gone is counted once, also if it was there before")
    func renewed() {
        var counts = PortCounts()
        for port in [80, 81] { counts.count(use(port), by: 1) }
        counts.count(use(80), by: -1)
        counts.count(use(81), by: 1)
        counts.count(use(82), by: 1)
        counts.count(use(81), by: -1)
        #expect(Set(counts.uses) == [use(81), use(82)])
        counts.count(use(81), by: -1)
        #expect(counts.uses == [use(82)])
    }
}
