import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("The path / of a host of which no path is all")
struct InheritedRootTests {
    private static let lists = ["whitelist-source-range": "10.0.0.0/8"]

    /// A cluster with Service `web` and Ingress `web` of `/a`, which was made at 1.
    private func cluster(
        _ annotations: [String: String] = lists, _ settings: TranslationSettings = TranslationSettings(),
        _ others: any KubernetesObject...
    ) -> TestCluster {
        var cluster = TestCluster(settings: settings)
        cluster.put(service("web"), annotated(annotations, paths: path("/a")))
        for object in others { cluster.put(object) }
        return cluster
    }

    private func root(_ cluster: TestCluster, of host: String = "shop.example") -> Route? {
        cluster.allRoutes(host).first { $0.path == "/" && $0.match == .prefix }
    }

    @Test("what the annotations of the host's Ingress say of its paths holds there, and nothing is served")
    func inherited() throws {
        let found = cluster()
        #expect(found.routes("shop.example") == ["/ prefix -> 404", "/a prefix -> shop/web:80"])
        let route = try #require(root(found))
        #expect(route.origin == Origin(namespace: "shop", name: "web"))
        #expect(
            route.rules?.access.isEmpty == false && route.rules?.access == found.allRoutes()[1].rules?.access)
        #expect(found.reasons == [])
    }

    @Test(
        "annotations that say something of requests",
        arguments: [
            "whitelist-source-range": "10.0.0.0/8", "auth-url": "http://auth.shop.svc/", "limit-rps": "5",
            "permanent-redirect": "https://b.example/", "enable-cors": "true", "proxy-body-size": "8m",
            "rewrite-target": "/x", "upstream-vhost": "inner.example",
        ])
    func kinds(name: String, value: String) {
        #expect(root(cluster([name: value])) != nil)
    }

    @Test("without annotations, or with such as say nothing of requests, there is no such route")
    func nothing() {
        for said in [[:], ["proxy-read-timeout": "7"], ["use-regex": "true"], ["app-root": "/a"]] {
            #expect(root(cluster(said)) == nil)
        }
        var plain = TestCluster()
        plain.put(
            service("web"),
            ingress("web", [rule("shop.example", path("/a"))], tls: [tls("cert", "shop.example")]))
        #expect(root(plain) == nil)
    }

    @Test("plain requests of a host with TLS are sent to HTTPS there too, if its Ingress has annotations")
    func redirect() {
        var found = cluster([:])
        found.put(
            annotated(["proxy-read-timeout": "7"], tls: [tls("cert", "shop.example")], paths: path("/a")))
        #expect(root(found)?.rules?.unsecured.count == 1)
    }

    @Test("a prefix / ends it, also as the empty path, and it is back when that goes")
    func heals() {
        var found = cluster()
        for entry in [path("/"), path("", "ImplementationSpecific"), path("/", "Glob")] {
            let other = ingress("rest", created: 5, [rule("shop.example", entry)])
            found.put(other)
            #expect(root(found)?.origin.name == "rest")
            found.remove(other)
            #expect(root(found)?.origin.name == "web")
        }
        found.put(ingress("rest", created: 5, className: "other", [rule("shop.example", path("/"))]))
        #expect(root(found)?.origin.name == "web")
        found.put(ingressClass("other"))
        #expect(root(found)?.origin.name == "rest")
    }

    @Test("an exact / is not all of a host, nor is a regular expression; / as one is")
    func kindsOfPaths() {
        func found(_ said: [String: String], _ place: String, _ type: String) -> [String] {
            var found = TestCluster()
            found.put(
                service("web"), annotated(Self.lists.merging(said) { $1 }, paths: path(place, type)))
            return found.routes("shop.example")
        }
        #expect(found([:], "/", "Exact") == ["/ exact -> shop/web:80", "/ prefix -> 404"])
        #expect(found(["use-regex": "true"], "/a.*", "ImplementationSpecific").first == "/ prefix -> 404")
        #expect(found(["use-regex": "true"], "/", "Prefix") == ["/ expression -> shop/web:80"])
    }

    @Test("the oldest Ingress of the host counts, whatever it has there; canaries do not")
    func oldest() {
        var older = ingress("older", created: 0, [rule("shop.example", path("/b"))])
        var found = cluster(Self.lists, TranslationSettings(), older)
        #expect(root(found) == nil)
        older.meta.annotations["nginx.ingress.kubernetes.io/limit-rps"] = "5"
        found.put(older)
        #expect(root(found)?.origin.name == "older" && root(found)?.rules?.access.isEmpty != false)
        older.rules = [rule("shop.example")]
        found.put(older)
        #expect(root(found)?.origin.name == "older")
        older.meta.annotations["nginx.ingress.kubernetes.io/canary"] = "true"
        found.put(older)
        #expect(root(found)?.origin.name == "web")
        found.remove(annotated([:]))
        #expect(found.configuration.routes.isEmpty)
    }

    @Test("an Ingress that refuses its paths refuses the rest of the host")
    func refused() {
        let found = cluster(["auth-type": "basic"])
        #expect(found.routes("shop.example") == ["/ prefix -> 503", "/a prefix -> 503"])
    }

    @Test("it leads to the default backend, and follows it")
    func followsFallback() {
        var settings = TranslationSettings()
        settings.defaultBackend = key("pages")
        var found = cluster(Self.lists.merging(["server-alias": "alias.example"]) { $1 }, settings)
        found.put(service("pages"))
        #expect(root(found)?.target == .backend(BackendName("shop/pages:80")))
        let all = ingress("all", created: 9, defaultBackend: to("web"))
        found.put(all)
        #expect(root(found)?.target == .backend(BackendName("shop/web:80")))
        #expect(root(found, of: "alias.example")?.target == root(found)?.target)
        found.remove(all)
        #expect(root(found)?.target == .backend(BackendName("shop/pages:80")))
        found.remove(service("pages"))
        #expect(root(found)?.target == .answer(status: 503))
        #expect(root(found, of: "alias.example")?.target == .answer(status: 503))
    }

    @Test("an Ingress's own default backend is used as the Ingress says, under its rules")
    func ownBackend() {
        var found = cluster([:], TranslationSettings(), service("pages"))
        var own = annotated(["proxy-read-timeout": "7"], paths: path("/a"))
        own.defaultBackend = to("pages")
        found.put(own)
        let name = BackendName("shop/pages:80~web")
        #expect(root(found)?.target == .backend(name))
        #expect(found.configuration.backends[name]?.timeouts.server == 7_000)
        own.meta.annotations["nginx.ingress.kubernetes.io/backend-protocol"] = "AUTO_HTTP"
        found.put(own)
        let secured = (root(found)?.alternatives ?? []).compactMap(\.backend)
        #expect(secured.count == 1 && secured.allSatisfy { found.configuration.backends[$0] != nil })
        found.put(annotated([:], paths: path("/a")))
        #expect(root(found) == nil && found.configuration.backends[name] == nil)
    }

    @Test("what nobody may see as everybody's default backend is guarded there, and everywhere")
    func guarded() {
        var own = annotated(Self.lists, paths: path("/a"))
        own.defaultBackend = to("web")
        var found = cluster()
        found.put(own)
        #expect(found.configuration.fallback == nil)
        #expect(root(found)?.target == .backend(BackendName("shop/web:80")))
        #expect(root(found)?.rules?.access.isEmpty == false)
        #expect(root(found, of: "")?.target == root(found)?.target)
        #expect(root(found, of: "")?.rules?.access == root(found)?.rules?.access)
    }

    @Test("rules without a host are for what nothing else is for: nothing is added")
    func everyHost() {
        var found = TestCluster()
        found.put(service("web"), annotated(Self.lists, host: "", paths: path("/a")))
        #expect(found.configuration.routes[.any]?.routes.map(\.path) == ["/a"])
    }
}
