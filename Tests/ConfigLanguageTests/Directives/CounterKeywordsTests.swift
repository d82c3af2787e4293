import Model
import Testing

@testable import ConfigLanguage

@Suite("Counters in the configuration language")
struct CounterKeywordsTests {
    private static let tables = """
        backend t
         stick-table type ip size 10 store gpc0,conn_cnt
        backend words
         stick-table type string size 10 store gpc(2)

        """

    private func frontend(_ lines: String, mode: String = "http") throws -> Frontend {
        let text = read(Self.tables + "frontend f\n mode \(mode)\n bind :80\n\(lines)\n")
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        return try #require(text.configuration.frontends.first)
    }

    private func told(_ line: String, mode: String = "http") -> String? {
        read(Self.tables + "frontend f\n mode \(mode)\n bind :80\n \(line)\n").diagnostics
            .first { $0.location?.line == 8 }?.message
    }

    @Test("what is tracked, and by what rule", arguments: ["http-request", "http-response"])
    func tracks(word: String) throws {
        let rules = try frontend(" \(word) track-sc1 src table t if TRUE").rules
        let rule = try #require((rules.request + rules.response).first)
        let key = try Expression(.ofClient(.source))
        #expect(rule.action == .count(.track(1, key: key, table: TableName("t"))))
        #expect(rule.condition != nil)
    }

    @Test(
        "numbers and tags of what is tracked",
        arguments: [
            ("sc-inc-gpc0(2)", CounterAction.add(Expression(integer: 1), to: .gpc0, element: 0, of: 2)),
            ("sc-inc-gpc1", .add(Expression(integer: 1), to: .gpc1, element: 0, of: 0)),
            ("sc-inc-gpc(7,1)", .add(Expression(integer: 1), to: .gpc, element: 7, of: 1)),
            ("sc-add-gpc(7,1) 5", .add(Expression(integer: 5), to: .gpc, element: 7, of: 1)),
            ("sc-set-gpt0(0) 9", .set(.gpt0, element: 0, of: 0, to: Expression(integer: 9))),
            ("sc-set-gpt(3,0) 9", .set(.gpt, element: 3, of: 0, to: Expression(integer: 9))),
        ])
    func numbers(words: String, expected: CounterAction) throws {
        #expect(try frontend(" http-request \(words)").rules.request.first?.action == .count(expected))
        let opening = try frontend(" tcp-request connection \(words)").openingRules
        #expect(opening.connection.map(\.action) == [.count(expected)])
        #expect(
            try frontend(" tcp-request content \(words)").rules.content.map(\.action) == [.count(expected)])
        let sessions = try frontend(" tcp-request content \(words)", mode: "tcp").sessionRules
        #expect(sessions.map(\.action) == [.count(expected)])
    }

    @Test("a tag may come from a sample")
    func samples() throws {
        let rules = try frontend(" http-request sc-set-gpt0(0) req.hdr(x),length").rules
        let value = try Expression(.requestField(FieldPick("x")), [.length])
        #expect(rules.request.first?.action == .count(.set(.gpt0, element: 0, of: 0, to: value)))
    }

    @Test("rules about connections stand in their lists, in order")
    func openings() throws {
        let frontend = try frontend(
            """
             tcp-request connection expect-proxy layer4 if { src 10.0.0.0/8 }
             tcp-request session reject if { src_conn_cnt(t) gt 3 }
             tcp-request connection silent-drop
             tcp-request session accept
             tcp-request content reject if { path / }
            """)
        #expect(frontend.openingRules.connection.map(\.action) == [.expectProxy, .silentDrop])
        #expect(frontend.openingRules.session.map(\.action) == [.reject, .accept])
        #expect(frontend.rules.content.map(\.action) == [.reject])
        #expect(frontend.sessionRules == [])
    }

    @Test("without a name a section's own table is meant")
    func ownTable() throws {
        let frontend = try frontend(
            " stick-table type ip size 10 store conn_cnt\n acl a src_conn_cnt gt 3\n http-request deny if a")
        #expect(frontend.rules.request.first?.condition?.tables == [TableName("f")])
    }

    @Test(
        "what is wrong is told",
        arguments: [
            ("http-request track-sc0", "a sample such as"),
            ("http-request track-sc0 src", "'stick-table' is called 'f'"),
            ("http-request track-sc0 src table tt", "did you mean 't'?"),
            ("http-request track-sc3 src table t", "did you mean 'track-sc"),
            ("http-request track-sc0 status table t", "needs an answer"),
            ("http-request track-sc0 ssl_fc table t", "can not be a key of the table 't'"),
            ("http-request sc-inc-gpc0(3)", "from 0 to 2"), ("http-request sc-inc-gpc(0)", "two numbers"),
            ("http-request sc-inc-gpc(100,0)", "two numbers"),
            ("http-request sc-inc-gpc0(0", "in parentheses"),
            ("http-request sc-set-gpt0(0)", "a sample such as"),
            ("http-request sc-set-gpt0(0) x", "unknown keyword 'x'"),
            ("http-request sc-set-gpt0(0) req.hdr(x),hex,b64dec", "a number, or a sample of one"),
            ("http-request deny if { sc0_conn_cnt(no) 3 }", "'stick-table' is called 'no'"),
            ("http-request set-header X %[src_conn_cnt]", "'stick-table' is called 'f'"),
            ("http-request capture src_conn_cnt(no) len 3", "'stick-table' is called 'no'"),
            (
                "http-request return content-type a/b lf-string %[sc0_conn_cnt(no)]",
                "'stick-table' is called 'no'"
            ),
            (
                "http-error status 503 content-type a/b lf-string %[src,table_conn_rate(no)]",
                "'http-error' of frontend f: no section with a 'stick-table' is called 'no'"
            ),
            ("tcp-request connection reject if { path / }", "needs a request"),
            ("tcp-request connection track-sc0 path table t", "not known here"),
            ("tcp-request session expect-proxy layer4", "unknown keyword"),
            ("tcp-request connection expect-proxy", "'layer4'"),
            ("tcp-request connection rejct", "did you mean 'reject'?"),
            ("tcp-request connection expect-netscaler-cip layer4", "not here yet"),
        ])
    func refusals(line: String, expected: String) {
        let told = told(line)
        #expect(told?.contains(expected) == true, "\(told ?? "nothing")")
    }
}
