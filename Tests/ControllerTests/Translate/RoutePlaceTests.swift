import Model
import Testing

@testable import Controller

@Suite struct RoutePlaceTests {
    @Test(
        "paths become what the engine matches",
        arguments: [
            ("/foo", "Exact", "/foo", PathMatch.exact), ("/foo/", "Exact", "/foo/", .exact),
            ("/", "Exact", "/", .exact), ("/foo", "Prefix", "/foo", .prefix),
            ("/foo/", "Prefix", "/foo", .prefix),
            ("/", "Prefix", "/", .prefix), ("/aaa/bbb/", "Prefix", "/aaa/bbb", .prefix),
            ("/Foo", "Prefix", "/Foo", .prefix), ("/a%20b", "Prefix", "/a%20b", .prefix),
            ("", "ImplementationSpecific", "/", .prefix),
            ("/a//b", "ImplementationSpecific", "/a//b", .prefix),
            ("/a/", "ImplementationSpecific", "/a", .prefix), ("/...", "Exact", "/...", .exact),
            ("/a..b", "Prefix", "/a..b", .prefix),
        ])
    func usable(given: String, type: String, expected: String, match: PathMatch) {
        #expect(RoutePlace.read(path(given, type)) == .usable(RoutePlace(path: expected, match: match)))
    }

    @Test(
        "what the API server would refuse is answered 503 where it can be a route",
        arguments: [
            ("/foo", "", "pathType"), ("/foo", "Regex", "pathType"), ("/foo", "prefix", "pathType"),
            ("/a//b", "Prefix", "path"), ("//", "Prefix", "path"), ("/a//", "Exact", "path"),
            ("/a/./b", "Exact", "path"), ("/a/..", "Prefix", "path"), ("/a/.", "Prefix", "path"),
            ("/../a", "Prefix", "path"), ("/a%2fb", "Prefix", "path"), ("/a%2Fb", "Exact", "path"),
            ("/%%2fb", "Exact", "path"),
        ])
    func refused(given: String, type: String, field: String) {
        guard case .refused(_, let problem) = RoutePlace.read(path(given, type)) else {
            Issue.record("not refused")
            return
        }
        #expect(problem.field == field)
    }

    @Test(
        "what does not begin with a slash is no route",
        arguments: [
            ("foo", "Prefix"), ("", "Prefix"), ("", "Exact"), ("*", "ImplementationSpecific"), ("", "Bogus"),
        ])
    func unusable(given: String, type: String) {
        guard case .unusable = RoutePlace.read(path(given, type)) else {
            Issue.record("usable")
            return
        }
    }
}
