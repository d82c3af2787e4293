import Kubernetes
import Model
import Testing

@testable import Controller

@Suite struct ProxiedPodsTests {
    private static func proxy(_ token: String = "one", host: String = "192.0.2.1") -> PodAccess {
        .proxied(
            PodProxy(
                host: host, port: 6443, pathPrefix: "/k", tls: ServerTLS(),
                credentials: RelayCredentials(
                    [RelayCredentials.Field("Authorization", "Bearer \(token)")], reserved: ["authorization"])
            ))
    }

    private func pod(_ name: String, _ address: String) -> EndpointSlice.Endpoint {
        var endpoint = endpoint(address, pod: name)
        endpoint.targetKind = "Pod"
        return endpoint
    }

    private func cluster(_ access: PodAccess = proxy(), settings: TranslationSettings = TranslationSettings())
        -> PipelineCore
    {
        var core = PipelineCore(settings: settings, awaiting: [PodAccess.part])
        core.apply(.classes(ObjectBatch(changes: [.upserted(ingressClass())], receivedAt: 0)))
        core.apply(.services(ObjectBatch(changes: [.upserted(service("web"))], receivedAt: 0)))
        let slice = slice(
            "w", of: "web", pod("web-0", "10.0.0.1"), pod("web-1", "10.0.0.2"), endpoint("10.0.0.3"))
        core.apply(.slices(ObjectBatch(changes: [.upserted(slice)], receivedAt: 0)))
        core.apply(
            .ingresses(
                ObjectBatch(changes: [.upserted(ingress("i", [rule("a.test", path("/"))]))], receivedAt: 0)))
        #expect(core.due(now: 1).changes.isEmpty, "it waits for how pods are reached")
        core.apply(.podAccess(access))
        return core
    }

    private func backend(_ core: PipelineCore) throws -> Backend {
        try #require(core.translator.configuration.backends[BackendName("shop/web:80")])
    }

    @Test("the API server stands in the place of each pod, and nothing but pods has one")
    func pool() throws {
        var core = cluster()
        _ = core.due(now: 1_000_000_000)
        let servers = try backend(core).servers
        #expect(servers.map(\.name) == ["web-0", "web-1"])
        #expect(servers.map { "\($0.address):\($0.port)" } == ["192.0.2.1:6443", "192.0.2.1:6443"])
        #expect(
            servers.map { $0.relay?.pathPrefix } == [
                "/k/api/v1/namespaces/shop/pods/web-0:8080/proxy",
                "/k/api/v1/namespaces/shop/pods/web-1:8080/proxy",
            ])
        #expect(Set(servers.map(\.identity)).count == 2)
        #expect(servers.allSatisfy { $0.tls != nil && $0.speaks == .http1 && $0.check == nil })
    }

    @Test("other credentials change pools, in place, and nothing else")
    func credentials() throws {
        var core = cluster()
        _ = core.due(now: 1_000_000_000)
        let before = try backend(core).servers
        core.apply(.podAccess(Self.proxy("two")))
        let changes = core.due(now: 2_000_000_000).changes
        #expect(changes.count == 1 && changes[0].routes.isEmpty && changes[0].frontends == nil)
        let after = try backend(core).servers
        #expect(after != before && after.map(\.identity) == before.map(\.identity))
    }

    @Test("pods that speak TLS are asked so by the API server")
    func secure() throws {
        var core = cluster()
        var secure = service("web", ports: [port(80)])
        secure.ports[0].appProtocol = "https"
        core.apply(.services(ObjectBatch(changes: [.upserted(secure)], receivedAt: 0)))
        _ = core.due(now: 1_000_000_000)
        #expect(
            try backend(core).servers.first?.relay?.pathPrefix
                == "/k/api/v1/namespaces/shop/pods/https:web-0:8080/proxy")
    }

    @Test("the API server's name is resolved, and without an address there are no servers")
    func name() throws {
        var core = cluster(Self.proxy(host: "k.example"))
        _ = core.due(now: 1_000_000_000)
        #expect(try backend(core).servers.isEmpty)
        core.apply(.chosenAddresses(of: "k.example", ["192.0.2.9", "192.0.2.8"]))
        _ = core.due(now: 2_000_000_000)
        #expect(try backend(core).servers.map(\.address) == ["192.0.2.9", "192.0.2.9"])
    }

    @Test("overrides go where they say")
    func overrides() throws {
        var settings = TranslationSettings()
        settings.overrides = [key("web"): ServiceOverride(host: "127.0.0.1", port: 3000)]
        var core = cluster(settings: settings)
        _ = core.due(now: 1_000_000_000)
        let servers = try backend(core).servers
        #expect(servers.map { "\($0.address):\($0.port)" } == ["127.0.0.1:3000"])
        #expect(servers[0].relay == nil && servers[0].tls == nil)
    }

    @Test("addresses of Services are none of a cluster that is not reached")
    func clusterIP() throws {
        var core = cluster()
        var withAddress = service("web")
        withAddress.clusterIP = "10.96.0.1"
        core.apply(.services(ObjectBatch(changes: [.upserted(withAddress)], receivedAt: 0)))
        _ = core.due(now: 1_000_000_000)
        #expect(try backend(core).servers.allSatisfy { $0.relay != nil })
    }

    @Test("pods are reached by their addresses again")
    func back() throws {
        var core = cluster()
        _ = core.due(now: 1_000_000_000)
        core.apply(.podAccess(.direct))
        _ = core.due(now: 2_000_000_000)
        let backend = try backend(core)
        #expect(backend.servers.map(\.address) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
        #expect(backend.rules.response.isEmpty)
    }

    @Test("links that came back lose the path of the pod before anything else looks at them")
    func links() {
        var settings = TranslationSettings()
        settings.frontends = [Frontend(name: "http", binds: [Bind(port: 80)])]
        var core = cluster(settings: settings)
        _ = core.due(now: 1_000_000_000)
        #expect(core.translator.configuration.frontends.first?.rules.request.first == ProxiedPods.links)
    }
}
