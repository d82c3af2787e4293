import Basics
import Testing

@testable import Engine

@Suite("Entity tags")
struct EntityTagTests {
    private func matches(_ condition: String, _ tag: String) -> Bool {
        condition.withView { condition in tag.withView { EntityTag.matches(condition, $0) } }
    }

    @Test(
        "a condition names the tag, weak or strong",
        arguments: [
            ("\"v1\"", "\"v1\""), ("W/\"v1\"", "\"v1\""), ("\"v1\"", "W/\"v1\""), ("W/\"v1\"", "W/\"v1\""),
            ("\"a\", \"v1\"", "\"v1\""), (" \"a\" ,W/\"v1\" ", "\"v1\""), ("*", "\"v1\""), ("*", ""),
            ("\"a,b\"", "\"a,b\""), ("\"x\", \"a,b\"", "\"a,b\""), ("\"\"", "\"\""), ("\"a\", *", "\"v\""),
        ])
    func same(condition: String, tag: String) { #expect(matches(condition, tag)) }

    @Test(
        "anything else does not",
        arguments: [
            ("\"v2\"", "\"v1\""), ("v1", "v1"), ("\"v1", "\"v1"), ("w/\"v1\"", "\"v1\""),
            ("\"V1\"", "\"v1\""),
            ("", "\"v1\""), ("\"v1\"", ""), ("\"", "\""), ("W/", "W/"), ("\"a,b\"", "\"a\""),
            (",,,", "\"v\""),
        ])
    func other(condition: String, tag: String) { #expect(!matches(condition, tag)) }
}
