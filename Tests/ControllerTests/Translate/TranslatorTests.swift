import Kubernetes
import Model
import Testing

@testable import Controller

@Suite struct TranslatorTests {
    @Test("an Ingress, its Service and its slice become a route, a backend and servers")
    func whole() {
        var cluster = TestCluster()
        let change = cluster.put(
            ingress("a", [rule("A.example", path("/x"))]), service("web"),
            slice("s", of: "web", endpoint("10.0.0.1")))
        #expect(cluster.routes("a.example") == ["/x prefix -> shop/web:80"])
        #expect(cluster.servers("shop/web:80") == ["10.0.0.1:8080"])
        #expect(change.kind == .routes)
        #expect(cluster.reasons.isEmpty)
    }

    @Test("a change of endpoints alone is a change of pools alone")
    func poolsOnly() {
        var cluster = TestCluster()
        cluster.put(ingress("a", [rule("a.example", path("/"))]), service("web"))
        let change = cluster.put(slice("s", of: "web", endpoint("10.0.0.1")))
        #expect(change.kind == .pools)
        #expect(change.backends.count == 1)
    }

    @Test("a port that says h2c has servers that speak HTTP/2, from then on and until it says so no more")
    func applicationProtocol() {
        var cluster = TestCluster()
        var h2c = port(80)
        h2c.appProtocol = "kubernetes.io/h2c"
        cluster.put(
            ingress("a", [rule("a.example", path("/"))]), service("web"),
            slice("s", of: "web", endpoint("10.0.0.1")))
        func spoken() -> [ServerProtocol]? {
            cluster.configuration.backends[BackendName("shop/web:80")]?.servers.map(\.speaks)
        }
        #expect(spoken() == [.negotiated])
        #expect(cluster.put(service("web", ports: [h2c])).kind == .pools)
        #expect(spoken() == [.http2])
        cluster.put(slice("s", of: "web", endpoint("10.0.0.1"), endpoint("10.0.0.2")))
        #expect(spoken() == [.http2, .http2])
        cluster.put(service("web"))
        #expect(spoken() == [.negotiated, .negotiated])
    }

