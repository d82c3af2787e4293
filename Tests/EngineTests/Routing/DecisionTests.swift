import Model
import Testing

@testable import Engine

@Suite("What would become of a request")
struct DecisionTests {
    private static let (pool, canary) = (BackendName("shop/web:80"), BackendName("shop/canary:80"))

    private func configuration(_ change: (inout Route) -> Void) -> Configuration {
        var configuration = Configuration()
        for name in [Self.pool, Self.canary] {
            configuration.backends[name] = Backend(
                servers: [Server(address: "10.0.0.1", port: 80, name: "web-0")],
                origin: Origin(namespace: "shop", name: "web"))
        }
        var route = Route(
            path: "/", match: .prefix, target: .backend(Self.pool),
            origin: Origin(namespace: "shop", name: "web"))
        change(&route)
        configuration.routes[.exact("a.test")] = HostRoutes([route])
        return configuration
    }

    /// `PHASE OUTCOME TEXT` of each step.
    private func steps(
        _ request: String = "a.test/x?y=1", client: String? = nil, fields: [(String, String)] = [],
        _ change: (inout Route) -> Void
    ) throws -> [String] {
        let found = try decision(request, client: client, fields: fields, change)
        return try #require(found).lines([]).map { $0.split(separator: " ").joined(separator: " ") }
    }

    private func decision(
        _ request: String = "a.test/x?y=1", client: String? = nil, fields: [(String, String)] = [],
        _ change: (inout Route) -> Void
    ) throws -> Decision? {
        var asked = try #require(AskedRequest(request))
        asked.client = client
        asked.fields = fields.map { AskedRequest.Field($0.0, $0.1) }
        return Explanation(of: asked, in: configuration(change)).decision
    }

    private func when(_ fetch: Fetch, _ matching: Matching) throws -> RuleCondition {
        RuleCondition([[.init([SampleTest(try Expression(fetch), matching)])]])
    }

    private func isText(_ text: String) -> Matching { .text(.exact, [Array(text.utf8)], ignoresCase: false) }

    private func field(_ name: String) -> Fetch { .requestField(FieldPick(name, isWhole: true)) }

    @Test("a redirect ends it, with the location it makes, and nothing behind is reached")
    func redirect() throws {
        let target = FormatString([
            .text(Array("https://b.test".utf8)), .sample(try Expression(.ofRequest(.pathAndQuery)), []),
        ])
        var redirect = Redirect(.location, to: target)
        redirect.status = 301
        var limits = RequestLimits(name: "a")
        limits.maxRequests = 5
        let found = try decision {
            $0.limits = limits
            $0.rules = RouteRules(
                first: [HTTPRule(.redirect(redirect))], access: [HTTPRule(.deny(.page(403)))])
        }
        let decision = try #require(found)
        #expect(decision.isAnswered && decision.backend == nil)
        #expect(decision.steps.map(\.text) == ["301, to https://b.test/x?y=1"])
        #expect(decision.unreached == [.limits, .access])
    }

    @Test("without TLS it is sent there, with TLS it goes on", arguments: [false, true])
    func secure(isSecure: Bool) throws {
        var redirect = Redirect(.scheme, to: "https")
        redirect.status = 308
        let found = try steps("\(isSecure ? "https" : "http")://a.test:81/x") {
            $0.rules = RouteRules(unsecured: [HTTPRule(.redirect(redirect))])
        }
        #expect(found == [isSecure ? "TLS no it came over TLS" : "TLS ends 308, to https://a.test:81/x"])
    }

