import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Names of hosts by annotation")
struct HostNamesTests {
    private func cluster(_ ingresses: Ingress...) -> TestCluster {
        var cluster = TestCluster()
        cluster.put(service("web"))
        for ingress in ingresses { cluster.put(ingress) }
        return cluster
    }

    @Test("app-root: exactly / is sent there, beside a prefix that stays")
    func appRoot() {
        let found = cluster(annotated(["app-root": "/app"]))
        #expect(found.routes("shop.example") == ["/ exact -> 404", "/ prefix -> shop/web:80"])
        #expect(TestCluster.redirects(found.allRoutes().first?.rules?.first) == ["302 :///app"])
    }

    @Test("app-root: of several the one of the longest path wins")
    func longest() {
        var other = ingress("other", [rule("shop.example", path("/long/path"))])
        other.meta.annotations["sluice.dev/app-root"] = "/other"
        let found = cluster(annotated(["app-root": "/app"]), other)
        #expect(TestCluster.redirects(found.allRoutes().first?.rules?.first) == ["302 :///other"])
    }

    @Test(
        "app-root: what is no path is ignored",
        arguments: ["app", "https://a.example", "//a.example", "/a b"])
    func noPath(text: String) {
        let found = cluster(annotated(["app-root": text]))
        #expect(found.routes("shop.example") == ["/ prefix -> shop/web:80"])
        #expect(found.reasons == ["AnnotationInvalid"])
    }

    @Test(
        "from-to-www-redirect: the other name is sent to the host",
        arguments: [("shop.example", "www.shop.example"), ("www.shop.example", "shop.example")])
    func www(host: String, other: String) {
        var found = cluster(annotated(["from-to-www-redirect": "true"], host: host))
        #expect(found.routes(other) == ["/ prefix -> 404"])
        #expect(TestCluster.redirects(found.allRoutes(other).first?.rules?.first) == ["308 ://\(host)"])
        found.put(annotated([:], host: host))
        #expect(found.configuration.routes[.exact(other)] == nil)
    }

    @Test(
        "from-to-www-redirect: a host that has an Ingress of its own keeps its name, also when that comes later"
    )
    func taken() {
        var found = cluster(annotated(["from-to-www-redirect": "true"]))
        let real = ingress("real", [rule("www.shop.example", path("/real"))])
        found.put(real)
        #expect(found.routes("www.shop.example") == ["/real prefix -> shop/web:80"])
        found.remove(real)
        #expect(found.routes("www.shop.example") == ["/ prefix -> 404"])
    }

    @Test("server-alias: further names are served as the host is, and follow it")
    func alias() {
        var found = cluster(annotated(["server-alias": "a.example, *.b.example"]))
        #expect(found.routes("a.example") == ["/ prefix -> shop/web:80"])
        #expect(found.routes("*.b.example") == ["/ prefix -> shop/web:80"])
        let more = ingress("more", [rule("shop.example", path("/more"))])
        found.put(more)
        #expect(found.routes("a.example").count == 2)
        found.remove(more)
        #expect(found.routes("a.example").count == 1)
        found.put(annotated(["server-alias": "c.example"]))
        #expect(found.routes("a.example") == [])
        #expect(found.routes("c.example").count == 1)
        found.remove(annotated([:]))
        #expect(found.configuration.routes.isEmpty)
    }

    private func older(_ names: String, host: String = "shop.example") -> Ingress {
        var older = ingress("a-older", [rule(host, path("/older"))])
        older.meta.annotations["sluice.dev/server-alias"] = names
        return older
    }

    @Test(
        "server-alias: of several Ingresses of a host the names of the oldest count, and its word ends with it"
    )
    func oldest() {
        var found = cluster(annotated(["server-alias": "a.example"]))
        #expect(found.routes("a.example").count == 1)
        found.put(older("b.example"))
        #expect(found.routes("a.example") == [])
        #expect(found.routes("b.example").count == 2)
        #expect(found.reasons == ["AliasConflict"])
        found.remove(older("b.example"))
        #expect(found.routes("a.example").count == 1)
        #expect(found.routes("b.example") == [])
        #expect(found.reasons == [])
    }

    @Test("server-alias: an older Ingress of another host says nothing of this one")
    func otherHost() {
        let found = cluster(
            annotated(["server-alias": "a.example"]), older("a.example", host: "other.example"))
        #expect(found.routes("a.example") == ["/older prefix -> shop/web:80"])
        let apart = cluster(
            annotated(["server-alias": "a.example"]), older("b.example", host: "other.example"))
        #expect(apart.routes("a.example").count == 1 && apart.routes("b.example").count == 1)
        #expect(apart.reasons == [])
    }

    @Test("server-alias: an Ingress whose word does not count for one of its hosts is heard for the other")
    func secondHost() {
        var both = ingress("z", [rule("shop.example", path("/")), rule("other.example", path("/o"))])
        both.meta.annotations["sluice.dev/server-alias"] = "a.example"
        let found = cluster(both, older("b.example"))
        #expect(found.routes("a.example") == ["/o prefix -> shop/web:80"])
    }

    @Test(
        "server-alias: what is no name leaves the Ingress out",
        arguments: ["~^www\\d+", "a b.example,-", "10.0.0.1"])
    func invalidAlias(text: String) {
        #expect(AnnotationReading(annotated(["server-alias": text])).failure == .leavesIngressOut)
    }
}
