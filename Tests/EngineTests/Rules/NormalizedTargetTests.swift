import Basics
import Model
import Testing

@testable import Engine

@Suite("Targets in a form")
struct NormalizedTargetTests {
    private func normalized(_ normalizer: TargetNormalizer, _ target: String) -> String? {
        target.withView { NormalizedTarget(normalizer, of: $0) }.map {
            String(decoding: $0.bytes, as: UTF8.self)
        }
    }

    @Test(
        "paths",
        arguments: [
            (.pathMergeSlashes, "//", "/"), (.pathMergeSlashes, "/a//b///c?d//e", "/a/b/c?d//e"),
            (.pathStripDot, "/.", "/"), (.pathStripDot, "/./a/././", "/a/"),
            (.pathStripDot, "/a?./.", "/a?./."),
            (.pathStripDot, "/a/.", "/a/"), (.pathStripDot, "/.a/b.", "/.a/b."),
            (.pathStripDotDot, "/..", "/../"), (.pathStripDotDot, "/../", "/../"),
            (.pathStripDotDot, "/a/..", "/"),
            (.pathStripDotDot, "/a/../b", "/b"), (.pathStripDotDot, "/a/b/../../c", "/c"),
            (.pathStripDotDot, "/a/../../c", "/../c"), (.pathStripDotDot, "/../../x", "/../../x"),
            (.pathStripDotDot, "/a/..?q=/../", "/?q=/../"), (.pathStripDotDot, "/a//../b", "/a/b"),
            (.pathStripDotDot, "/...", "/..."), (.pathStripDotDot, "/a/b/c/../../../../..", "/../../"),
            (.pathStripDotDotFull, "/..", "/"), (.pathStripDotDotFull, "/a/../../c", "/c"),
            (.pathStripDotDotFull, "/../../x", "/x"), (.pathStripDotDotFull, "/a/b/..", "/a/"),
        ] as [(TargetNormalizer, String, String)])
    func paths(normalizer: TargetNormalizer, target: String, expected: String) {
        #expect(normalized(normalizer, target) == expected)
    }

    @Test(
        "escapes and queries",
        arguments: [
            (.percentDecodeUnreserved, "/%41%2f%2a%7e?%61%20", "/A%2f%2a~?a%20"),
            (.percentDecodeUnreserved, "/%zz%4", "/%zz%4"), (.percentDecodeUnreserved, "/%%41", "/%A"),
            (.percentDecodeUnreservedStrict, "/%41", "/A"), (.percentDecodeUnreservedStrict, "/%zz", nil),
            (.percentDecodeUnreservedStrict, "/%", nil),
            (.percentToUppercase, "/%41%2f%2a%7e", "/%41%2F%2A%7E"),
            (.percentToUppercase, "/%zz%4", "/%zz%4"), (.percentToUppercaseStrict, "/%4", nil),
            (.percentToUppercaseStrict, "/ab%af?%bc", "/ab%AF?%BC"),
            (.querySortByName, "/?c=3&a=1&b=2", "/?a=1&b=2&c=3"),
            (.querySortByName, "/?aaa=3&a=1&aa=2", "/?a=1&aa=2&aaa=3"),
            (.querySortByName, "/?a=3&b=4&a=1&b=5&a=2", "/?a=3&a=1&a=2&b=4&b=5"),
            (.querySortByName, "/a", "/a"),
            (.querySortByName, "/a?", "/a?"), (.querySortByName, "/?b&a&", "/?a&b"),
            (.querySortByName, "/?&&a", "/?&&a"),
            (.querySortByName, "/?a=1&a%20=2&A=3&b?=1", "/?A=3&a=1&a%20=2&b?=1"),
            (.fragmentStrip, "/a?b#c", "/a?b"), (.fragmentStrip, "/a", "/a"),
            (.fragmentEncode, "/a#b#", "/a%23b%23"),
        ] as [(TargetNormalizer, String, String?)])
    func others(normalizer: TargetNormalizer, target: String, expected: String?) {
        #expect(normalized(normalizer, target) == expected)
    }

    @Test("what is in a form stays in it", arguments: TargetNormalizer.allCases)
    func again(normalizer: TargetNormalizer) {
        for target in ["/", "/a//b/./c/../d?b=%61&a", "/../%2e//?&&=#x"] {
            guard let once = normalized(normalizer, target) else { continue }
            #expect(normalized(normalizer, once) == once)
        }
    }
}