    @Test(
        "an address decides if it is known",
        arguments: [(nil, "perhaps"), ("10.1.2.3", "no"), ("192.0.2.1", "ends")] as [(String?, String)])
    func client(address: String?, outcome: String) throws {
        let others = RuleCondition(
            [
                [
                    .init(
                        [SampleTest(try Expression(.ofClient(.source)), .address(["10.0.0.0/8"]))],
                        isNegated: true)
                ]
            ])
        let found = try steps(client: address) {
            $0.rules = RouteRules(access: [HTTPRule(.deny(.page(403)), when: others)])
        }
        #expect(
            found.count == 1
                && found[0].hasPrefix("access \(outcome) refused with 403 if not src is in 10.0.0.0/8"))
    }

    @Test(
        "a canary is chosen by its field, else by chance",
        arguments: [
            (
                [("X-Canary", "always")], "shop/canary:80",
                ["backend yes shop/canary:80 if req.fhdr(x-canary) is always"]
            ),
            (
                [("x-canary", "never")], "shop/web:80",
                [
                    "backend no shop/canary:80 if req.fhdr(x-canary) is always",
                    "backend yes shop/web:80 if req.fhdr(x-canary) is never",
                ]
            ),
            (
                [], "shop/web:80",
                [
                    "backend no shop/canary:80 if req.fhdr(x-canary) is always",
                    "backend no shop/web:80 if req.fhdr(x-canary) is never",
                    "backend perhaps shop/canary:80 if rand(100) is 0 to 9 (by chance)",
                ]
            ),
        ] as [([(String, String)], String, [String])])
    func canaries(fields: [(String, String)], backend: String, expected: [String]) throws {
        let rules = [
            BackendRule(Self.canary, when: try when(field("x-canary"), isText("always"))),
            BackendRule(Self.pool, when: try when(field("x-canary"), isText("never"))),
            BackendRule(Self.canary, when: try when(.random(range: 100), .number([0...9]))),
        ]
        let found = try #require(try decision(fields: fields) { $0.alternatives = rules })
        #expect(found.backend?.description == backend)
        #expect(try steps(fields: fields) { $0.alternatives = rules } == expected)
    }

    @Test("a canary without a server is not taken")
    func emptyCanary() throws {
        let found = try #require(
            try decision { $0.alternatives = [BackendRule(BackendName("shop/gone:80"))] })
        #expect(found.backend == Self.pool)
        #expect(found.steps.map(\.text) == ["shop/gone:80, but it has no server"])
    }

    @Test("without a server it ends, before limits are asked")
    func noServer() throws {
        var limits = RequestLimits(name: "a")
        limits.maxRequests = 5
        let found = try #require(
            try decision {
                $0.target = .backend(BackendName("shop/gone:80"))
                $0.limits = limits
            })
        #expect(found.steps.map(\.text) == ["503, shop/gone:80 has none"])
        #expect(found.unreached == [.limits])
    }

    @Test("a trace is told before anything else")
    func traces() throws {
        let found = try steps { $0.rules = RouteRules(tracing: RouteTracing(path: "/")) }
        #expect(found == ["trace yes it is traced: the server gets a traceparent"])
    }

    @Test("limits depend on others, but not for who is exempt", arguments: [nil, "10.0.0.1"] as [String?])
    func limits(client: String?) throws {
        var limits = RequestLimits(name: "a")
        (limits.maxBodySize, limits.rate, limits.exempt) = (
            5, RateLimit(key: .address, requests: 3), ["10.0.0.0/8"]
        )
        limits.maxRequests = 7
        let found = try steps(client: client, fields: [("Content-Length", "5")]) { $0.limits = limits }
        #expect(
            found == [
                "body size no a body of more than 5 bytes: 413",
                client == nil
                    ? "limits perhaps more than 3 requests in 1000 ms of an address: 429 (depends on other requests)"
                    : "limits no 3 requests in 1000 ms of an address: not of this client",
                "limits perhaps more than 7 requests at a time: 429 (depends on other requests)",
            ])
        #expect(
            try steps(fields: [("Content-Length", "6")]) { $0.limits = limits } == [
                "body size ends 413, a body of more than 5 bytes", "not reached: limits",
            ])
    }

    @Test(
        "a password is looked at",
        arguments: [(nil, "ends"), ("Basic Ym9iOnNlY3JldA==", "no"), ("Basic Ym9iOndyb25n", "ends")]
            as [(String?, String)])
    func passwords(credentials: String?, outcome: String) throws {
        let test = SampleTest(try Expression(.authenticated(list: "people")), .truth)
        let unknown = RuleCondition([[.init([test], isNegated: true)]])
        var configuration = configuration {
            $0.rules = RouteRules(access: [HTTPRule(.authenticate(realm: "r"), when: unknown)])
        }
        var people = UserList("people")
        people.users = [UserList.User("bob", .plain("secret"))]
        configuration.userLists = [people]
        var asked = try #require(AskedRequest("a.test/"))
        asked.fields = credentials.map { [AskedRequest.Field("Authorization", $0)] } ?? []
        let line = try #require(Explanation(of: asked, in: configuration).decision?.lines([]).first)
        #expect(line.split(separator: " ")[1] == outcome)
        #expect(!line.contains("secret"))
    }

    @Test("what rules remember the later ones know, and values of fields are not told")
    func variables() throws {
        let variable = Variable(.transaction, "who")
        let rules = [
            HTTPRule(.variable(.set(variable, [], try Expression(field("x-who"))))),
            HTTPRule(
                .change(.setField("X-Secret", FormatString([.text(Array("hidden".utf8))]))),
                when: try when(.variable(variable, else: nil), isText("me"))),
            HTTPRule(.change(.setTarget(.path, FormatString([.text(Array("/new".utf8))])))),
        ]
        #expect(
            try steps(fields: [("X-Who", "me")]) { $0.rules = RouteRules(request: rules) } == [
                "request yes field X-Secret set if var(txn.who) is me", "request yes the path becomes /new",
            ])
        #expect(
            try steps { $0.rules = RouteRules(request: rules) }.first?.hasPrefix(
                "request no field X-Secret set") == true)
    }

    @Test("what is done with all answers is done with those of a step, too")
    func answers() throws {
        let rules = RouteRules(
            first: [HTTPRule(.deny(.page(403)))], response: [HTTPRule(.setStatus(201, reason: ""))],
            after: [HTTPRule(.change(.addField("X-A", FormatString([]))))])
        #expect(
            try steps { $0.rules = rules } == [
                "redirect ends refused with 403", "answer yes field X-A added",
            ])
    }

    @Test("annotations that say so stand behind what they do")
    func names() throws {
        let rules = RouteRules(first: [HTTPRule(.redirect(Redirect(.location, to: "/b")))])
        let found = try #require(try decision { $0.rules = rules })
        let notes = [
            Explanation.Note(name: "a/permanent-redirect", text: "x"),
            Explanation.Note(name: "a/limit-rps", text: "y"),
            Explanation.Note(name: nil, text: "z"),
        ]
        #expect(found.lines(notes) == ["  redirect  ends     302, to /b  [a/permanent-redirect]"])
    }

    @Test("a path that is replaced is told, decoded and whole")
    func rewrites() throws {
        let new = FormatString([.text(Array("/\\1".utf8))])
        let rule = HTTPRule(.change(.replaceTarget(.matchedPath, pattern: "(?i)/api/(.*)", new)))
        #expect(
            try steps("a.test/API/%76/1?x") { $0.rules = RouteRules(request: [rule]) } == [
                "request yes the path becomes /v/1"
            ])
    }
}
