import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Canaries by annotation")
struct CanaryTests {
    private let main = BackendName("main")
    private let canary = BackendName("canary")

    private func rules(_ annotations: [String: String]) -> [BackendRule] {
        AnnotationReading(annotated(annotations)).values.canary.rules(from: main, to: canary)
    }

    private func matching(_ rule: BackendRule?) -> Matching? {
        rule?.condition?.alternatives.first?.first?.tests.first?.matching
    }

    private func word(_ text: String) -> Matching { .text(.exact, [Array(text.utf8)], ignoresCase: false) }

    @Test("canary-by-header: always is for the canary, never for the main backend")
    func header() {
        let found = rules(["canary-by-header": "X-Canary"])
        #expect(found.map(\.backend) == [canary, main])
        #expect(found.map { matching($0) } == [word("always"), word("never")])
    }

    @Test("canary-by-header-value: this value alone, and it beats the pattern")
    func headerValue() {
        let found = rules([
            "canary-by-header": "X-Canary", "canary-by-header-value": "me", "canary-by-header-pattern": ".*",
        ])
        #expect(found.map(\.backend) == [canary])
        #expect(matching(found.first) == word("me"))
    }

    @Test("canary-by-header-pattern: an expression that matches anywhere")
    func headerPattern() {
        let found = rules(["canary-by-header": "X-Canary", "canary-by-header-pattern": "a|b"])
        #expect(matching(found.first) == .regex(["a|b"], ignoresCase: false))
    }

    @Test("header before cookie before weight")
    func order() {
        let found = rules([
            "canary-by-header": "X-Canary", "canary-by-cookie": "canary", "canary-weight": "5",
        ])
        #expect(found.map(\.backend) == [canary, main, canary, main, canary])
        #expect(matching(found.last) == .number([0...4]))
    }

    @Test(
        "canary-weight: so many of the total",
        arguments: [
            ("0", "100", 0, nil as Int64?), ("1", "100", 1, 0), ("99", "100", 1, 98), ("100", "100", 1, nil),
            ("150", "100", 1, nil), ("150", "1000", 1, 149), ("50", "10", 1, 49),
        ])
    func weight(weight: String, total: String, count: Int, last: Int64?) {
        let found = rules(["canary-weight": weight, "canary-weight-total": total])
        #expect(found.count == count)
        #expect(matching(found.first) == last.map { .number([0...$0]) })
    }

    @Test("a value or pattern without canary-by-header means nothing")
    func withoutHeader() {
        #expect(rules(["canary-by-header-value": "me", "canary-by-header-pattern": "x"]) == [])
    }

    @Test("bad values leave the Ingress out")
    func bad() {
        for bad in [["canary": "maybe"], ["canary-weight": "-1"], ["canary-by-header": "a b"]] {
            #expect(AnnotationReading(annotated(bad)).failure == .leavesIngressOut)
        }
    }
}

@Suite("Where canaries stand")
struct CanaryPlacementTests {
    private let usual = ["canary": "true", "canary-weight": "10"]

    private func canary(
        _ annotations: [String: String]? = nil, name: String = "canary", in namespace: String = "shop",
        created: Int64 = 2, _ paths: IngressPath...
    ) -> Ingress {
        var rule = IngressRule()
        rule.host = "shop.example"
        rule.paths = paths.isEmpty ? [path("/", to: to("new"))] : paths
        var object = ingress(name, in: namespace, created: created, [rule])
        for (key, value) in annotations ?? usual {
            object.meta.annotations["nginx.ingress.kubernetes.io/\(key)"] = value
        }
        return object
    }

    private func cluster(_ main: [String: String] = [:], _ canaries: Ingress...) -> TestCluster {
        var cluster = TestCluster()
        cluster.put(
            service("web"), service("new"), service("new", in: "other"), service("newer"),
            slice("new-1", of: "new", endpoint("10.0.0.9")), annotated(main))
        for canary in canaries { cluster.put(canary) }
        return cluster
    }

    private func alternatives(_ cluster: TestCluster) -> [[String]] {
        cluster.allRoutes().map { $0.alternatives.compactMap(\.backend?.description) }
    }

