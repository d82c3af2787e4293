import Basics
import Testing
import Wire

@Suite("Regular expressions")
struct RegularExpressionTests {
    private func matches(_ pattern: String, _ text: String, ignoresCase: Bool = false) throws -> Bool {
        let expression = try #require(RegularExpression(pattern, ignoresCase: ignoresCase))
        return text.withView { expression.matches($0) }
    }

    @Test(
        "Perl's patterns match bytes",
        arguments: [
            ("he.*o", "say hello", true), ("he.o", "say hello", false), ("^he", "say hello", false),
            ("^$", "", true),
            ("[0-9]{3}", "a123", true),
            ("^2[0-9]{2}$", "204", true), ("^2[0-9]{2}$", "2044", false), ("a|b", "xb", true),
            ("(?i)OK", "ok", true),
            ("OK", "ok", false), ("\\bup\\b", "is up.", true), ("", "anything", true),
        ])
    func match(pattern: String, text: String, expected: Bool) throws {
        #expect(try matches(pattern, text) == expected)
    }

    @Test("letters without case, where that is wanted")
    func caseless() throws {
        #expect(try matches("ok", "OK", ignoresCase: true))
    }

    @Test("what is no pattern is refused", arguments: ["(", "[a", "*", "a{2,1}", "(?<"])
    func refused(pattern: String) {
        #expect(RegularExpression(pattern) == nil)
    }

    @Test("NUL and bytes that are no text are bytes like others")
    func bytes() throws {
        let expression = try #require(RegularExpression("a\\x00b"))
        #expect([0x61, 0, 0x62, 0xFF].withView { expression.matches($0) })
    }

    @Test("a pattern that would look for ever gives up")
    func bounded() throws {
        #expect(try !matches("(a+)+$", String(repeating: "a", count: 5_000) + "b"))
    }
}
