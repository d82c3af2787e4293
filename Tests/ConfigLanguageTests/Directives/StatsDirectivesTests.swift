import Model
import Testing

@testable import ConfigLanguage

@Suite("The page of statistics in the configuration language")
struct StatsDirectivesTests {
    private func rules(_ lines: String, of kind: String = "frontend") -> [HTTPRule] {
        let text = read("\(kind) f\n mode http\n bind :80\n\(lines)\n")
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        return text.configuration.frontends.first?.rules.request ?? []
    }

    private func page(_ lines: String) -> StatisticsPage? {
        guard case .service(.statistics(let page)) = rules(lines).last?.action else { return nil }
        return page
    }

    @Test("any word of it makes a page", arguments: ["stats enable", "stats uri /s", "stats hide-version"])
    func enabled(line: String) {
        #expect(page(line) != nil)
    }

    @Test("where nothing is said HAProxy's values count")
    func defaults() {
        #expect(page("stats enable") == StatisticsPage())
        #expect(page("http-request allow") == nil)
    }

    @Test("all that can be said is read, and passwords are told to nobody")
    func words() throws {
        let found = try #require(
            page(
                """
                 stats uri /s
                 stats realm a\\ b
                 stats auth one:two:three
                 stats refresh 2m
                 stats scope .
                 stats scope b
                 stats show-legends
                 stats show-modules
                 stats show-node n
                 stats show-desc some words
                """))
        var wanted = StatisticsPage()
        (wanted.uri, wanted.realm, wanted.refresh) = ("/s", "a b", 120)
        wanted.users = [UserList.User("one", .plain("two:three"))]
        wanted.scope = ["f", "b"]
        (wanted.showsLegends, wanted.showsModules) = (true, true)
        (wanted.node, wanted.description) = ("n", "some words")
        #expect(found == wanted)
        #expect(!"\(found)".contains("two"))
    }

    @Test("it is asked behind the section's other rules, and only where its address begins so")
    func order() throws {
        let found = rules(" stats uri /s\n http-request deny if { path /x }")
        #expect(found.map(\.action).first == .deny(.page(403)))
        let test = try #require(found.last?.condition?.alternatives.first?.first?.tests.first)
        #expect(
            test
                == SampleTest(
                    try Expression(.ofRequest(.url)), .text(.prefix, [Array("/s".utf8)], ignoresCase: false)))
    }

    @Test("sections begin with what defaults say of it")
    func inherited() {
        let text = read("defaults\n mode http\n stats uri /s\nlisten l\n bind :80\n")
        #expect(text.configuration.frontends.first?.rules.request.count == 1)
        #expect(text.configuration.backends[BackendName("l")]?.rules.request.count == 1)
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("stats auth secret", "expected name:password"),
            ("stats auth a:b secret", "unexpected word at column"),
            ("stats realm \"a\\\"b\"", "without quotation marks"),
            ("stats refresh x", "a time"), ("stats uri", "is missing"),
            ("stats admin", "is missing"), ("stats admin if nobody", "nobody"),
            ("stats admin if { http_auth(nobody) }", "no userlist"),
            ("stats admin if { status 200 }", "is not known there"),
            ("stats admin if { sc0_conn_cnt(none) gt 1 }", "none"),
            ("stats http-request tarpit", "allow, deny or auth"),
            ("stats http-request auth\n stats auth secret:x", "beside 'stats http-request'"),
            ("stats http-request auth\n stats realm x", "beside 'stats http-request'"),
            ("http-request use-service lua.x", "there is no Lua here"),
        ])
    func wrong(line: String, words: String) {
        let text = read("frontend f\n mode http\n bind :80\n \(line)\n")
        let told = text.diagnostics.first { $0.severity == .error }?.message ?? ""
        #expect(told.contains(words) && !told.contains("secret"))
    }

    @Test("who is shown it, and who may change servers by it, is said by conditions")
    func conditions() throws {
        let found = try #require(
            page(
                """
                 acl local src 127.0.0.1
                 stats http-request allow if local
                 stats http-request deny deny_status 404 if { path_end /x }
                 stats http-request auth realm some unless local
                 stats http-request auth
                 stats admin if local
                 stats admin unless { path /y } or local
                """))
        #expect(
            found.access.map(\.action) == [
                .allow, .deny(.page(404)), .authenticate(realm: "some"),
                .authenticate(realm: "HAProxy Statistics"),
            ])
        #expect(found.access.map { $0.condition?.isNegated } == [false, false, true, nil])
        #expect(found.admins.map(\.isNegated) == [false, true] && found.admins[1].alternatives.count == 2)
        #expect(found.users.isEmpty && found.needs == [.connection, .request])
    }

    @Test("a realm of the section's name is written out, the usual one is not")
    func printedRealms() {
        let text = read(
            "frontend f\n mode http\n timeout client 1s\n bind :80\n stats http-request auth realm f unless { src ::1 }\n"
                + " stats http-request auth\n")
        let printed = ConfigurationPrinter.print(text.configuration, global: text.global, files: text.sources)
            .text
        #expect(RoundTrip.differences(text, read(printed)) == [], "\(printed)")
        #expect(
            printed.contains("stats http-request auth realm f ")
                && printed.contains("stats http-request auth\n"),
            "\(printed)")
    }

    @Test("a rule behind one that always applies is warned about")
    func unreachable() {
        let text = read(
            "frontend f\n mode http\n bind :80\n stats http-request allow\n stats http-request deny\n")
        #expect(text.diagnostics.contains { $0.severity == .warning && $0.message.contains("never asked") })
    }

    @Test("what a section says is said of a page of its own")
    func detached() {
        let head = "defaults\n mode http\n stats uri /s\n stats auth one:two\nfrontend f\n bind :80\n"
        func page(_ lines: String) -> StatisticsPage? {
            guard
                case .service(.statistics(let page)) = read(head + lines).configuration.frontends.first?.rules
                    .request
                    .last?.action
            else { return nil }
            return page
        }
        #expect(page("")?.uri == "/s" && page("")?.users.count == 1)
        #expect(page(" stats refresh 5s\n")?.uri == StatisticsPage().uri)
        #expect(page(" stats refresh 5s\n")?.users == [])
        #expect(page(" stats uri /a\n stats hide-version\n")?.uri == "/a")
    }

    @Test("the exporter is a service too")
    func exporter() {
        #expect(
            rules(" http-request use-service prometheus-exporter if { path /m }").map(\.action) == [
                .service(.prometheus)
            ])
    }

    @Test("sections have the numbers and the order that HAProxy gives them")
    func places() {
        let text = read(
            "frontend f\n mode http\n bind :80\nbackend b\n id 7\n description some words\nlisten l\n bind :81\nbackend z\n"
        )
        let places = text.configuration.frontends.map(\.place)
        #expect(places.map(\.id) == [1, 3] && places.map(\.order) == [1, 3])
        let backends = ["b", "l", "z"].compactMap { text.configuration.backends[BackendName($0)]?.place }
        #expect(backends.map(\.id) == [7, 3, 4])
        #expect(backends.first?.description == "some words")
        #expect(backends[1] == places[1])
        let twice = read("backend a\n id 7\nbackend b\n id 7\n")
        #expect(twice.diagnostics.contains { $0.severity == .error && $0.message.contains("the id 7") })
    }
}
