import Testing

@testable import Controller

@Suite("Expressions of snippets")
struct SnippetPatternTests {
    @Test(
        "what is plainly an expression is one",
        arguments: [
            "a", "^/admin", "^/(a|b)/(.*)$", "\\.php$", "(?i)bot", "(?:a|b)+?", "[a-z0-9_-]+", "[^/]+",
            "[\\w.-]*", "a{2}",
            "a{2,}", "a{2,5}?", "^(?!/health).*", "(?=x)y", "\\d+\\s\\w\\b", "a|b", "^$", "()", "[a-]",
            "\\/x\\-y",
            "(Googlebot|bingbot|AhrefsBot)",
        ])
    func known(text: String) { #expect(SnippetPattern(text)?.text == text) }

    @Test(
        "what is none, or what is not known, is not taken",
        arguments: [
            "", "(", ")", "(a", "a)", "[", "[a", "[]", "[]a]", "*", "+a", "a**", "a*+", "(*FAIL)", "{2}",
            "a{2", "a{5,2}", "a{x}",
            "a{1001}", "a{99999999999999999999}", "\\", "\\1", "\\Q", "\\p{L}", "[z-a]", "[[:alpha:]]",
            "(?P<n>a)", "(?<n>a)",
            "(?#c)", "(?R)", "(?>a)", "a]", "a}", "é", "a\nb", "[\\b]", "(?i", "(?x)a",
        ])
    func unknown(text: String) { #expect(SnippetPattern(text) == nil) }

    @Test("nesting and length have bounds")
    func bounds() {
        #expect(SnippetPattern(String(repeating: "(", count: 33) + String(repeating: ")", count: 33)) == nil)
        #expect(SnippetPattern(String(repeating: "a", count: 1_025)) == nil)
        #expect(SnippetPattern(String(repeating: "a", count: 1_024)) != nil)
    }
}
