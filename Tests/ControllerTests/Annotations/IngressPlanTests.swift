import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Plans of Ingresses")
struct IngressPlanTests {
    private func cluster(_ ingresses: Ingress...) -> TestCluster {
        var cluster = TestCluster()
        cluster.put(service("web"))
        for ingress in ingresses { cluster.put(ingress) }
        return cluster
    }

    @Test("an invalid value leaves the whole Ingress out, and no other")
    func leftOut() {
        let good = ingress("good", [rule("good.example", path("/"))])
        var found = cluster(annotated(["ssl-redirect": "maybe"]), good)
        #expect(found.routes("shop.example") == [])
        #expect(found.configuration.routes[.exact("shop.example")] == nil)
        #expect(found.routes("good.example") == ["/ prefix -> shop/web:80"])
        #expect(found.reasons == ["AnnotationInvalid"])
        found.put(annotated(["ssl-redirect": "true"]))
        #expect(found.routes("shop.example") == ["/ prefix -> shop/web:80"])
        #expect(found.reasons == [])
    }

    @Test("what can not be used closes the Ingress's paths, and leaves others of the host alone")
    func closed() {
        let good = ingress("good", created: 2, [rule("shop.example", path("/good"))])
        let found = cluster(annotated(["custom-headers": "shop/fields"]), good)
        #expect(found.routes("shop.example") == ["/ prefix -> 503", "/good prefix -> shop/web:80"])
    }

    @Test("a closed Ingress that is the default backend is closed there too")
    func defaultBackend() {
        var object = annotated(["custom-headers": "shop/fields"])
        object.rules = []
        object.defaultBackend = to("web")
        let found = cluster(object)
        #expect(found.configuration.fallback == .answer(status: 503))
        #expect(found.reasons.contains("DefaultBackendRefused"))
    }

    @Test("a default backend of an Ingress whose annotations say nothing of requests is everybody's as it is")
    func openDefault() {
        var object = annotated(["proxy-body-size": "8m"])
        object.defaultBackend = to("web")
        #expect(cluster(object).allRoutes("").map { $0.limits?.maxBodySize } == [8 << 20])
        object.meta.annotations = ["nginx.ingress.kubernetes.io/app-root": "/a"]
        let found = cluster(object)
        #expect(found.configuration.fallback == .backend(BackendName("shop/web:80")))
        #expect(found.allRoutes("").isEmpty)
    }

    @Test("an annotation of one Ingress changes its own host, and nothing else")
    func incremental() {
        var found = cluster(annotated([:]), ingress("other", [rule("other.example", path("/"))]))
        let change = found.put(annotated(["permanent-redirect": "/new"]))
        #expect(Set(change.routes.keys) == [.exact("shop.example")])
        #expect(change.backends.isEmpty && change.fallback == nil && change.certificates.isEmpty)
        #expect(found.put(annotated(["permanent-redirect": "/new"])).isEmpty)
    }

    @Test("annotations that mean nothing to us change nothing")
    func foreign() {
        var found = cluster(annotated([:]))
        #expect(found.put(annotated(["example.com/x": "y"])).isEmpty)
    }

    @Test("an Ingress that is not ours is not read")
    func notOurs() {
        var object = annotated(["ssl-redirect": "maybe"])
        object.className = "other"
        #expect(cluster(object).reasons.contains("AnnotationInvalid") == false)
    }

    @Test(
        "proxy-body-size: bytes, with nginx's units",
        arguments: [
            ("1", 1), ("8k", 8_192), ("8K", 8_192), ("2m", 2 << 20), ("1g", 1 << 30), ("0", nil),
            ("15r", nil),
        ])
    func bodySize(text: String, bytes: Int64?) {
        #expect(cluster(annotated(["proxy-body-size": text])).allRoutes().first?.limits?.maxBodySize == bytes)
    }

    @Test("denylist-source-range stands before allowlist-source-range")
    func lists() throws {
        let found = cluster(
            annotated([
                "allowlist-source-range": "10.0.0.0/8", "denylist-source-range": "10.1.0.0/16, 10.2.0.1",
            ]))
        let rules = try #require(found.allRoutes().first?.rules?.access)
        #expect(rules.map(\.action) == [.deny(.page(403)), .deny(.page(403))])
        let terms = rules.compactMap { $0.condition?.alternatives.first?.first }
        #expect(terms.map(\.isNegated) == [false, true])
        #expect(
            terms.map { $0.tests.first?.matching } == [
                .address(["10.1.0.0/16", "10.2.0.1"]), .address(["10.0.0.0/8"]),
            ])
    }
}
