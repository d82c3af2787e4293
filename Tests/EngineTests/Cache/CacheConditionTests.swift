import Basics
import Testing

@testable import Engine

@Suite("Conditions of requests")
struct CacheConditionTests {
    /// The answer has the tag `"v1"` and is of second 1,000 of 1970.
    private func isKnown(_ lines: [(String, String)], tag: String = "\"v1\"") -> Bool {
        tag.withView { tag in
            var condition = CacheCondition(tag: tag, modified: 1_000)
            for (name, value) in lines {
                name.withView { name in value.withView { condition.see(name, $0) } }
            }
            return condition.isFulfilled
        }
    }

    private static let before = "Thu, 01 Jan 1970 00:16:39 GMT"
    private static let same = "Thu, 01 Jan 1970 00:16:40 GMT"

    @Test("tags are compared, over all lines")
    func tags() {
        #expect(isKnown([("If-None-Match", "\"v1\"")]))
        #expect(isKnown([("If-None-Match", "\"a\""), ("if-none-match", "W/\"v1\"")]))
        #expect(!isKnown([("If-None-Match", "\"v2\"")]))
        #expect(!isKnown([("If-None-Match", "\"v1\"")], tag: ""))
        #expect(isKnown([("If-None-Match", "*")], tag: ""))
    }

    @Test("dates are compared where no tags are named")
    func dates() {
        #expect(isKnown([("If-Modified-Since", Self.same)]))
        #expect(!isKnown([("If-Modified-Since", Self.before)]))
        #expect(!isKnown([("If-Modified-Since", "yesterday")]))
        #expect(!isKnown([("If-None-Match", "\"v2\""), ("If-Modified-Since", Self.same)]))
        #expect(isKnown([("If-None-Match", "\"v1\""), ("If-Modified-Since", Self.before)]))
    }

    @Test("without a condition nothing is known")
    func none() { #expect(!isKnown([("If-Match", "\"v1\""), ("If-Unmodified-Since", Self.same)])) }
}
