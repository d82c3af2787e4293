import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Redirects by annotation")
struct RedirectsTests {
    private func routes(
        _ annotations: [String: String] = [:], tls entries: [IngressTLS] = [tls("cert", "shop.example")],
        host: String = "shop.example", httpsPort: UInt16? = nil, paths: IngressPath...
    ) -> [Route] {
        var settings = TranslationSettings()
        settings.httpsPort = httpsPort
        var cluster = TestCluster(settings: settings)
        cluster.put(service("web"))
        var object = annotated(annotations, host: host, tls: entries)
        if !paths.isEmpty { object.rules[0].paths = paths }
        cluster.put(object)
        return cluster.allRoutes(host)
    }

    private func secured(_ routes: [Route]) -> [String] {
        TestCluster.redirects(routes.first?.rules?.unsecured)
    }

    @Test("ssl-redirect: a host with TLS sends plain requests to HTTPS with 308")
    func standard() {
        #expect(secured(routes()) == ["308 https://"])
        #expect(routes().first?.rules?.first == [])
    }

    @Test("ssl-redirect: without TLS, without annotations, there is nothing to ask")
    func plain() { #expect(routes(tls: []).first?.rules == nil) }

    @Test(
        "ssl-redirect: every way a host can have TLS counts",
        arguments: [
            [tls("cert", "shop.example")], [tls("", "shop.example")], [tls("missing", "SHOP.example")],
            [tls("cert", "*.example")], [tls("cert")],
            [tls("cert", "other.example"), tls("", "shop.example")],
        ])
    func ways(entries: [IngressTLS]) { #expect(secured(routes(tls: entries)).count == 1) }

    @Test(
        "ssl-redirect: TLS of other hosts does not",
        arguments: [[tls("cert", "other.example")], [tls("")], [tls("cert", "*.shop.example")]])
    func others(entries: [IngressTLS]) { #expect(routes(tls: entries).first?.rules == nil) }

    @Test("ssl-redirect: TLS of another Ingress of the host counts")
    func anotherIngress() {
        var cluster = TestCluster()
        cluster.put(service("web"), annotated([:]))
        #expect(cluster.allRoutes().first?.rules == nil)
        let other = ingress(
            "other", [rule("shop.example", path("/other"))], tls: [tls("cert", "shop.example")])
        cluster.put(other)
        #expect(cluster.allRoutes().allSatisfy { $0.rules?.unsecured.count == 1 })
        cluster.remove(other)
        #expect(cluster.allRoutes().first?.rules == nil)
    }

    @Test("ssl-redirect: TLS of a wildcard counts for the hosts below it, also when it comes later")
    func wildcard() {
        var cluster = TestCluster()
        cluster.put(service("web"), annotated([:]))
        let above = ingress("above", [rule("*.example", path("/"))], tls: [tls("cert", "*.example")])
        let change = cluster.put(above)
        #expect(Set(change.routes.keys) == [.exact("shop.example"), .wildcard("example")])
        #expect(cluster.allRoutes().first?.rules?.unsecured.count == 1)
        cluster.remove(above)
        #expect(cluster.allRoutes().first?.rules == nil)
    }

    @Test("ssl-redirect: false stays on plain HTTP")
    func off() { #expect(routes(["ssl-redirect": "false"]).first?.rules == nil) }

    @Test("force-ssl-redirect: also without TLS, whatever ssl-redirect says")
    func forced() {
        #expect(secured(routes(["force-ssl-redirect": "true"], tls: [])) == ["308 https://"])
        #expect(secured(routes(["force-ssl-redirect": "true", "ssl-redirect": "false"])) == ["308 https://"])
        #expect(routes(["force-ssl-redirect": "false"], tls: []).first?.rules == nil)
    }

    @Test("force-ssl-redirect: a rule without host is sent away too, TLS or not")
    func anyHost() {
        #expect(routes(tls: [tls("cert", "shop.example")], host: "").first?.rules == nil)
        #expect(secured(routes(["force-ssl-redirect": "true"], host: "")) == ["308 https://"])
    }

    @Test("ssl-redirect: paths of ACME's challenge are answered over plain HTTP")
    func challenge() {
        let found = routes(paths: path("/"), path("/.well-known/acme-challenge/token", "Exact"))
        #expect(found.map { $0.rules?.unsecured.count ?? 0 } == [1, 0])
    }

    @Test(
        "ssl-redirect: a port that clients would not find is said",
        arguments: [(nil, ""), (443, ""), (8443, ":8443")])
    func port(number: UInt16?, text: String) {
        #expect(secured(routes(httpsPort: number)) == ["308 https://\(text)"])
    }

    @Test("ssl-redirect-code: the status", arguments: ["301", "302", "303", "307", "308"])
    func code(text: String) {
        #expect(secured(routes(["sluice.dev/ssl-redirect-code": text])) == ["\(text) https://"])
    }

    @Test("preserve-trailing-slash: the location is made of the target as it is")
    func slash() {
        #expect(
            routes().first?.rules?.unsecured
                != routes(["preserve-trailing-slash": "true"]).first?.rules?.unsecured)
    }

    @Test("permanent-redirect: 301 to the address, before the redirect to HTTPS")
    func permanent() {
        let found = routes(["permanent-redirect": "https://other.example/x?y=1"])
        #expect(TestCluster.redirects(found.first?.rules?.first) == ["301 https://other.example/x?y=1"])
        #expect(secured(found).count == 1)
    }

    @Test("permanent-redirect: a path will do")
    func relative() {
        #expect(
            TestCluster.redirects(routes(["permanent-redirect": "/new"]).first?.rules?.first) == ["301 /new"])
    }

    @Test(
        "permanent-redirect-code: the status, or 301",
        arguments: [("302", 302), ("308", 308), ("307", 307), ("309", 301), ("304", 301), ("x", 301)])
    func permanentCode(text: String, status: Int) {
        let found = routes(["permanent-redirect": "/new", "permanent-redirect-code": text])
        #expect(TestCluster.redirects(found.first?.rules?.first) == ["\(status) /new"])
    }

    @Test("temporal-redirect: 302, and wins over permanent-redirect")
    func temporal() {
        let found = routes(["temporal-redirect": "http://other.example", "permanent-redirect": "/new"])
        #expect(TestCluster.redirects(found.first?.rules?.first) == ["302 http://other.example"])
    }

    @Test(
        "temporal-redirect-code: the status, or 302", arguments: [("301", 301), ("307", 307), ("308", 302)])
    func temporalCode(text: String, status: Int) {
        let found = routes(["temporal-redirect": "http://a.example", "temporal-redirect-code": text])
        #expect(TestCluster.redirects(found.first?.rules?.first) == ["\(status) http://a.example"])
    }

    @Test("routes of one Ingress share their rules, and so do all Ingresses without annotations")
    func sharing() {
        let found = routes(paths: path("/a"), path("/b"))
        #expect(found.count == 2 && found[0].rules === found[1].rules)
    }
}
