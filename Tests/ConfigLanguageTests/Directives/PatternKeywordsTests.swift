import Model
import Testing

@testable import ConfigLanguage

@Suite("Maps and files of patterns in the configuration language")
struct PatternKeywordsTests {
    private func text(_ lines: String) -> ConfigurationText {
        let files = [
            "/m": "# comment\n\nk1 v1\r\n  k2\tv two  \nk3\n", "/l": "alpha\n beta # x\n",
            "/n": "10.0.0.0/8 5\n::1 6\n",
            "/bad": "10.0.0.0/33 x\n",
        ]
        let surroundings = Surroundings(
            environment: [:],
            read: { files[$0].map { .file(Array($0.utf8)) } ?? .unreadable("no such file") },
            resolve: { _ in nil })
        let bytes = Array("frontend f\n mode http\n bind :80\n\(lines)\n".utf8)
        return ConfigurationText.read([ConfigurationFile(name: "c", bytes: bytes)], surroundings)
    }

    private func lists(_ lines: String) -> [PatternListName: PatternList] {
        let read = text(lines)
        #expect(read.diagnostics.filter { $0.severity == .error } == [])
        return read.configuration.patterns
    }

    private func entry(_ pattern: String, _ value: String = "") -> PatternList.Entry {
        PatternList.Entry(Array(pattern.utf8), Array(value.utf8))
    }

    @Test("whoever names the same file shares what is in it")
    func shared() {
        let found = lists(
            " acl a hdr(x) -M -f /m\n http-request set-header y %[path,map(/m)]%[path,map_beg(/m,none)]\n"
                + " acl b src -M -f /n -i\n acl c path -u 7 -i -f /l gamma")
        #expect(
            found[PatternListName("/m")]?.entries == [entry("k1", "v1"), entry("k2", "v two"), entry("k3")])
        #expect(
            found[PatternListName("/m")]?.uses == [
                PatternUse(.text(.exact)), PatternUse(.text(.exact), output: .text),
                PatternUse(.text(.prefix), output: .text),
            ])
        #expect(found[PatternListName("/m")]?.id == 0)
        #expect(found[PatternListName("/l")]?.id == 7)
        #expect(found[PatternListName("/l")]?.entries == [entry("alpha"), entry("beta # x")])
    }

    @Test("an ACL of a file and of patterns asks both")
    func both() throws {
        let read = text(" http-request deny if { path -f /l gamma }")
        let rule = try #require(read.configuration.frontends.first?.rules.request.first)
        let tests = try #require(rule.condition?.alternatives.first?.first?.tests)
        #expect(
            tests.map(\.matching) == [
                .list(PatternListName("/l"), PatternUse(.text(.exact))),
                .text(.exact, [Array("gamma".utf8)], ignoresCase: false),
            ])
    }

    @Test("maps are steps of expressions, and what they give has a type")
    func converters() throws {
        let read = text(" http-request set-var(txn.a) src,map_ip_int(/n,0),add(1)")
        let lookup = MapLookup(PatternListName("/n"), PatternUse(.address, output: .number), fallback: [48])
        let expected = try Expression(.ofClient(.source), [.map(lookup), .arithmetic(.add, 1)])
        let rule = try #require(read.configuration.frontends.first?.rules.request.first)
        #expect(rule.action == .variable(.set(Variable(.transaction, "a"), [], expected)))
        #expect(expected.description == "src,map_ip_int(/n,0),add(1)")
        #expect(expected.output == .integer)
    }

    @Test("rules set and remove lines of lists")
    func rules() throws {
        let read = text(
            " http-request set-map(/m) %[src] x\n http-request del-map(/m) %[src]\n http-request add-acl(/l) a\n"
                + " http-response del-acl(/l) a")
        #expect(read.diagnostics.filter { $0.severity == .error } == [])
        let rules = try #require(read.configuration.frontends.first).rules
        let key = FormatString([.sample(try Expression(.ofClient(.source)), [])])
        let (word, name) = (FormatString([.text([97])]), PatternListName("/l"))
        #expect(
            rules.request.map(\.action) == [
                .patterns(.set(PatternListName("/m"), key: key, value: FormatString([.text([120])]))),
                .patterns(.remove(PatternListName("/m"), key: key)), .patterns(.add(name, key: word)),
            ])
        #expect(rules.response.map(\.action) == [.patterns(.remove(name, key: word))])
    }

    @Test(
        "what does not fit is refused where it stands",
        arguments: [
            (" acl a path -f /none", "/none"), (" acl a src -f /bad", "10.0.0.0/33"),
            (" acl a path -u x -f /l", "'x'"), (" acl a path -u 1 -f /l\n acl b src -u 1 -M -f /n", "number"),
            (" http-request set-header a %[src,map_ip(/bad)]", "10.0.0.0/33"),
            (" http-request set-header a %[src,map_ip_int(/m)]", "k1 v1"),
            (" http-request set-header a %[path,map_str_int(/n,x)]", "'x'"),
            (" http-request set-header a %[path,map]", "a file"),
            (" acl a path -f /m\n http-request set-header a %[path,map(/m)]", "without before"),
            (" http-request set-map a b", "a file"), (" http-request set-map(/m) a", "a format"),
            (" http-request del-map(/m,x) a", "'x'"),
        ])
    func refusals(lines: String, expected: String) throws {
        let message = text(lines).diagnostics.first { $0.severity == .error }?.message ?? "nothing"
        #expect(message.contains(expected), "\(message)")
    }
}