    @Test("what changes nothing publishes nothing")
    func noChange() {
        var cluster = TestCluster()
        let object = ingress("a", [rule("a.example", path("/"))])
        cluster.put(object, service("web"), slice("s", of: "web", endpoint("10.0.0.1")))
        var touched = object
        touched.meta.resourceVersion = "2"
        touched.meta.annotations["note"] = "x"
        #expect(cluster.put(touched).isEmpty)
        #expect(
            cluster.put(slice("s", of: "web", endpoint("10.0.0.1"), endpoint("10.0.0.9", ready: false)))
                .isEmpty)
    }

    @Test("an unknown service or port answers 503 and heals when it appears")
    func healing() {
        var cluster = TestCluster()
        cluster.put(
            ingress("a", [rule("a.example", path("/", to: to("web", 81)), path("/b", to: to("late")))]))
        #expect(cluster.routes("a.example") == ["/ prefix -> 503", "/b prefix -> 503"])
        #expect(cluster.reasons == ["ServiceNotFound", "ServiceNotFound"])
        cluster.put(service("web"), service("late"))
        #expect(cluster.routes("a.example") == ["/ prefix -> 503", "/b prefix -> shop/late:80"])
        #expect(cluster.reasons == ["PortNotFound"])
        cluster.put(service("web", ports: [port(80), port(81, "b")]))
        #expect(cluster.routes("a.example").first == "/ prefix -> shop/web:81")
        #expect(cluster.reasons.isEmpty)
    }

    @Test("a Service that is deleted takes its backend along and leaves 503")
    func deletedService() {
        var cluster = TestCluster()
        cluster.put(ingress("a", [rule("a.example", path("/"))]), service("web"))
        let change = cluster.remove(service("web"))
        #expect(change.backends[BackendName("shop/web:80")] == .some(nil))
        #expect(cluster.routes("a.example") == ["/ prefix -> 503"])
    }

    @Test("an Ingress that is deleted takes its host and backend along")
    func deletedIngress() {
        var cluster = TestCluster()
        let object = ingress("a", [rule("a.example", path("/"))])
        cluster.put(object, service("web"))
        cluster.remove(object)
        #expect(cluster.configuration == Configuration())
    }

    @Test("a class that is deleted withdraws, one that is created adopts")
    func classes() {
        var cluster = TestCluster(hasClass: false)
        cluster.put(ingress("a", [rule("a.example", path("/"))]), service("web"))
        #expect(cluster.configuration == Configuration())
        #expect(cluster.reasons == ["IngressClassNotFound"])
        cluster.put(ingressClass())
        #expect(cluster.routes("a.example") == ["/ prefix -> shop/web:80"])
        #expect(cluster.reasons.isEmpty)
        cluster.remove(ingressClass())
        #expect(cluster.configuration == Configuration())
    }

    @Test("of two Ingresses with one path the older wins and the other is told")
    func conflict() {
        var cluster = TestCluster()
        cluster.put(
            ingress("new", created: 20, [rule("a.example", path("/", to: to("b")))]),
            ingress("old", created: 10, [rule("a.example", path("/", to: to("web")))]), service("web"),
            service("b"))
        #expect(cluster.routes("a.example") == ["/ prefix -> shop/web:80"])
        let loser = cluster.translator.allDiagnostics.first
        #expect(loser?.object == Origin(namespace: "shop", name: "new"))
        #expect(loser?.message.contains("shop/old") == true)
        #expect(cluster.configuration.backends[BackendName("shop/b:80")] != nil)
    }

    @Test("of the same age the name decides, and the loser heals when the winner leaves")
    func sameAge() {
        var cluster = TestCluster()
        let winner = ingress("a", [rule("a.example", path("/", to: to("web")))])
        cluster.put(
            winner, ingress("b", [rule("a.example", path("/", to: to("b")))]), service("web"), service("b"))
        #expect(cluster.routes("a.example") == ["/ prefix -> shop/web:80"])
        cluster.remove(winner)
        #expect(cluster.routes("a.example") == ["/ prefix -> shop/b:80"])
        #expect(cluster.reasons.isEmpty)
    }

    @Test("exact and prefix of one path are no conflict, /foo and /foo/ are settled by length")
    func spellings() {
        var cluster = TestCluster()
        cluster.put(
            ingress("a", [rule("a.example", path("/foo", "Exact"), path("/foo", to: to("b")))]),
            ingress("c", created: 5, [rule("a.example", path("/foo/", to: to("c")))]),
            service("web"), service("b"), service("c"))
        #expect(cluster.routes("a.example") == ["/foo exact -> shop/web:80", "/foo prefix -> shop/c:80"])
        #expect(cluster.reasons == ["PathConflict"])
    }

    @Test("an empty path and / are one spelling: the older keeps it")
    func emptyPath() {
        var cluster = TestCluster()
        cluster.put(service("web"), service("api"))
        cluster.put(ingress("old", created: 1, [rule("a.example", path("", "ImplementationSpecific"))]))
        cluster.put(ingress("new", created: 2, [rule("a.example", path("/", to: to("api")))]))
        #expect(cluster.routes("a.example") == ["/ prefix -> shop/web:80"])
    }

    @Test("who is not older is not called so")
    func namedFirst() {
        var cluster = TestCluster()
        cluster.put(service("web"))
        cluster.put(
            ingress("b", [rule("a.example", path("/"))]), ingress("a", [rule("a.example", path("/"))]))
        #expect(
            cluster.translator.allDiagnostics.first?.message.contains(
                "shop/a, of the same age and first by name;")
                == true)
    }

    @Test("both spellings in one Ingress with one backend are no conflict")
    func habit() {
        var cluster = TestCluster()
        cluster.put(ingress("a", [rule("a.example", path("/foo"), path("/foo/"))]), service("web"))
        #expect(cluster.routes("a.example") == ["/foo prefix -> shop/web:80"])
        #expect(cluster.reasons.isEmpty)
    }

    @Test("a path that makes no sense never takes the place of one that does")
    func refusedPathYields() {
        var cluster = TestCluster()
        cluster.put(
            ingress("a", created: 1, [rule("a.example", path("/x", "Glob"), path("/y", "Glob"))]),
            ingress("b", created: 9, [rule("a.example", path("/x"))]), service("web"))
        #expect(cluster.routes("a.example") == ["/x prefix -> shop/web:80", "/y prefix -> 503"])
        #expect(cluster.reasons == ["PathTypeInvalid", "PathTypeInvalid"])
    }

    @Test("the oldest default backend is the fallback; the others are told")
    func fallback() {
        var cluster = TestCluster()
        cluster.put(
            ingress("b", created: 9, defaultBackend: to("b")),
            ingress("a", created: 5, defaultBackend: to("web")),
            service("web"), service("b"))
        #expect(cluster.configuration.fallback == .backend(BackendName("shop/web:80")))
        #expect(cluster.reasons == ["DefaultBackendConflict"])
        cluster.remove(ingress("a"))
        #expect(cluster.configuration.fallback == .backend(BackendName("shop/b:80")))
        cluster.remove(ingress("b"))
        #expect(cluster.configuration.fallback == nil)
    }

    @Test("the flag's default backend steps in by its first port, and 503 while it is missing")
    func flagFallback() {
        var settings = TranslationSettings()
        settings.defaultBackend = key("errors")
        var cluster = TestCluster(settings: settings)
        cluster.put(service("other"))
        _ = cluster.translator.translate(cluster.state.everything, of: cluster.state)
        #expect(cluster.configuration.fallback == .answer(status: 503))
        #expect(cluster.reasons == ["ServiceNotFound"])
        cluster.put(service("errors", ports: [port(8081, "http"), port(9)]))
        #expect(cluster.configuration.fallback == .backend(BackendName("shop/errors:8081")))
        #expect(cluster.configuration.backends[BackendName("shop/errors:8081")] != nil)
        #expect(cluster.reasons.isEmpty)
    }

    @Test("a rule without http leaves its host to the fallback")
    func hostOnly() {
        var cluster = TestCluster()
        cluster.put(ingress("a", [rule("a.example")]))
        #expect(cluster.configuration.routes[.exact("a.example")] == HostRoutes([]))
    }

    @Test("pools are translated without routes, and a pool that routes have not brought yet waits for them")
    func poolsPath() {
        var cluster = TestCluster()
        cluster.put(ingress("a", [rule("a.example", path("/"))]), service("web"))
        _ = cluster.note(slice("s", of: "web", endpoint("10.0.0.1")))
        _ = cluster.note(slice("t", of: "other", endpoint("10.0.0.2")))
        let change = cluster.translator.translatePools([key("web"), key("other")], of: cluster.state)
        #expect(change.backends.count == 1 && change.kind == .pools)
        #expect(cluster.servers("shop/web:80") == ["10.0.0.1:8080"])
    }
}
