import Model
import Testing

@Suite("Host patterns")
struct HostPatternTests {
    private static let longLabel = String(repeating: "a", count: 63)

    @Test(
        "names, wildcards and no host at all",
        arguments: [
            ("a.example", HostPattern.exact("a.example")), ("A.Example", .exact("a.example")),
            ("a", .exact("a")),
            ("*.a.example", .wildcard("a.example")), ("*.EXAMPLE", .wildcard("example")), ("", .any),
            ("1.example", .exact("1.example")), ("1.2.3.4.example", .exact("1.2.3.4.example")),
            ("1.2.3.1000", .exact("1.2.3.1000")), ("xn--a-1.example", .exact("xn--a-1.example")),
            (longLabel, .exact(longLabel)),
        ])
    func good(text: String, pattern: HostPattern) { #expect(HostPattern(text) == pattern) }

    @Test(
        "everything else is none",
        arguments: [
            "*", "*.", "*a.example", "a.*", "a.*.example", "*.*.example", ".", "a.", ".a", "a..b",
            "-a.example",
            "a-.example", "a_b.example", "a.example:80", "10.0.0.1", "255.255.255.255", "::1", "[::1]", "a b",
            " a",
            "a/b", "ä.example", "b\u{212A}.example", "a\u{0}", longLabel + "a",
            (0..<5).map { _ in longLabel }.joined(separator: "."),
        ])
    func bad(text: String) { #expect(HostPattern(text) == nil) }

    @Test("it is printed as an Ingress spells it", arguments: ["a.example", "*.a.example"])
    func description(text: String) { #expect(HostPattern(text)?.description == text) }

    @Test("the catch-all is printed as a star")
    func any() { #expect(HostPattern("")?.description == "*") }
}
