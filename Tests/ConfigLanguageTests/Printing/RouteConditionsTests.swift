import Model
import Testing

@testable import ConfigLanguage

@Suite("Routes as conditions")
struct RouteConditionsTests {
    private let origin = Origin(namespace: "shop", name: "web")

    private func route(_ path: String, _ match: PathMatch) -> Route {
        Route(path: path, match: match, target: .backend(BackendName("shop/web:80")), origin: origin)
    }

    private func configuration(_ routes: [HostPattern: [Route]]) -> Configuration {
        var configuration = Configuration()
        configuration.frontends = [Frontend(name: "http", binds: [Bind(port: 80)])]
        configuration.routes = routes.mapValues { HostRoutes($0) }
        configuration.backends[BackendName("shop/web:80")] = Backend(servers: [], origin: origin)
        return configuration
    }

    @Test("hosts stand in the order they are asked in, and paths too")
    func order() {
        let hosts = RouteConditions.ordered([.any, .wildcard("a.b"), .exact("z"), .exact("a")])
        #expect(hosts == [.exact("a"), .exact("z"), .wildcard("a.b"), .any])
        let routes = [
            route("/", .prefix), route("/a", .prefix), route("/a", .exact), route("/[ab]", .expression),
        ]
        #expect(RouteConditions.ordered(routes).map(\.path) == ["/a", "/[ab]", "/a", "/"])
    }

    @Test("a host without a path for all does not lead to a broader one's")
    func ends() {
        let text = ConfigurationPrinter.print(
            configuration([.exact("a.b"): [route("/x", .prefix)], .wildcard("b"): [route("/", .prefix)]])
        ).text
        let rules = text.split(separator: "\n").filter { $0.contains("use_backend") }.map { $0.dropFirst(4) }
        #expect(
            rules == [
                "use_backend shop_web:80 if { req.hdr(host),host_only -i a.b } acl_1",
                "use_backend answer_404 if { req.hdr(host),host_only -i a.b }",
                "use_backend shop_web:80 if { req.hdr(host),host_only -m reg -i '^[^.]+\\.b$' }",
            ])
        #expect(text.contains("    acl acl_1 path,url_dec /x\n    acl acl_1 path,url_dec -m beg /x/\n"))
        #expect(text.contains("    default_backend answer_404\n"))
        #expect(read(text).diagnostics.filter { $0.severity == .error } == [])
    }

    @Test("the contrary of a condition is one of the contraries of each of its rows")
    func contraries() throws {
        func term(_ name: String, isNegated: Bool = false) throws -> RuleCondition.Term {
            .init([SampleTest(try Expression(.requestField(FieldPick(name))), .found)], isNegated: isNegated)
        }
        let condition = RuleCondition([[try term("a"), try term("b")], [try term("c")]], isNegated: true)
        let all = try #require(RouteConditions.all([try term("h")], and: condition))
        let (notA, notB) = (try term("a", isNegated: true), try term("b", isNegated: true))
        let notC = try term("c", isNegated: true)
        #expect(
            all == RuleCondition([[try term("h"), notA, notC], [try term("h"), notB, notC]]))
    }

    @Test("keys, users and secrets of what was no text are not printed, and told of")
    func secrets() throws {
        var configuration = configuration([.any: [route("/", .prefix)]])
        configuration.frontends[0].binds = [Bind(port: 443, isTLS: true)]
        configuration.certificates[CertificateName("shop/tls")] = Certificate(
            chainPEM: Array("CHAIN".utf8), keyPEM: Array("SECRET".utf8))
        var list = UserList("shop/users")
        list.users = [.init("ann", .hashed("SECRET"))]
        configuration.userLists = [list]
        var cookie = PersistenceCookie(name: "S", mode: .insert)
        cookie.dynamicKey = "SECRET"
        configuration.backends[BackendName("shop/web:80")]?.persistence.cookie = cookie
        let printed = ConfigurationPrinter.print(configuration)
        #expect(
            !printed.text.contains("SECRET") && !printed.text.contains("CHAIN")
                && !printed.text.contains("ann"))
        #expect(printed.text.contains("bind :::443 v4v6 ssl crt /etc/sluice/shop/tls.pem"))
        #expect(printed.remarks.count == 3)
    }

    @Test("who has to show a certificate or be asked about elsewhere does not come in")
    func refusals() throws {
        var guarded = route("/", .prefix)
        let question = RequestAuthorization(
            asking: BackendName("shop/asked"), host: FormatString([]), path: FormatString([]))
        guarded.rules = RouteRules(authorization: question)
        var configuration = configuration([.exact("a.b"): [guarded]])
        let authorities = AuthorityBundle(certificatesPEM: [])
        configuration.clientAuthentication[.exact("c.d")] = ClientAuthentication(authorities: authorities)
        let printed = ConfigurationPrinter.print(configuration)
        #expect(
            printed.text.contains("http-request deny deny_status 421 if { req.hdr(host),host_only -i c.d }"))
        #expect(printed.text.contains("http-request deny if { var(txn.sluice_route) -m int 1 }"))
        #expect(printed.remarks.count == 2)
        #expect(read(printed.text).diagnostics.filter { $0.severity == .error } == [])
    }
}
