import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Translation of TCP services")
struct TCPServicesTests {
    private static let key = ObjectKey(namespace: "ingress", name: "tcp")

    private func cluster() -> TestCluster {
        var settings = TranslationSettings()
        settings.tcpServices = Self.key
        settings.frontends = [Frontend(name: "http", binds: [Bind(port: 8080)])]
        settings.bindAddress = "127.0.0.1"
        settings.reservedPorts = [8080, 10254]
        return TestCluster(settings: settings)
    }

    private func map(_ data: [String: String]) -> ConfigMap {
        var map = ConfigMap()
        map.meta.namespace = Self.key.namespace
        map.meta.name = Self.key.name
        map.data = data
        return map
    }

    /// `port -> backend` of each frontend of mode tcp.
    private func ports(_ cluster: TestCluster) -> [String] {
        cluster.configuration.frontends.filter { $0.mode == .tcp }.map { frontend in
            guard case .backend(let name) = frontend.fallback else {
                return "\(frontend.binds[0].port) -> none"
            }
            return "\(frontend.binds[0].port) -> \(name)"
        }
    }

    @Test("an entry opens a port beside the usual ones, with a pool of its Service's port")
    func whole() throws {
        var cluster = cluster()
        let change = cluster.put(
            map(["5432": "shop/db:pg", "443": "shop/db:80"]),
            service("db", ports: [port(80), port(5432, "pg")]),
            slice("s", of: "db", port: 15432, named: "pg", endpoint("10.0.0.1", pod: "db-0")))
        #expect(ports(cluster) == ["443 -> shop/db:80", "5432 -> shop/db:5432"])
        #expect(cluster.servers("shop/db:5432") == ["10.0.0.1:15432"])
        #expect(change.frontends?.map(\.name) == ["http", "tcp-443", "tcp-5432"])
        let frontend = try #require(change.frontends?.last)
        #expect(frontend.binds == [Bind(address: "127.0.0.1", port: 5432)])
        #expect(
            frontend.subject
                == Subject(
                    kind: "ConfigMap", object: Origin(namespace: "ingress", name: "tcp"), field: "data.5432"))
        #expect(cluster.reasons.isEmpty)
    }

    @Test("PROXY from clients is the port's, to servers the pool's, which Ingresses do not share")
    func proxy() {
        var cluster = cluster()
        cluster.put(
            map(["1": "shop/web:80:PROXY:PROXY", "2": "shop/web:80"]), service("web"),
            slice("s", of: "web", endpoint("10.0.0.1")), ingress("a", [rule("a", path("/"))]))
        #expect(ports(cluster) == ["1 -> shop/web:80:PROXY", "2 -> shop/web:80"])
        let frontends = cluster.configuration.frontends
        #expect(frontends.map { $0.binds[0].proxyProtocol } == [.off, .everyone, .off])
        let backends = cluster.configuration.backends
        #expect(backends[BackendName("shop/web:80")]?.servers.map(\.sentProxyHeader) == [nil])
        #expect(backends[BackendName("shop/web:80:PROXY")]?.servers.map(\.sentProxyHeader) == [.text])
    }

    @Test("servers that Ingresses speak TLS with are sent a session's bytes as they are")
    func appProtocol() {
        var cluster = cluster()
        var https = port(443)
        https.appProtocol = "https"
        cluster.put(
            map(["1": "shop/web:443", "2": "shop/web:443::PROXY"]), service("web", ports: [https]),
            slice("s", of: "web", endpoint("10.0.0.1")),
            ingress("a", [rule("a", path("/", to: to("web", 443)))]))
        #expect(ports(cluster) == ["1 -> shop/web:443:TCP", "2 -> shop/web:443:PROXY"])
        let backends = cluster.configuration.backends
        #expect(backends[BackendName("shop/web:443")]?.servers.allSatisfy { $0.tls != nil } == true)
        #expect(backends[BackendName("shop/web:443:TCP")]?.servers.map { $0.tls == nil } == [true])
        #expect(backends[BackendName("shop/web:443:PROXY")]?.servers.map { $0.tls == nil } == [true])
        let dirty = cluster.note(slice("s", of: "web", endpoint("10.0.0.2")))
        let change = cluster.translator.translatePools(dirty.services, of: cluster.state)
        #expect(change.backends.count == 3)
    }

    @Test("endpoints change pools alone, those that are sent PROXY headers too")
    func pools() {
        var cluster = cluster()
        cluster.put(map(["1": "shop/web:80::PROXY", "2": "shop/web:80"]), service("web"))
        #expect(cluster.servers("shop/web:80") == [])
        let dirty = cluster.note(slice("s", of: "web", endpoint("10.0.0.1")))
        #expect(!dirty.touchesRoutes)
        let change = cluster.translator.translatePools(dirty.services, of: cluster.state)
        #expect(change.frontends == nil)
        #expect(change.backends.count == 2)
        #expect(cluster.servers("shop/web:80") == ["10.0.0.1:8080"])
        #expect(cluster.servers("shop/web:80:PROXY") == ["10.0.0.1:8080"])
    }

    @Test("entries come, change and go; a pool nobody refers to goes with them")
    func changes() {
        var cluster = cluster()
        cluster.put(map(["1": "shop/web:80"]), service("web"), service("db", ports: [port(5432)]))
        #expect(ports(cluster) == ["1 -> shop/web:80"])
        cluster.put(map(["1": "shop/db:5432", "2": "shop/web:80"]))
        #expect(ports(cluster) == ["1 -> shop/db:5432", "2 -> shop/web:80"])
        cluster.put(map(["2": "shop/web:80"]))
        #expect(ports(cluster) == ["2 -> shop/web:80"])
        #expect(cluster.servers("shop/db:5432") == nil)
        let dirty = cluster.state.set(nil as ConfigMap?, at: Self.key)
        let change = cluster.translator.translate(dirty, of: cluster.state)
        #expect(change.frontends?.map(\.name) == ["http"])
        #expect(cluster.configuration.backends.isEmpty)
        #expect(cluster.reasons == ["ConfigMapNotFound"])
    }

    @Test("what changes nothing publishes nothing")
    func noChange() {
        var cluster = cluster()
        cluster.put(map(["1": "shop/web:80"]), service("web"))
        var touched = map(["1": "shop/web:80"])
        touched.meta.annotations["note"] = "x"
        #expect(cluster.put(touched).isEmpty)
    }

    @Test("every edit publishes the ports, so that what could not be opened is tried again")
    func edited() {
        var cluster = cluster()
        cluster.put(map(["1": "shop/web:80"]), service("web"))
        let change = cluster.put(map(["1": " shop/web:80"]))
        #expect(change.frontends?.map(\.name) == ["http", "tcp-1"])
        #expect(change.backends.isEmpty)
    }

    @Test("a Service or port that is missing closes its port and heals when it appears")
    func healing() {
        var cluster = cluster()
        cluster.put(map(["1": "shop/web:80", "2": "shop/web:81", "3": "shop/late:80"]), service("web"))
        #expect(ports(cluster) == ["1 -> shop/web:80"])
        #expect(cluster.reasons == ["PortNotFound", "ServiceNotFound"])
        #expect(cluster.translator.allDiagnostics.map(\.field) == ["data.2", "data.3"])
        #expect(
            cluster.translator.allDiagnostics.allSatisfy { $0.message.contains("is closed until it does") })
        #expect(cluster.translator.allDiagnostics.allSatisfy { !$0.message.contains("503") })
        cluster.put(service("late"), service("web", ports: [port(80), port(81, "b")]))
        #expect(ports(cluster).count == 3)
        #expect(cluster.reasons.isEmpty)
        cluster.remove(service("late"))
        #expect(ports(cluster) == ["1 -> shop/web:80", "2 -> shop/web:81"])
    }

    @Test("a bad entry is told of by its field, and the others are served")
    func badEntries() {
        var cluster = cluster()
        cluster.put(
            map([
                "1": "shop/web:80", "x": "shop/web:80", "2": "web", "3": "shop/web:80:what",
                "8080": "shop/web:80",
                "01": "shop/web:80", "10254": "shop/web:80",
            ]), service("web"))
        #expect(ports(cluster) == ["1 -> shop/web:80", "3 -> shop/web:80"])
        let found = cluster.translator.allDiagnostics
        #expect(
            found.map { "\($0.field) \($0.reason)" } == [
                "data.1 PortTwice", "data.10254 PortReserved", "data.2 ReferenceInvalid",
                "data.3 WordUnknown",
                "data.8080 PortReserved", "data.x PortInvalid",
            ])
        #expect(found.allSatisfy { $0.kind == "ConfigMap" && $0.object.name == "tcp" })
    }

    @Test("other ConfigMaps are none of our business")
    func others() {
        var cluster = cluster()
        cluster.put(map(["1": "shop/web:80"]), service("web"))
        var other = map(["2": "shop/web:80"])
        other.meta.name = "other"
        #expect(cluster.put(other).isEmpty)
        var plain = TestCluster()
        #expect(plain.put(map(["1": "shop/web:80"]), service("web")).isEmpty)
    }

    @Test("what the engine refuses of ports holds until ports are published again")
    func refused() {
        let refusal = Diagnostic(
            .error, kind: "ConfigMap", object: Origin(Self.key), field: "data.1",
            reason: Diagnostic.notListening,
            message: "cannot listen")
        var refusals = Refusals()
        var change = Change()
        change.frontends = []
        refusals.note([refusal], of: change, now: 0)
        #expect(refusals.diagnostics == [refusal])
        let revision = refusals.revision
        refusals.note([], of: Change(), now: 0)
        #expect(refusals.diagnostics == [refusal])
        #expect(refusals.revision == revision)
        refusals.note([], of: change, now: 0)
        #expect(refusals.diagnostics.isEmpty)
        #expect(refusals.revision > revision)
    }

    @Test("the ConfigMap is a part of the initial state")
    func scope() {
        var settings = TranslationSettings()
        #expect(
            !ClusterScope(namespaces: [], settings: settings).parts.contains { $0.hasPrefix("ConfigMap") })
        settings.tcpServices = Self.key
        #expect(
            ClusterScope(namespaces: ["a"], settings: settings).parts.contains("ConfigMap of ingress/tcp"))
    }
}
