import Kubernetes
import Model
import Testing

@testable import Controller

@Suite struct PipelineCoreTests {
    private let second: UInt64 = 1_000_000_000

    private func upsert<Object>(_ objects: Object..., at received: UInt64 = 7) -> ObjectBatch<Object> {
        ObjectBatch(changes: objects.map { .upserted($0) }, receivedAt: received)
    }

    /// One host, one Service, published.
    private func served() -> PipelineCore {
        var core = PipelineCore(settings: TranslationSettings(), awaiting: [])
        core.apply(.classes(upsert(ingressClass())))
        core.apply(.ingresses(upsert(ingress("a", [rule("a.example", path("/"))]))))
        core.apply(.services(upsert(service("web"))))
        _ = core.due(now: 0)
        return core
    }

    @Test("nothing is published before every part has come, then everything at once")
    func firstPublish() {
        var core = PipelineCore(settings: TranslationSettings(), awaiting: ["Ingress", "Service"])
        core.apply(.classes(upsert(ingressClass())))
        core.apply(.ingresses(upsert(ingress("a", [rule("a.example", path("/"))]))))
        core.apply(.synced(part: "Ingress"))
        #expect(core.due(now: 1).changes.isEmpty)
        #expect(core.missing == ["Service"])
        core.apply(.synced(part: "Service"))
        let changes = core.due(now: 2).changes
        #expect(changes.count == 1)
        #expect(changes.first?.routes.count == 1)
    }

    private func namespaces(_ names: String..., initial: Bool = false) -> ObjectBatch<Namespace> {
        ObjectBatch(changes: names.map { .upserted(Namespace(named: $0)) }, isInitial: initial, receivedAt: 7)
    }

    /// An Ingress in each of two namespaces; of them those that a selector chooses are ours.
    private func chosen(awaiting parts: Set<String> = []) -> PipelineCore {
        var settings = TranslationSettings()
        settings.choosesNamespaces = true
        var core = PipelineCore(settings: settings, awaiting: parts, followsStandings: true)
        core.apply(.classes(upsert(ingressClass())))
        core.apply(
            .ingresses(
                upsert(
                    ingress("a", in: "one", [rule("a.example", path("/"))]),
                    ingress("b", in: "two", [rule("b.example", path("/"))]))))
        return core
    }

    private func hosts(of core: PipelineCore) -> Set<String> {
        Set(core.translator.configuration.routes.keys.map(\.description))
    }

    @Test(
        "before it is known which namespaces are chosen nothing is published, with or without the right to know"
    )
    func waitsForNamespaces() {
        var core = chosen(awaiting: ["Namespace"])
        #expect(core.due(now: 1).changes.isEmpty)
        core.apply(.unavailable(part: "Namespace"))
        #expect(core.due(now: 2).changes.isEmpty)
        #expect(core.missing == ["Namespace"])
        core.apply(.namespaces(namespaces("one", "three", initial: true)))
        core.apply(.synced(part: "Namespace"))
        #expect(core.due(now: 3).changes.count == 1)
        #expect(hosts(of: core) == ["a.example"])
    }

    @Test("Ingresses come and go with the labels of their namespaces, and so does how they stand")
    func namespacesComeAndGo() {
        var core = chosen()
        _ = core.due(now: 0)
        #expect(hosts(of: core).isEmpty)
        #expect(core.takeStandings().values.allSatisfy { $0?.isOurs == false })
        core.apply(.namespaces(namespaces("two")))
        #expect(core.due(now: second).changes.count == 1)
        #expect(hosts(of: core) == ["b.example"])
        let b = ObjectKey(namespace: "two", name: "b")
        #expect(core.takeStandings().compactMapValues { $0?.isOurs } == [b: true])
        core.apply(.namespaces(namespaces("two")))
        #expect(core.due(now: 2 * second).changes.isEmpty)
        core.apply(
            .namespaces(
                ObjectBatch(changes: [.deleted(ObjectKey(namespace: "", name: "two"))], receivedAt: 7)))
        _ = core.due(now: 3 * second)
        #expect(hosts(of: core).isEmpty)
        #expect(core.takeStandings().compactMapValues { $0?.isOurs } == [b: false])
    }

