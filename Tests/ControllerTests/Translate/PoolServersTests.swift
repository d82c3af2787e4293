import Kubernetes
import Model
import Testing

@testable import Controller

@Suite struct PoolServersTests {
    private func cluster(_ overrides: [ObjectKey: ServiceOverride]) -> TestCluster {
        var settings = TranslationSettings()
        settings.overrides = overrides
        return TestCluster(settings: settings)
    }

    private func fill(_ cluster: inout TestCluster) {
        cluster.put(service("web"), service("api"))
        cluster.put(slice("w", of: "web", endpoint("10.0.0.1", pod: "web-0")))
        cluster.put(slice("a", of: "api", endpoint("10.0.0.2", pod: "api-0")))
        cluster.put(ingress("i", [rule("a.test", path("/", to: to("web")), path("/api", to: to("api")))]))
    }

    @Test("an overridden Service has that one server, and the others have their pods")
    func address() {
        var cluster = cluster([key("web"): ServiceOverride(host: "127.0.0.1", port: 3000)])
        fill(&cluster)
        #expect(cluster.servers("shop/web:80") == ["127.0.0.1:3000"])
        #expect(cluster.servers("shop/api:80") == ["10.0.0.2:8080"])
        #expect(cluster.configuration.backends[BackendName("shop/web:80")]?.servers.first?.name == "override")
        #expect(cluster.reasons == [])
    }

    @Test("endpoints that change leave an override as it is")
    func endpoints() {
        var cluster = cluster([key("web"): ServiceOverride(host: "127.0.0.1", port: 3000)])
        fill(&cluster)
        let dirty = cluster.note(slice("w", of: "web", endpoint("10.0.0.7", pod: "web-1")))
        let change = cluster.translator.translatePools(dirty.services, of: cluster.state)
        #expect(change.isEmpty)
    }

    @Test("a name has the servers of its addresses, and none is told")
    func name() {
        var core = PipelineCore(
            settings: cluster([key("web"): ServiceOverride(host: "box.lan", port: 3000)]).translator.settings,
            awaiting: [])
        core.apply(.classes(ObjectBatch(changes: [.upserted(ingressClass())], receivedAt: 0)))
        core.apply(.services(ObjectBatch(changes: [.upserted(service("web"))], receivedAt: 0)))
        core.apply(
            .ingresses(
                ObjectBatch(changes: [.upserted(ingress("i", [rule("a.test", path("/"))]))], receivedAt: 0)))
        _ = core.due(now: 1_000_000_000)
        func servers() -> [String]? {
            core.translator.configuration.backends[BackendName("shop/web:80")]?.servers
                .map { "\($0.name) \($0.address):\($0.port)" }
        }
        #expect(servers() == [])
        core.apply(.chosenAddresses(of: "box.lan", ["127.0.0.1", "::1"]))
        _ = core.due(now: 2_000_000_000)
        #expect(servers() == ["override 127.0.0.1:3000", "override-2 ::1:3000"])
        core.apply(.chosenAddresses(of: "box.lan", []))
        _ = core.due(now: 3_000_000_000)
        #expect(servers() == [])
        #expect(core.diagnostics.map(\.reason) == ["OverrideUnresolved"])
    }

    @Test("a Service that does not exist is told of, until it does")
    func unknown() {
        var cluster = cluster([key("gone"): ServiceOverride(host: "127.0.0.1", port: 3000)])
        fill(&cluster)
        #expect(cluster.reasons == ["OverrideUnknown"])
        cluster.put(service("gone"))
        #expect(cluster.reasons == [])
    }

    @Test("it stands in for external names and for the Service's own address")
    func others() {
        var cluster = cluster([key("ext"): ServiceOverride(host: "::1", port: 3000)])
        cluster.put(externalService("ext", "db.example"))
        cluster.put(ingress("i", [rule("a.test", path("/", to: to("ext")))]))
        #expect(cluster.servers("shop/ext:80") == ["::1:3000"])
    }
}
