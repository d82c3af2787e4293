import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("What no path of an Ingress is for")
struct RestTests {
    private static let lists = ["whitelist-source-range": "10.0.0.0/8"]

    /// An Ingress of nothing but a default backend, made at 0.
    private func all(_ annotations: [String: String], to backend: String = "rest") -> Ingress {
        var object = annotated(annotations)
        (object.meta.name, object.meta.creationTimestamp) = ("all", 0)
        (object.rules, object.defaultBackend) = ([], to(backend))
        return object
    }

    private func cluster(_ annotations: [String: String], _ others: any KubernetesObject...) -> TestCluster {
        var cluster = TestCluster()
        cluster.put(service("web"), service("rest"), all(annotations))
        for object in others { cluster.put(object) }
        return cluster
    }

    private func root(_ cluster: TestCluster, of host: String) -> Route? {
        cluster.allRoutes(host).first { $0.path == "/" && $0.match == .prefix }
    }

    @Test("annotations of a catch-all hold for unknown hosts, and for the rest of known ones")
    func annotations() throws {
        let found = cluster(Self.lists, ingress("plain", [rule("plain.example", path("/a"))]))
        #expect(found.configuration.fallback == nil && found.reasons == [])
        for host in ["", "plain.example"] {
            let route = try #require(root(found, of: host))
            #expect(route.target == .backend(BackendName("shop/rest:80")))
            #expect(route.rules?.access.isEmpty == false)
            #expect(route.origin == Origin(namespace: "shop", name: "all"))
        }
    }

    @Test("without annotations it is the fallback of all, and no host has a route for it")
    func plain() {
        let found = cluster([:], ingress("plain", [rule("plain.example", path("/a"))]))
        #expect(found.configuration.fallback == .backend(BackendName("shop/rest:80")))
        #expect(found.configuration.routes[.any] == nil)
        #expect(root(found, of: "plain.example") == nil)
    }

    @Test("nobody is sent elsewhere by it, and nothing is rewritten")
    func noRedirect() {
        for said in ["permanent-redirect": "https://b.example/", "rewrite-target": "/x", "app-root": "/a"] {
            let found = cluster([said.key: said.value])
            #expect(found.configuration.fallback == .backend(BackendName("shop/rest:80")), "\(said.key)")
        }
        var both = cluster(["permanent-redirect": "https://b.example/", "enable-cors": "true"])
        #expect(TestCluster.redirects(root(both, of: "")?.rules?.first) == [])
        both.put(tlsSecretless)
        #expect(root(both, of: "")?.rules?.unsecured.isEmpty == true)
    }

    private var tlsSecretless: Ingress {
        var object = all(["enable-cors": "true", "force-ssl-redirect": "true"])
        object.tls = [tls("", "a.example")]
        return object
    }

    @Test("a host with annotations of its own leads there by these, unless that would pass the guard")
    func ownAnnotations() {
        let own = annotated(["enable-cors": "true"], paths: path("/a"))
        var found = cluster(["proxy-body-size": "8m"], own)
        #expect(root(found, of: "shop.example")?.target == .backend(BackendName("shop/rest:80")))
        #expect(root(found, of: "shop.example")?.origin.name == "web")
        found.put(all(Self.lists))
        #expect(root(found, of: "shop.example")?.target == .answer(status: 404))
        #expect(root(found, of: "")?.target == .backend(BackendName("shop/rest:80")))
    }

    @Test("rules without a host come first, path by path")
    func everyHost() {
        var found = cluster(Self.lists, ingress("every", [rule("", path("/a"))]))
        #expect(found.routes("") == ["/ prefix -> shop/rest:80", "/a prefix -> shop/web:80"])
        found.put(ingress("every", [rule("", path("/"))]))
        #expect(found.routes("") == ["/ prefix -> shop/web:80"])
        found.remove(ingress("every"))
        #expect(found.routes("") == ["/ prefix -> shop/rest:80"])
        found.remove(all([:]))
        #expect(found.configuration.routes[.any] == nil && found.configuration.fallback == nil)
    }