    @Test("an Ingress that is written while its namespace is not chosen is served when it is")
    func writtenBefore() {
        var core = chosen()
        _ = core.due(now: 0)
        core.apply(.ingresses(upsert(ingress("c", in: "two", [rule("c.example", path("/"))]))))
        _ = core.due(now: second)
        #expect(hosts(of: core).isEmpty)
        core.apply(.namespaces(namespaces("two")))
        _ = core.due(now: 2 * second)
        #expect(hosts(of: core) == ["b.example", "c.example"])
    }

    @Test("a successor knows which namespaces were chosen, and learns which are not any more")
    func chosenBefore() {
        var before = chosen()
        before.apply(.namespaces(namespaces("one", "two")))
        guard let kept = KeptState(before.kept.encoded()) else {
            Issue.record("what was written can not be read")
            return
        }
        var settings = TranslationSettings()
        settings.choosesNamespaces = true
        var core = PipelineCore(settings: settings, awaiting: ["Namespace"], restoring: kept)
        _ = core.due(now: 0)
        #expect(hosts(of: core) == ["a.example", "b.example"])
        core.apply(
            .namespaces(
                ObjectBatch(changes: [.deleted(ObjectKey(namespace: "", name: "one"))], receivedAt: 7)))
        _ = core.due(now: second)
        #expect(hosts(of: core) == ["b.example"])
    }

    @Test("nothing is wrong with an Ingress that nobody has chosen, nor is it judged before it is written")
    func silentElsewhere() throws {
        var core = chosen()
        core.apply(
            .ingresses(upsert(ingress("d", in: "two", className: "none", [rule("d.example", path("/"))]))))
        _ = core.due(now: 0)
        #expect(core.diagnostics.isEmpty)
        core.apply(.namespaces(namespaces("two")))
        _ = core.due(now: second)
        #expect(core.diagnostics.contains { $0.object == Origin(namespace: "two", name: "d") })
    }

    @Test("the first publish happens even if there is nothing to serve")
    func emptyFirstPublish() {
        var core = PipelineCore(settings: TranslationSettings(), awaiting: [])
        #expect(core.due(now: 1).changes.count == 1)
        #expect(core.due(now: 2).changes.isEmpty)
    }

    @Test("a state from before is published at once, without waiting for anything")
    func restored() {
        let kept = served().kept
        var core = PipelineCore(
            settings: TranslationSettings(), awaiting: ["Ingress", "Service"], restoring: kept)
        #expect(core.missing.isEmpty)
        #expect(core.due(now: 1).changes.first?.routes.count == 1)
    }

    @Test("what was restored and is still so changes nothing, what is gone goes")
    func restoredThenListed() {
        var core = PipelineCore(
            settings: TranslationSettings(), awaiting: ["Ingress"], restoring: served().kept)
        _ = core.due(now: 0)
        core.apply(.ingresses(upsert(ingress("a", [rule("a.example", path("/"))]))))
        core.apply(.services(upsert(service("web"))))
        core.apply(.synced(part: "Ingress"))
        #expect(core.due(now: 5 * second).changes.isEmpty)
        let key = ObjectKey(namespace: "shop", name: "a")
        core.apply(.ingresses(ObjectBatch(changes: [.deleted(key)], receivedAt: 7)))
        #expect(core.due(now: 10 * second).changes.first?.routes.values.allSatisfy { $0 == nil } == true)
    }