    @Test("a canary stands beside the path that another Ingress has, with servers of its own")
    func beside() {
        let found = cluster([:], canary())
        #expect(found.routes("shop.example") == ["/ prefix -> shop/web:80"])
        #expect(alternatives(found) == [["shop/new:80"]])
        #expect(found.servers("shop/new:80") == ["10.0.0.9:8080"])
        #expect(found.reasons == [])
    }

    @Test("age does not matter")
    func older() { #expect(alternatives(cluster([:], canary(created: 0))) == [["shop/new:80"]]) }

    @Test("servers of the canary are used as the main Ingress says, and nothing else of the canary counts")
    func settings() {
        let found = cluster(
            ["proxy-read-timeout": "7"],
            canary([
                "canary": "true", "canary-weight": "10", "proxy-read-timeout": "9", "rewrite-target": "/x",
                "app-root": "/app", "auth-url": "https://auth.example/", "server-alias": "alias.example",
            ]))
        #expect(found.routes("shop.example") == ["/ prefix -> shop/web:80~web"])
        #expect(alternatives(found) == [["shop/new:80~web"]])
        #expect(found.configuration.backends[BackendName("shop/new:80~web")]?.timeouts.server == 7_000)
        #expect(found.configuration.backends[BackendName("shop/new:80")] == nil)
        #expect(found.configuration.routes.count == 1)
    }

    @Test(
        "a canary without anything beside it is not served, and its owner told",
        arguments: [
            ("/other", "Prefix", "new", "CanaryOrphan"), ("/", "Exact", "new", "CanaryOrphan"),
            ("/", "Prefix", "web", "CanarySame"),
        ])
    func orphans(at place: String, type: String, service: String, reason: String) {
        let found = cluster([:], canary(nil, path(place, type, to: to(service))))
        #expect(found.routes("shop.example") == ["/ prefix -> shop/web:80"])
        #expect(alternatives(found) == [[]])
        #expect(found.reasons == [reason])
        #expect(found.configuration.backends[BackendName("shop/new:80")] == nil)
    }

    @Test("a canary alone has no host")
    func alone() {
        var found = TestCluster()
        found.put(service("new"), canary())
        #expect(found.configuration.routes.isEmpty && found.configuration.backends.isEmpty)
        #expect(found.reasons == ["CanaryOrphan"])
        found.put(service("web"), annotated([:]))
        #expect(alternatives(found) == [["shop/new:80"]])
        #expect(found.reasons == [])
        found.remove(annotated([:]))
        #expect(found.configuration.routes.isEmpty && found.configuration.backends.isEmpty)
    }

    @Test("a canary of another namespace gets nothing of somebody's traffic")
    func foreign() {
        let found = cluster([:], canary(in: "other"))
        #expect(alternatives(found) == [[]])
        #expect(found.reasons == ["CanaryRefused"])
    }

    @Test("of two canaries the older has the path")
    func two() {
        let found = cluster(
            [:], canary(name: "second", created: 3, path("/", to: to("newer"))), canary())
        #expect(alternatives(found) == [["shop/new:80"]])
        #expect(found.reasons == ["CanaryConflict"])
    }

    @Test("a canary comes, changes and goes")
    func live() {
        var found = cluster([:], canary())
        found.put(canary(["canary": "true", "canary-by-cookie": "c"]))
        #expect(alternatives(found) == [["shop/new:80", "shop/web:80"]])
        found.put(canary(["canary": "true"]))
        #expect(alternatives(found) == [[]])
        let change = found.put(annotated(["proxy-read-timeout": "7"]), canary())
        #expect(change.backends.keys.map(\.description).sorted().contains("shop/new:80~web"))
        found.remove(canary())
        #expect(alternatives(found) == [[]])
        #expect(found.servers("shop/new:80~web") == nil && found.servers("shop/new:80") == nil)
    }

    @Test("a canary is nobody's default backend")
    func fallback() {
        var object = canary()
        object.rules = []
        object.defaultBackend = to("new")
        #expect(cluster([:], object).configuration.fallback == nil)
    }

    @Test("canary: false is an Ingress as any other")
    func off() {
        let found = cluster(
            [:], canary(["canary": "false", "canary-weight": "50"], path("/new", to: to("new"))))
        #expect(found.routes("shop.example") == ["/ prefix -> shop/web:80", "/new prefix -> shop/new:80"])
    }
}
