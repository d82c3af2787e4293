import Basics
import Testing

@testable import Wire

@Suite("The form a path is matched by")
struct MatchedPathTests {
    @Test(
        "is decoded, merged and resolved, without the query",
        arguments: [
            ("/", "/"), ("/a", "/a"), ("/a/", "/a/"), ("/%61dmin", "/admin"), ("/%61%2Fb", "/a/b"),
            ("//", "/"), ("///a//b///", "/a/b/"), ("/a%2f%2Fb", "/a/b"), ("/a/%2e%2e/b", "/b"),
            ("/a%2f..b%2Fc", "/a/..b/c"), ("/a/..", "/"), ("/a/.", "/a/"), ("/./a", "/a"),
            ("/a/../b/..", "/"),
            ("/a//../b", "/a/b"), ("/a%3Fb?c=%64", "/a?b"), ("/a%20b", "/a b"), ("/%2561", "/%61"),
            ("/%", "/%"), ("/%2", "/%2"), ("/%zz", "/%zz"), ("/%4", "/%4"), ("/a?%61//", "/a"),
            ("/caf%C3%A9", "/café"), ("/...", "/..."), ("/a/..b", "/a/..b"), ("/%2F%2F", "/"),
        ])
    func forms(path: String, matched: String) {
        #expect(MatchedPath.of(path) == matched)
        #expect(MatchedPath.of("/?" + path) == "/")
    }

    @Test(
        "one that climbs above the root, holds a NUL or hides dot segments behind %2F means nothing",
        arguments: [
            "/..", "/%2e%2e", "/a/../..", "/..%2fadmin", "/a%00", "/%00", "/a/..//../..", "a", "", "/a%2f..",
            "/a/b%2f..%2fc", "/a%2F%2e", "/.%2Fa", "/%2E%2e%2f", "/x%2f..?a",
        ])
    func meaningless(path: String) { #expect(MatchedPath.of(path) == nil) }

    @Test("what a path that is forwarded begins with is what it is matched by", arguments: 0..<20)
    func noWayOut(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = ["/", "/..", "/%2e%2E", "/.", "%2F", "..", ".", "%2f..", "/a", "//"]
        for _ in 0..<300 {
            let path =
                "/admin/"
                + (0..<Int.random(in: 0...6, using: &random))
                .map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            var forwarded = Buffer(capacity: 256)
            guard path.withView({ DotSegments.resolve($0, into: &forwarded) }),
                let matched = MatchedPath.of(path), "/admin/".withView(forwarded.view.hasPrefix)
            else { continue }
            #expect(matched.hasPrefix("/admin/"), "\(path)")
        }
    }

    @Test(
        "a path is looked at where it may be odd, however long it is and whatever stands behind",
        arguments: 1..<40)
    func looks(length: Int) {
        let plain = String(repeating: "a", count: length)
        let odd = ["%", "//", "/.", "/%", "/..", "/a/."]
        for (path, isOdd) in [("/\(plain)", false), ("/\(plain)/", false)]
            + odd.map({ ("/\(plain)\($0)", true) })
        {
            var head = RequestHead()
            let tables = HeaderTablePool(keep: 1)
            tables.lend(to: &head.fields)
            let text = "GET \(path) HTTP/1.1\r\nHost: a\r\nX: %//..\r\n\r\n"
            let received = ReceivedBytes(Array(text.utf8))
            let progress = head.parse(received.prefix(received.count))
            let found = head.isOdd
            tables.takeBack(&head.fields)
            #expect(progress == .complete(count: text.utf8.count), "\(path)")
            #expect(found == isOdd, "\(path)")
            #expect(found == path.withView { DotSegments.shape(of: $0).isOdd }, "\(path)")
        }
    }

    @Test("what does not fit has none")
    func room() {
        var output = Buffer(capacity: 3)
        #expect(!"/%61bcdef".withView { MatchedPath.append($0, to: &output) })
    }

    @Test("a plain path is its own, and a matched one is matched by itself", arguments: 0..<20)
    func randomPaths(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = ["/", "/.", "/..", "/%2e", "/a", "b", ".", "%61", "?", "//", "%2F"]
        for _ in 0..<300 {
            let path =
                "/"
                + (0..<Int.random(in: 0...7, using: &random))
                .map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            guard let matched = MatchedPath.of(path) else { continue }
            #expect(matched.hasPrefix("/") && !matched.contains("//"), "\(path)")
            #expect(MatchedPath.of(matched.replacing("?", with: "x")) == matched.replacing("?", with: "x"))
            if !path.withView({ DotSegments.shape(of: $0).isOdd }) {
                #expect(matched == path.prefix { $0 != "?" }, "\(path)")
            }
        }
    }
}
