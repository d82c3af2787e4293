import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("TLS that is passed through, by annotation")
struct PassthroughTests {
    private static let name = BackendName("shop/web:80:TCP")

    private func cluster(_ annotations: [String: String], paths: IngressPath...) -> TestCluster {
        var settings = TranslationSettings()
        var bind = Bind(address: nil, port: 443)
        bind.isTLS = true
        settings.frontends = [
            Frontend(name: "http", binds: [Bind(address: nil, port: 80)]),
            Frontend(name: "https", binds: [bind]),
        ]
        var cluster = TestCluster(settings: settings)
        var object = annotated(annotations)
        if !paths.isEmpty { object = annotated(annotations, paths: paths[0]) }
        cluster.put(service("web"), slice("web-1", of: "web", endpoint("10.0.0.1")), object)
        return cluster
    }

    private func hello(_ cluster: TestCluster) -> [[HelloRoute]] {
        cluster.configuration.frontends.map(\.helloRoutes)
    }

    private func passesNothing(_ cluster: TestCluster) -> Bool {
        hello(cluster).allSatisfy { $0.isEmpty }
    }

    @Test("ssl-passthrough: TLS that names the host goes to the servers of its root, where TLS comes in")
    func passes() throws {
        var found = cluster(["ssl-passthrough": "true"])
        let host = try #require(HostPattern("shop.example"))
        #expect(hello(found) == [[], [HelloRoute(host: host, backend: Self.name)]])
        #expect(found.configuration.backends[Self.name]?.servers.map(\.address) == ["10.0.0.1"])
        #expect(found.allRoutes().first?.target == .backend(BackendName("shop/web:80")))
        #expect(found.reasons == [])
        found.put(annotated([:]))
        #expect(hello(found) == [[], []] && found.configuration.backends[Self.name] == nil)
    }

    @Test("ssl-passthrough: servers are spoken no TLS to but the client's own")
    func plain() {
        var found = cluster(["ssl-passthrough": "true"])
        var port = port(80)
        port.appProtocol = "https"
        found.put(service("web", ports: [port]))
        #expect(found.configuration.backends[Self.name]?.servers.allSatisfy { $0.tls == nil } == true)
        #expect(found.configuration.backends[BackendName("shop/web:80")]?.servers.first?.tls != nil)
    }

    @Test("ssl-passthrough without the path / does nothing, and is undone where paths are closed")
    func nothing() {
        #expect(passesNothing(cluster(["ssl-passthrough": "true"], paths: path("/more"))))
        #expect(passesNothing(cluster(["ssl-passthrough": "true", "auth-type": "basic"])))
        #expect(passesNothing(cluster(["ssl-passthrough": "false"])))
    }

    @Test("ssl-passthrough: pods come and go without routes")
    func pools() {
        var found = cluster(["ssl-passthrough": "true"])
        let dirty = found.note(slice("web-2", of: "web", endpoint("10.0.0.2")))
        let change = found.translator.translatePools(dirty.services, of: found.state)
        #expect(change.backends[Self.name]??.servers.count == 2 && change.frontends == nil)
    }
}
