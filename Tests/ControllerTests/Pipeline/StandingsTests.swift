import Kubernetes
import Testing

@testable import Controller

@Suite("How Ingresses stand")
struct StandingsTests {
    private let key = ObjectKey(namespace: "shop", name: "a")
    private let here = [LoadBalancerAddress(ip: "192.0.2.1")]

    private func upsert<Object>(_ objects: Object...) -> ObjectBatch<Object> {
        ObjectBatch(changes: objects.map { .upserted($0) }, receivedAt: 0)
    }

    private func core() -> PipelineCore {
        var core = PipelineCore(settings: TranslationSettings(), awaiting: ["x"], followsStandings: true)
        core.apply(.classes(upsert(ingressClass())))
        core.apply(.ingresses(upsert(ingress("a", [rule("a.example", path("/"))]))))
        return core
    }

    private func served() -> PipelineCore {
        var core = core()
        core.apply(.synced(part: "x"))
        _ = core.due(now: 0)
        _ = core.takeStandings()
        return core
    }

    @Test("nothing is told before it is published, then everything once")
    func first() {
        var core = core()
        #expect(core.takeStandings().isEmpty)
        core.apply(.synced(part: "x"))
        #expect(core.takeStandings().isEmpty)
        _ = core.due(now: 0)
        #expect(core.takeStandings()[key]??.isOurs == true)
        #expect(core.takeStandings().isEmpty)
    }

    @Test("a change that waits for its publish is told after it")
    func waits() {
        var core = served()
        core.apply(.ingresses(upsert(ingress("b", [rule("b.example", path("/"))]))))
        _ = core.due(now: 50_000_000)
        #expect(core.takeStandings().isEmpty)
        _ = core.due(now: 150_000_000)
        #expect(core.takeStandings().keys.map(\.name) == ["b"])
    }

    @Test("status alone is told at once and translates nothing")
    func statusOnly() {
        var core = served()
        var changed = ingress("a", [rule("a.example", path("/"))])
        changed.addresses = here
        changed.meta.resourceVersion = "9"
        core.apply(.ingresses(upsert(changed)))
        #expect(core.due(now: 50_000_000).next == nil)
        let standing = core.takeStandings()[key]
        #expect(standing??.addresses == here)
        #expect(standing??.resourceVersion == "9")
    }

    @Test("a class that goes takes its Ingresses with it")
    func classGone() {
        var core = served()
        core.apply(
            .classes(
                ObjectBatch(changes: [.deleted(ObjectKey(namespace: "", name: "sluice"))], receivedAt: 0)))
        _ = core.due(now: 1_000_000_000)
        #expect(core.takeStandings()[key]??.isOurs == false)
    }

    @Test("what is deleted is told as gone")
    func deleted() {
        var core = served()
        core.apply(.ingresses(ObjectBatch(changes: [.deleted(key)], receivedAt: 0)))
        _ = core.due(now: 1_000_000_000)
        #expect(core.takeStandings() == [key: nil])
    }

    @Test("nobody who does not ask is told")
    func unasked() {
        var core = PipelineCore(settings: TranslationSettings(), awaiting: [])
        core.apply(.ingresses(upsert(ingress("a", [rule("a.example", path("/"))]))))
        _ = core.due(now: 0)
        #expect(core.takeStandings().isEmpty)
    }
}
