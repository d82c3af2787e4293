import Basics
import Testing

@testable import Engine

@Suite("Targets in logs")
struct RequestTargetTests {
    @Test(
        "a target is cut as HAProxy cuts it",
        arguments: [
            ("/a/b?c=d", "/a/b", "/a/b", "?c=d"), ("/", "/", "/", ""), ("/?", "/", "/", "?"),
            ("http://h:80/a?b?c", "http://h:80/a", "/a", "?b?c"), ("http://h", "http://h", "", ""),
            ("*", "*", "", ""), ("h:443", "h:443", "", ""), ("", "", "", ""), ("?", "", "", "?"),
            ("http:", "http:", "", ""), ("http://", "http://", "", ""),
        ])
    func parts(target: String, withoutQuery: String, path: String, query: String) {
        target.withView {
            let cut = RequestTarget($0)
            #expect(cut.withoutQuery.string == withoutQuery)
            #expect(cut.path.string == path)
            #expect(cut.query.string == query)
        }
    }
}
