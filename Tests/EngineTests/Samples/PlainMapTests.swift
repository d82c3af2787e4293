import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Plain maps")
struct PlainMapTests {
    private static let name = PatternListName("m")

    /// What an expression gives of a request: looked up in place, and step by step.
    private func results(
        _ expression: Expression, _ record: PatternRecord, of text: String, from client: String
    ) -> (plain: String?, sampled: String?) {
        let compiled = CompiledExpression(expression)
        var workspace = SampleWorkspace()
        workspace.reset()
        var source = TestRequest(text)
        source.source = SocketAddress(client, port: 1) ?? SocketAddress()
        source.index = record.indexes[0]
        let sampled = compiled.sample(of: source, &workspace)?.text(&workspace)?.string
        source.isSeen = true
        workspace.reset()
        let plain = compiled.sample(of: source, &workspace)?.text(&workspace)?.string
        withExtendedLifetime(source) {}
        return (plain, sampled)
    }

    private func record(_ use: PatternUse, _ keys: [String]) -> PatternRecord {
        let trash = PatternTrash { _ in }
        let entries = keys.enumerated().map { place, key in
            PatternList.Entry(Array(key.utf8), Array("\(place)".utf8))
        }
        return PatternRecord(Self.name, PatternList(id: 0, entries: entries, uses: [use]), trash)
    }

    private func isPlain(_ fetch: Fetch, _ converters: [Converter]) throws -> Bool {
        var (literals, owned): (Literals, [any AnyObject & Sendable]) = (Literals(), [])
        let steps = converters.map { ConverterCode($0, &literals, &owned) }
        return PlainMap(try Expression(fetch, converters), steps) != nil
    }

    private func lookup(_ use: PatternUse, _ fallback: String? = nil) -> Converter {
        .map(MapLookup(Self.name, use, fallback: fallback.map { Array($0.utf8) }))
    }

    @Test("hosts and paths among texts, addresses among networks")
    func shapes() throws {
        let (texts, networks) = (
            PatternUse(.text(.prefix), output: .text), PatternUse(.address, output: .text)
        )
        let host = Fetch.requestField(FieldPick("Host"))
        #expect(try isPlain(host, [lookup(texts)]) && isPlain(host, [.lower, lookup(texts)]))
        #expect(
            try isPlain(.ofRequest(.path), [lookup(texts)]) && isPlain(.ofClient(.source), [lookup(networks)])
        )
        #expect(try !isPlain(host, [.upper, lookup(texts)]) && !isPlain(host, [lookup(texts), .lower]))
        #expect(try !isPlain(host, [.lower]) && !isPlain(host, []) && !isPlain(host, [lookup(networks)]))
        #expect(try !isPlain(.requestField(FieldPick("x")), [lookup(texts)]))
        #expect(try !isPlain(.ofClient(.source), [lookup(texts)]))
    }

    @Test("they find what the steps find", arguments: TextMatch.allCases, [false, true])
    func texts(match: TextMatch, ignoresCase: Bool) throws {
        let use = PatternUse(.text(match), ignoresCase: ignoresCase, output: .text)
        let record = record(
            use,
            [
                "/a", "/A/b", "/", "a.test", "www.a.test", "TEST", "www.Longer.Example.Test", "b",
                "/a/b/c/d/e/f",
            ])
        var found = 0
        for host in [
            "a.test", "A.test", "www.a.test", "WWW.longer.EXAMPLE.test", "www.Longer.Example.Test", "b",
            "none",
        ] {
            for path in ["/", "/a", "/A/b?a", "/a/b/c/d/e/f", "/a/b/c/d/e/g", "/b", "/TEST"] {
                for converters in [[], [Converter.lower]] {
                    for fetch in [Fetch.ofRequest(.path), .requestField(FieldPick("host"))] {
                        let fallback = path == "/a" ? "else" : nil
                        let expression = try Expression(fetch, converters + [lookup(use, fallback)])
                        let text = "GET \(path) HTTP/1.1\nHost: \(host)"
                        let results = results(expression, record, of: text, from: "192.0.2.1")
                        #expect(results.plain == results.sampled, "\(converters) \(text)")
                        if let plain = results.plain, plain != "else" { found += 1 }
                    }
                }
            }
        }
        #expect(found > 10)
    }

    @Test(
        "networks of either version, the longest prefix first",
        arguments: [
            ("10.1.2.3", "1"), ("10.9.9.9", "0"), ("192.0.2.1", "else"), ("2001:db8::7", "3"),
            ("2001:db9::1", "2"),
            ("::1", "else"), ("10.1.2.4", "4"),
        ])
    func networks(client: String, value: String) throws {
        let use = PatternUse(.address, output: .text)
        let record = record(use, ["10.0.0.0/8", "10.1.0.0/16", "2001:d00::/24", "2001:db8::/32", "10.1.2.4"])
        let expression = try Expression(.ofClient(.source), [lookup(use, "else")])
        let results = results(expression, record, of: "GET / HTTP/1.1\nHost: a", from: client)
        #expect(results.plain == value && results.sampled == value)
    }

    @Test("numbers and addresses as values, and a request without a host")
    func values() throws {
        let use = PatternUse(.text(.exact), output: .number)
        let host = try Expression(.requestField(FieldPick("host")), [.lower, lookup(use, "7")])
        let record = record(use, ["x", "a"])
        #expect(results(host, record, of: "GET / HTTP/1.1\nHost: A", from: "::1").plain == "1")
        #expect(results(host, record, of: "GET / HTTP/1.1\nHost: b", from: "::1").plain == "7")
        #expect(results(host, record, of: "GET / HTTP/1.0", from: "::1").plain == nil)
    }
}