    @Test(
        "a restored certificate whose kind may not be listed any more is followed by name, and served meanwhile"
    )
    func restoredUnlisted() {
        var secret = Secret()
        (secret.meta.namespace, secret.meta.name, secret.type) = ("shop", "cert", Secret.tlsType)
        secret.data = ["tls.crt": [1], "tls.key": [2]]
        var before = served()
        before.apply(.secrets(upsert(secret)))
        before.apply(
            .ingresses(upsert(ingress("b", [rule("b.example", path("/"))], tls: [tls("cert", "b.example")]))))
        var core = PipelineCore(settings: TranslationSettings(), awaiting: [], restoring: before.kept)
        #expect(core.due(now: 0).changes.first?.certificates.count == 1)
        #expect(core.translator.needs.unknownSecrets.isEmpty)
        core.apply(.unavailable(part: "Secret"))
        #expect(core.due(now: second).changes.allSatisfy { $0.certificates.isEmpty })
        #expect(core.translator.needs.unknownSecrets == [secret.meta.key])
    }

    @Test("a part that can not be had is not waited for")
    func unavailable() {
        var core = PipelineCore(settings: TranslationSettings(), awaiting: ["Secret"])
        core.apply(.unavailable(part: "Secret"))
        #expect(core.due(now: 1).changes.count == 1)
    }

    @Test("where classes can not be read the class's name has to do, and unknown ones are no finding")
    func unreadableClasses() {
        var core = PipelineCore(settings: TranslationSettings(), awaiting: [])
        core.apply(.ingresses(upsert(ingress("a", [rule("a.example")]), ingress("b", className: "other"))))
        core.apply(.unavailable(part: "IngressClass"))
        #expect(core.due(now: 1).changes.first?.routes.count == 1)
        #expect(core.diagnostics.isEmpty)
    }

    @Test("classes that become readable decide from then on")
    func readableAfterAll() {
        var core = PipelineCore(settings: TranslationSettings(), awaiting: [])
        core.apply(.ingresses(upsert(ingress("a", [rule("a.example")]))))
        core.apply(.unavailable(part: "IngressClass"))
        _ = core.due(now: 1)
        let foreign = ObjectChange.upserted(ingressClass(controller: "example.com/other"))
        core.apply(.classes(ObjectBatch(changes: [foreign], isInitial: true, receivedAt: 1)))
        _ = core.due(now: 10 * second)
        #expect(core.translator.configuration.routes.isEmpty)
        core.apply(.classes(ObjectBatch(changes: [.deleted(foreign.key)], receivedAt: 1)))
        _ = core.due(now: 20 * second)
        #expect(core.translator.configuration.routes.isEmpty)
        #expect(core.diagnostics.map(\.reason) == ["IngressClassNotFound"])
    }

    @Test("a lone change is due at once and carries when it was received")
    func loneChange() {
        var core = served()
        core.apply(.slices(upsert(slice("s", of: "web", endpoint("10.0.0.1")), at: 41)))
        let (changes, next) = core.due(now: 10 * second)
        #expect(changes.map(\.kind) == [.pools])
        #expect(changes.first?.receivedAt == 41)
        #expect(next == nil)
    }

    @Test("a burst of endpoints waits 10 ms, is one change, and keeps the earliest time")
    func burst() {
        var core = served()
        let start = 10 * second
        core.apply(.slices(upsert(slice("s", of: "web", endpoint("10.0.0.1")), at: 1)))
        _ = core.due(now: start)
        core.apply(.slices(upsert(slice("s", of: "web", endpoint("10.0.0.2")), at: 50)))
        #expect(core.due(now: start + 1).next == start + 10_000_000)
        core.apply(.slices(upsert(slice("s", of: "web", endpoint("10.0.0.3")), at: 60)))
        #expect(core.due(now: start + 2).changes.isEmpty)
        let (changes, next) = core.due(now: start + 10_000_000)
        #expect(changes.count == 1 && next == nil)
        #expect(changes.first?.receivedAt == 50)
        #expect(changes.first?.backends[BackendName("shop/web:80")]??.servers.map(\.address) == ["10.0.0.3"])
    }

