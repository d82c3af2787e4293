import Model
import Testing

@testable import ConfigLanguage

@Suite("Conditions")
struct ConditionTests {
    private let facts = Condition.Facts(environment: ["A": "x", "E": ""])

    private func holds(_ text: String) throws(Condition.Flaw) -> Bool {
        try Condition.holds(Array(text.utf8), facts)
    }

    @Test(
        "predicates and what joins them",
        arguments: [
            ("", false), ("0", false), ("1", true), ("-1", true), ("00", false), ("defined(A)", true),
            ("defined(E)", true), ("defined(B)", false), ("!defined(B)", true), ("!!defined(A)", true),
            ("streq(a,a)", true), ("streq(a,b)", false), ("streq(,)", true), ("strneq(a,b)", true),
            ("strstr(abc,b)", true), ("strstr(abc,d)", false), ("strstr(abc,)", true),
            ("streq(\"a,b\",'a,b')", true), ("streq(a\\,b,\"a,b\")", true), ("streq( a,\" a\")", true),
            ("feature(OPENSSL)", true), ("feature(LUA)", false), ("feature(THREAD)", true),
            ("version_atleast(2.4)", true), ("version_atleast(3.2)", true), ("version_atleast(3.3)", false),
            ("version_before(3.3-dev1)", true), ("version_before(3.2)", false),
            ("version_atleast(3.2-dev5)", true),
            ("openssl_version_atleast(1.1.1)", true), ("openssl_version_before(3.0.0)", false),
            ("ssllib_name_startswith(OpenSSL)", true), ("enabled(EPOLL)", true), ("enabled(KQUEUE)", false),
            ("1 && 0", false), ("1 || 0", true), ("0 || 1 && 0", false), ("1 || 0 && 0", true),
            ("(1 || 0) && 0", false), ("!(0 || 0)", true), ("1&&1||0", true), ("  ( ( 1 ) )  ", true),
        ])
    func truth(text: String, expected: Bool) throws { #expect(try holds(text) == expected) }

    @Test(
        "what can not be read says why",
        arguments: [
            ("definde(A)", "did you mean 'defined'?"), ("defined", "needs its arguments"),
            ("defined(A", "do not end"),
            ("streq(a)", "takes 2 arguments"), ("defined(A,B)", "takes 1 argument"), ("(1", "not closed"),
            ("1 1", "unexpected '1'"), ("1 && ? ", "unknown predicate"), ("1)", "unexpected ')'"),
            ("99999999999999999999", "is no number"), (String(repeating: "(", count: 10_000), "too many"),
        ])
    func flaws(text: String, expected: String) {
        let flaw = #expect(throws: Condition.Flaw.self) { try holds(text) }
        #expect(flaw?.message.contains(expected) == true)
    }

    /// The names of the backends of a file with conditions.
    private func backends(_ text: String) -> [String] {
        read(text, environment: ["A": "x"]).configuration.backends.keys.map(\.description).sorted()
    }

    @Test("the first branch that holds counts, and inside of others nothing does")
    func branches() {
        let text = """
            .if defined(NONE)
            backend a
            .elif streq("$A",x)
            backend b
                mode http

            .elif defined(A)
            backend c
            .else
            backend d
            .endif
            .if defined(NONE)
                .if 1
            backend e
                .else
            backend f
                .endif
            .elif 0
            .endif
            .if !defined(NONE) && feature(OPENSSL)
            backend g
                .if 0
            backend h
                .else
            backend i
                .endif
            .endif
            """
        #expect(backends(text) == ["b", "g", "i"])
    }

    @Test(
        "branches without a beginning or an end are errors",
        arguments: [
            (".else", 1, "there is no '.if' before it"), (".endif", 1, "there is no '.if' before it"),
            (".elif 1", 1, "there is no '.if' before it"), ("\n.if 1\n", 2, "'.endif' is missing"),
            (".if 0\n.else\n.else\n.endif", 3, "'.else' was the last branch"),
            (".if foo(1)\nbackend a\n.endif", 1, "unknown predicate 'foo'"),
            (".iff 1", 1, "did you mean '.if'?"),
            (".alert \"not here\"", 1, "not here"), (".if 1\n.endif 1", 2, "unexpected '1'"),
        ])
    func unbalanced(text: String, line: Int, expected: String) {
        let found = read(text).diagnostics
        #expect(found.count == 1 && found.first?.severity == .error)
        #expect(found.first?.location?.line == line && found.first?.message.contains(expected) == true)
    }

    @Test("a file may warn by itself, where its lines count")
    func messages() {
        let found = read(".warning \"careful $.LINE\"\n.if 0\n.alert no\n.endif\n.notice hello\n.diag x\n")
            .diagnostics
        #expect(found.map(\.severity) == [.warning, .warning])
        #expect(found.first?.message == "careful 1")
    }
}
