import Model
import Testing

@testable import ConfigLanguage

@Suite("Variables in the configuration language")
struct VariableKeywordsTests {
    private func action(_ words: String, rule: String = "http-request") throws -> HTTPAction? {
        let text = read("frontend f\n mode http\n bind :80\n \(rule) \(words)\n")
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        let rules = try #require(text.configuration.frontends.first).rules
        return (rules.request + rules.response).first?.action
    }

    private func told(_ line: String) -> String? {
        read("frontend f\n mode http\n \(line)\n").diagnostics.first { $0.location?.line == 3 }?.message
    }

    private let name = Variable(.transaction, "a.b_1")

    @Test("a rule sets a variable to what an expression or a format gives")
    func setting() throws {
        #expect(
            try action("set-var(txn.a.b_1) path if TRUE")
                == .variable(.set(name, [], try Expression(.ofRequest(.path)))))
        #expect(
            try action("set-var(txn.a.b_1,ifset,ifgt) status", rule: "http-response")
                == .variable(.set(name, [.ifSet, .ifGreater], try Expression(.status))))
        let path = try Expression(.ofRequest(.path))
        #expect(
            try action("set-var-fmt(txn.a.b_1) \"<%[path]>\"")
                == .variable(
                    .setText(name, [], FormatString([.text([60]), .sample(path, []), .text([62])]))))
        #expect(try action("unset-var(txn.a.b_1)") == .variable(.unset(name)))
    }

    @Test("expressions read and set variables on their way")
    func expressions() throws {
        let expected = try Expression(
            .variable(name, else: [120]),
            [
                .setVariable(Variable(.request, "x"), .ifNotExists), .variableArithmetic(.add, name),
                .concat([40], name, [41]), .compare(name), .unsetVariable(name),
            ])
        let words =
            "var(txn.a.b_1,x),set-var(req.x,ifnotexists),add(txn.a.b_1),concat((,txn.a.b_1,\")\"),strcmp(txn.a.b_1)"
            + ",unset-var(txn.a.b_1)"
        #expect(
            try action("set-var(sess.s) '\(words)'") == .variable(.set(Variable(.session, "s"), [], expected))
        )
        #expect(expected.output == .integer)
        let again = "set-var(sess.s) '\(expected)'"
        #expect(try action(again) == .variable(.set(Variable(.session, "s"), [], expected)))
    }

    @Test("global sets variables of the process and limits")
    func ofProcess() {
        let text = read(
            "global\n set-var proc.n int(5),add(1)\n set-var-fmt proc.t \"%[var(proc.n)]\"\n tune.vars.sess-max-size 4k\n"
        )
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        #expect(text.configuration.variables.changes.count == 2)
        #expect(text.configuration.variables.sessionSize == 4096)
        for line in ["set-var txn.n int(5)", "set-var proc.n src", "set-var proc.n", "set-var proc. int(1)"] {
            #expect(!read("global\n \(line)\n").isUsable, "\(line)")
        }
    }

    @Test(
        "names, conditions and types that do not fit are refused where they stand",
        arguments: [
            ("http-request set-var(txn.) path", "'txn.' at column 23"),
            ("http-request set-var(x.a) path", "'x.a' at column 23"),
            ("http-request set-var(txn.a-b) path", "'txn.a-b' at column 23"),
            ("http-request set-var(check.a) path", "needs a health check"),
            ("http-request set-var(txn.a,never) path", "'never' at column 29"),
            ("http-request unset-var(txn.a,ifset)", "'ifset'"),
            ("http-request set-var txn.a", "a variable such as txn.name"),
            ("http-request set-var(txn.a)", "a sample"),
            ("http-request deny(1)", "deny(1)"),
            ("acl a var(txn.a) b", "-m"),
            ("http-request set-var(txn.a) src,set-var(txn.b),field(1,a),b64dec,add(1)", "type binary"),
        ])
    func refusals(line: String, expected: String) throws {
        let message = try #require(told(line))
        #expect(message.contains(expected), "\(message)")
    }
}