    @Test("what the annotations say of its servers is said of its backend, as long as it is there")
    func ownBackend() {
        var found = cluster(
            ["proxy-read-timeout": "7"], ingress("plain", [rule("plain.example", path("/a"))]))
        let name = BackendName("shop/rest:80~all")
        for host in ["", "plain.example"] { #expect(root(found, of: host)?.target == .backend(name)) }
        #expect(found.configuration.backends[name]?.timeouts.server == 7_000)
        found.put(all(["backend-protocol": "AUTO_HTTP"]))
        let secured = root(found, of: "")?.alternatives.compactMap(\.backend) ?? []
        #expect(secured.count == 1 && secured.allSatisfy { found.configuration.backends[$0] != nil })
        found.put(all([:]))
        #expect(found.configuration.backends[name] == nil)
        #expect(found.configuration.fallback == .backend(BackendName("shop/rest:80")))
    }

    @Test("a Service that is not there is answered 503 under the rules, and heals")
    func missing() {
        var found = TestCluster()
        found.put(all(Self.lists))
        #expect(found.routes("") == ["/ prefix -> 503"])
        found.put(service("rest"))
        #expect(found.routes("") == ["/ prefix -> shop/rest:80"])
    }

    @Test("one that its annotations close is answered 503")
    func closed() {
        let found = cluster(["auth-type": "basic"])
        #expect(found.configuration.fallback == .answer(status: 503))
        #expect(found.reasons.contains("DefaultBackendRefused"))
    }

    // MARK: ingress-nginx's defaults

    private func nginx(_ objects: any KubernetesObject...) -> TestCluster {
        var settings = TranslationSettings()
        settings.usual = .nginx
        var cluster = TestCluster(settings: settings)
        cluster.put(service("web"))
        for object in objects { cluster.put(object) }
        return cluster
    }

    @Test(
        "/healthz of an unknown host is answered where defaults are ingress-nginx's, and unheard of otherwise"
    )
    func health() throws {
        var found = nginx(ingress("plain", [rule("plain.example", path("/"))]))
        #expect(found.routes("") == ["/healthz prefix -> 200"])
        #expect(found.routes("plain.example") == ["/ prefix -> shop/web:80"])
        let route = try #require(found.allRoutes("").first)
        #expect(route.rules?.first.contains { $0.action == .setLogLevel(nil) } == true)
        found.put(ingress("every", [rule("", path("/"))]))
        #expect(found.routes("") == ["/ prefix -> shop/web:80", "/healthz prefix -> 200"])
        found.put(ingress("every", [rule("", path("/healthz"))]))
        #expect(found.routes("") == ["/healthz prefix -> shop/web:80"])
        found.remove(ingress("every"))
        #expect(found.routes("") == ["/healthz prefix -> 200"])
        var ours = TestCluster()
        ours.put(service("web"), ingress("plain", [rule("plain.example", path("/"))]))
        #expect(ours.configuration.routes[.any] == nil)
    }

    private func slashes(_ found: TestCluster) -> [String: [String]] {
        var slashes: [String: [String]] = [:]
        for route in found.allRoutes() where route.match == .exact {
            let said = TestCluster.redirects(route.rules?.first)
            if !said.isEmpty { slashes[route.path] = said }
        }
        return slashes
    }

    @Test("a path that ends with a slash is redirected to without it, whatever its type")
    func slash() {
        let paths = [path("/foo/"), path("/bar/", "Exact"), path("/both"), path("/")]
        let found = nginx(ingress("a", [rule("shop.example", paths[0], paths[1], paths[2], paths[3])]))
        #expect(slashes(found) == ["/foo": ["301 :///foo/"], "/bar": ["301 :///bar/"]])
        #expect(found.routes("shop.example").contains("/foo prefix -> shop/web:80"))
    }

    @Test("of a path with two slashes at the end nobody is sent in a circle")
    func twoSlashes() {
        let twice = path("/foo//", "ImplementationSpecific")
        #expect(slashes(nginx(ingress("a", [rule("shop.example", twice)]))) == [:])
    }

    @Test("who has the path without the slash, keeps it")
    func taken() {
        let exact = ingress("b", created: 2, [rule("shop.example", path("/foo", "Exact"))])
        #expect(slashes(nginx(ingress("a", [rule("shop.example", path("/foo/"))]), exact)) == [:])
        let prefix = ingress("b", created: 2, [rule("shop.example", path("/foo"))])
        #expect(slashes(nginx(ingress("a", [rule("shop.example", path("/foo/", "Exact"))]), prefix)) == [:])
    }

    @Test(
        "nobody is redirected from a path that is spelled without the slash, whoever has it",
        arguments: [0, 2])
    func spelled(created: Int64) {
        let short = ingress("b", created: created, [rule("shop.example", path("/foo"))])
        var found = nginx(ingress("a", [rule("shop.example", path("/foo/"))]), short)
        #expect(slashes(found) == [:] && found.reasons == ["PathConflict"])
        found.remove(short)
        #expect(slashes(found) == ["/foo": ["301 :///foo/"]])
        found.put(ingress("a", [rule("shop.example", path("/foo"), path("/foo/"))]))
        #expect(slashes(found) == [:] && found.reasons == [])
    }

    @Test("there is none of regular expressions, nor where defaults are ours")
    func noSlash() {
        let expressions = nginx(annotated(["use-regex": "true"], paths: path("/foo/")))
        #expect(
            expressions.routes("shop.example").allSatisfy { $0.contains("expression") || $0.hasPrefix("/ ") })
        var ours = TestCluster()
        ours.put(service("web"), ingress("a", [rule("shop.example", path("/foo/"))]))
        #expect(ours.routes("shop.example") == ["/foo prefix -> shop/web:80"])
    }