    @Test("endpoints never wait behind routes")
    func twoQueues() {
        var core = served()
        let start = 10 * second
        core.apply(.ingresses(upsert(ingress("b", [rule("b.example", path("/"))]))))
        _ = core.due(now: start)
        core.apply(.ingresses(upsert(ingress("c", [rule("c.example", path("/"))]))))
        core.apply(.slices(upsert(slice("s", of: "web", endpoint("10.0.0.1")))))
        let (changes, next) = core.due(now: start + 1)
        #expect(changes.map(\.kind) == [.pools])
        #expect(next == start + 100_000_000)
        #expect(core.due(now: start + 100_000_000).changes.map(\.kind) == [.routes])
    }

    @Test("a change that comes to nothing is not published")
    func noDifference() {
        var core = served()
        core.apply(.ingresses(upsert(ingress("a", [rule("a.example", path("/"))]))))
        #expect(core.due(now: 10 * second).changes.isEmpty)
    }

    @Test("a rotated certificate is a change of certificates")
    func rotation() {
        var core = served()
        core.apply(.ingresses(upsert(ingress("a", tls: [tls("cert", "a.example")]))))
        core.apply(.secrets(upsert(secret("cert"))))
        _ = core.due(now: 10 * second)
        core.apply(.secrets(upsert(secret("cert", "two"))))
        #expect(core.due(now: 20 * second).changes.map(\.kind) == [.certificates])
    }

    @Test("an object that can not be read is reported until it can be read or is gone")
    func rejected() {
        var core = served()
        var rejected = RejectedObject(reason: "spec.rules: expected a list")
        rejected.key = key("bad")
        core.apply(.ingresses(ObjectBatch(changes: [], rejected: [rejected], receivedAt: 1)))
        #expect(core.diagnostics.map(\.reason) == ["ObjectUnreadable"])
        core.apply(.services(upsert(service("bad"))))
        #expect(core.diagnostics.count == 1)
        core.apply(.ingresses(ObjectBatch(changes: [.deleted(key("bad"))], receivedAt: 1)))
        #expect(core.diagnostics.isEmpty)
    }

    @Test("a certificate that the engine refuses is reported until another one is published")
    func refused() {
        var core = served()
        var change = Change()
        change.certificates.updateValue(nil, forKey: CertificateName("shop/cert"))
        let refusal = Diagnostic(
            .error, kind: "Secret", object: Origin(key("cert")), reason: "CertificateRefused", message: "bad")
        let before = core.diagnosticsRevision
        core.note(refused: [refusal], of: change, now: 0)
        #expect(core.diagnostics == [refusal] && core.diagnosticsRevision != before)
        core.note(refused: [], of: Change(), now: 0)
        #expect(core.diagnostics == [refusal])
        core.note(refused: [], of: change, now: 0)
        #expect(core.diagnostics.isEmpty)
    }

    /// A port of a ConfigMap, published.
    private func opened() throws -> (core: PipelineCore, change: Change, refusal: Diagnostic) {
        var settings = TranslationSettings()
        settings.tcpServices = key("tcp")
        var core = PipelineCore(settings: settings, awaiting: [])
        var map = ConfigMap()
        (map.meta.namespace, map.meta.name) = (key("tcp").namespace, "tcp")
        map.data = ["5432": "\(key("tcp").namespace)/web:80"]
        core.apply(.configMaps(upsert(map)))
        core.apply(.services(upsert(service("web"))))
        let change = try #require(core.due(now: 0).changes.first)
        #expect(change.frontends?.count == 1)
        let refusal = Diagnostic(
            .error, kind: "ConfigMap", object: Origin(key("tcp")), field: "data.5432",
            reason: Diagnostic.notListening, message: "taken")
        return (core, change, refusal)
    }

