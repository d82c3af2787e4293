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
                 stats show-node n
                 stats show-desc some words
                """))
        var wanted = StatisticsPage()
        (wanted.uri, wanted.realm, wanted.refresh) = ("/s", "a b", 120)
        wanted.users = [UserList.User("one", .plain("two:three"))]
        wanted.scope = [".", "b"]
        wanted.showsLegends = true
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
            ("stats auth secret", "is not of the form"),
            ("stats realm \"a\\\"b\"", "without quotation marks"),
            ("stats refresh x", "a time"), ("stats uri", "is missing"),
            ("stats admin if TRUE", "exists in HAProxy"),
            ("http-request use-service lua.x", "there is no Lua here"),
        ])
    func wrong(line: String, words: String) {
        let text = read("frontend f\n mode http\n bind :80\n \(line)\n")
        let told = text.diagnostics.first { $0.severity == .error }?.message ?? ""
        #expect(told.contains(words) && !told.contains("secret"))
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