    @Test("relative-redirects says the path alone, and what a Location may not hold is encoded")
    func relative() {
        let object = annotated(["relative-redirects": "true"], paths: path("/a é/", "ImplementationSpecific"))
        #expect(slashes(nginx(object)) == ["/a é": ["301 /a%20%C3%A9/"]])
    }

    @Test(
        "of two Ingresses of the same age the last by name has the path, where defaults are ingress-nginx's")
    func sameAge() {
        let two = [
            ingress("a", [rule("shop.example", path("/"))]),
            ingress("b", [rule("shop.example", path("/", to: to("other")))]),
        ]
        let found = nginx(two[0], two[1], service("other"))
        #expect(found.routes("shop.example") == ["/ prefix -> shop/other:80"])
        #expect(
            found.translator.allDiagnostics.contains {
                $0.message.contains("of the same age and last by name")
            })
        var ours = TestCluster()
        ours.put(service("web"), service("other"), two[0], two[1])
        #expect(ours.routes("shop.example") == ["/ prefix -> shop/web:80"])
        let older = ingress("c", created: 0, [rule("shop.example", path("/"))])
        #expect(
            nginx(two[0], two[1], older, service("other")).routes("shop.example") == [
                "/ prefix -> shop/web:80"
            ])
    }

    // MARK: Regular expressions

    @Test(
        "a path that makes sense as a regular expression alone has its backend, and nothing is wrong with it")
    func expressionAlone() {
        for said in [["use-regex": "true"], ["use-regex": "true", "proxy-read-timeout": "7"]] {
            var found = TestCluster()
            found.put(service("odd"), annotated(said, paths: path("/a//b", to: to("odd"))))
            let name = BackendName(said.count == 1 ? "shop/odd:80" : "shop/odd:80~web")
            #expect(found.routes("shop.example").contains("/a//b expression -> \(name)"))
            #expect(found.configuration.backends[name] != nil)
            #expect(found.reasons == [])
            found.put(annotated([:], paths: path("/a//b", to: to("odd"))))
            #expect(found.routes("shop.example") == ["/a//b prefix -> 503"])
            #expect(found.configuration.backends[name] == nil)
            #expect(found.reasons == ["PathInvalid"])
        }
    }

    @Test("it is another Ingress that makes it one, and takes it back")
    func expressionOfAnother() {
        var other = annotated(["use-regex": "true"], paths: path("/other"))
        other.meta.name = "other"
        var found = TestCluster()
        found.put(service("odd"), service("web"), annotated([:], paths: path("/a//b", to: to("odd"))))
        #expect(found.reasons == ["PathInvalid"])
        found.put(other)
        #expect(found.routes("shop.example").contains("/a//b expression -> shop/odd:80"))
        #expect(found.configuration.backends[BackendName("shop/odd:80")] != nil && found.reasons == [])
        found.remove(other)
        #expect(found.reasons == ["PathInvalid"])
        #expect(found.configuration.backends[BackendName("shop/odd:80")] == nil)
    }
}