    @Test(
        "a port that is taken is tried again, ever more seldom, and told of twice: when it is, and when it is not"
    )
    func taken() throws {
        var (core, change, refusal) = try opened()
        var (now, waits): (UInt64, [UInt64]) = (0, [])
        core.note(refused: [refusal], of: change, now: now)
        let revision = core.diagnosticsRevision
        for _ in 0..<7 {
            let at = try #require(core.retriesAt)
            #expect(core.due(now: at - 1).changes.isEmpty)
            let again = core.due(now: at).changes
            #expect(again.map(\.frontends) == [change.frontends])
            waits.append((at - now) / second)
            now = at
            core.note(refused: [refusal], of: again[0], now: now)
        }
        #expect(waits == [1, 2, 4, 8, 16, 30, 30])
        #expect(core.diagnosticsRevision == revision)
        #expect(core.takeRecovered().isEmpty)
        core.note(refused: [], of: change, now: now)
        #expect(core.takeRecovered() == [refusal])
        #expect(core.takeRecovered().isEmpty)
        #expect(core.diagnostics.isEmpty)
        #expect(core.retriesAt == nil)
        #expect(core.due(now: now + 100 * second).changes.isEmpty)
    }

    @Test("another reason begins anew; a port that nobody wants any more has not recovered")
    func takenOtherwise() throws {
        var (core, change, refusal) = try opened()
        core.note(refused: [refusal], of: change, now: 0)
        core.note(refused: [refusal], of: change, now: second)
        #expect(core.retriesAt == 3 * second)
        refusal.message = "not allowed"
        core.note(refused: [refusal], of: change, now: 3 * second)
        #expect(core.retriesAt == 4 * second)
        #expect(core.takeRecovered().isEmpty)
        change.frontends = []
        core.note(refused: [], of: change, now: 4 * second)
        #expect(core.takeRecovered().isEmpty)
        #expect(core.retriesAt == nil)
    }

    @Test("a change of unknown time does not hide the time of what follows")
    func unknownTime() {
        var core = served()
        core.apply(.ingresses(upsert(ingress("e", [rule("e.example", path("/", to: to("ext")))]))))
        core.apply(.services(upsert(externalService("ext", "db.example"))))
        _ = core.due(now: second)
        core.apply(.addresses(of: "db.example", ["10.0.0.9"]))
        core.apply(.slices(upsert(slice("s", of: "web", endpoint("10.0.0.1")), at: 41)))
        #expect(core.due(now: 10 * second).changes.map(\.receivedAt) == [41])
    }

    @Test("a path that moves keeps its old pool until the route has moved")
    func moves() {
        var core = served()
        var engine = core.translator.configuration
        core.apply(.slices(upsert(slice("s", of: "web", endpoint("10.0.0.1")))))
        for change in core.due(now: second).changes { engine.apply(change) }
        // Routes are busy: the move has to wait, and so has the end of the Service it moves away from.
        core.apply(.ingresses(upsert(ingress("b", [rule("b.example", path("/"))]))))
        for change in core.due(now: 10 * second).changes { engine.apply(change) }
        core.apply(.services(upsert(service("other"))))
        core.apply(
            .ingresses(upsert(ingress("a", [rule("a.example", path("/", to: to("other")))]), ingress("b"))))
        core.apply(.services(ObjectBatch(changes: [.deleted(key("web"))], receivedAt: 1)))
        core.apply(.slices(ObjectBatch(changes: [.deleted(key("s"))], receivedAt: 1)))
        for change in core.due(now: 10 * second + 1).changes { engine.apply(change) }
        #expect(engine.backends[BackendName("shop/web:80")]?.servers.count == 1)
        #expect(
            engine.routes[.exact("a.example")]?.routes.first?.target == .backend(BackendName("shop/web:80")))
        for change in core.due(now: 11 * second).changes { engine.apply(change) }
        #expect(
            engine.routes[.exact("a.example")]?.routes.first?.target == .backend(BackendName("shop/other:80"))
        )
        #expect(engine.backends[BackendName("shop/web:80")] == nil && engine == core.translator.configuration)
    }
}
