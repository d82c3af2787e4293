import Model
import Testing

@testable import Engine

@Suite("Rules of routes in the whole engine", .serialized)
struct RouteRulesTests {
    private func redirect(_ target: String) -> HTTPRule {
        HTTPRule(.redirect(Redirect(.location, to: target)))
    }

    private func route(_ path: String = "/", _ rules: RouteRules?, limit: Int = 0) -> Route {
        var route = Route(
            path: path, match: .prefix, target: .backend(TestEngine.backend), origin: TestEngine.origin)
        route.rules = rules
        if limit > 0 {
            route.limits = RequestLimits(name: "shop/web")
            route.limits?.rate = RateLimit(key: .everybody, requests: 1)
            route.limits?.rate?.period = 86_400_000
            route.limits?.rate?.burst = limit - 1
        }
        return route
    }

    @Test("each route has its own, and those without have none")
    func ownRules() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine()
        let rules = RouteRules(first: [redirect("/first")])
        #expect(engine.serve([backend], routes: [route("/", nil), route("/a", rules)]))
        let client = engine.connect()
        #expect(client.get("/")?.status == 200)
        #expect(client.get("/a/b")?.head.contains("\r\nLocation: /first\r\n") == true)
        #expect(client.get("/ab")?.status == 200)
    }

    @Test("what comes first is not counted, needs no server, and is asked before the rest")
    func phases() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine()
        let all = RouteRules(
            first: [HTTPRule(.answer(.page(410)), when: nil)], unsecured: [redirect("/u")],
            request: [HTTPRule(.deny(.page(403)))])
        #expect(engine.serve([], routes: [route("/", all, limit: 1)]))
        for _ in 0..<3 { #expect(engine.connect().get("/")?.status == 410) }
        let unsecured = RouteRules(unsecured: [redirect("/u")], request: [HTTPRule(.deny(.page(403)))])
        #expect(engine.serve([], routes: [route("/", unsecured, limit: 1)]))
        for _ in 0..<3 { #expect(engine.connect().get("/")?.status == 302) }
        // Nobody is asked for anything where nothing could be served.
        let late = RouteRules(request: [HTTPRule(.deny(.page(403)))])
        #expect(engine.serve([], routes: [route("/", late, limit: 1)]))
        for _ in 0..<3 { #expect(engine.connect().get("/")?.status == 503) }
        // Limits come before access.
        #expect(engine.serve([backend], routes: [route("/", late, limit: 1)]))
        #expect(engine.connect().get("/")?.status == 403)
        #expect(engine.connect().get("/")?.status == 429)
    }

    @Test("a request that TLS was spoken for is not unsecured: only a trusted proxy can say so")
    func trust() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let rules = RouteRules(unsecured: [redirect("/u")])
        for (trusted, status) in [([], 302), (["127.0.0.0/8"], 200)] as [([String], Int)] {
            let engine = try TestEngine { $0.forwarding.trustedProxies = trusted }
            #expect(engine.serve([backend], routes: [route("/", rules)]))
            let client = engine.connect()
            client.send("GET / HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-Proto: https\r\n\r\n")
            #expect(client.answer()?.status == status)
            #expect(client.get("/")?.status == 302)
        }
    }

    @Test("answers are changed by their route's rules, before the backend's")
    func answers() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine()
        func set(_ value: String) -> HTTPRule {
            HTTPRule(.change(.setField("x-by", FormatString([.text(Array(value.utf8))]))))
        }
        let rules = RouteRules(response: [set("route")])
        #expect(engine.serve([backend], routes: [route("/", nil), route("/a", rules)]))
        let client = engine.connect()
        #expect(client.get("/a")?.head.contains("\r\nx-by: route\r\n") == true)
        #expect(client.get("/")?.head.contains("x-by") == false)
        #expect(
            engine.serve([backend], routes: [route("/", nil), route("/a", rules)]) {
                $0.rules.response = [set("backend")]
            })
        #expect(client.get("/a")?.head.contains("\r\nx-by: backend\r\n") == true)
    }

    @Test("rules about all answers hold for servers' and for ours, before the backend's")
    func allAnswers() throws {
        let backend = try TestBackend("web")
        defer { backend.stop() }
        let engine = try TestEngine()
        func set(_ value: String) -> HTTPRule {
            HTTPRule(.change(.setField("x-by", FormatString([.text(Array(value.utf8))]))))
        }
        let rules = RouteRules(after: [set("route")])
        let sent = RouteRules(first: [redirect("/first")], after: [set("sent")])
        var missing = route("/none", rules)
        missing.target = .backend(BackendName("shop/none:80"))
        let routes = [route("/", nil), route("/a", rules), route("/sent", sent), missing]
        #expect(engine.serve([backend], routes: routes))
        let client = engine.connect()
        #expect(client.get("/")?.head.contains("x-by") == false)
        #expect(client.get("/a")?.head.contains("\r\nx-by: route\r\n") == true)
        #expect(client.get("/sent")?.head.contains("\r\nx-by: sent\r\n") == true)
        let refused = engine.connect().get("/none")
        #expect(refused?.status == 503 && refused?.head.contains("\r\nx-by: route\r\n") == true)
        let after = set("backend")
        #expect(engine.serve([backend], routes: [route("/a", rules)]) { $0.rules.afterResponse = [after] })
        #expect(client.get("/a")?.head.contains("\r\nx-by: backend\r\n") == true)
    }

    @Test("rules that routes share are compiled once, and let go of when nobody holds them")
    func registry() {
        var registry = RouteRuleRegistry()
        let shared = RouteRules(first: [redirect("/a")])
        let first = registry.compiled(shared)
        #expect(first != nil && registry.compiled(shared) === first)
        #expect(registry.compiled(RouteRules()) == nil)
        for i in 0..<1_000 { _ = registry.compiled(RouteRules(first: [redirect("/\(i)")])) }
        #expect(registry.count <= 64)
        #expect(registry.compiled(shared) === first)
    }
}
