import Basics
import Testing

@testable import Wire

@Suite("DotSegments")
struct DotSegmentsTests {
    private func resolved(_ path: String, room: Int = 4096, behind text: StaticString = "") -> String? {
        var output = Buffer(capacity: room)
        output.append(text)
        guard path.withView({ DotSegments.resolve($0, into: &output) }) else { return nil }
        return output.view.text
    }

    @Test(
        "resolves dots, plain and encoded",
        arguments: [
            ("/", "/"), ("/a", "/a"), ("/a/", "/a/"), ("/.", "/"), ("/./", "/"), ("/./a", "/a"),
            ("/a/.", "/a/"),
            ("/a/./", "/a/"), ("/a/./b", "/a/b"), ("/a/..", "/"), ("/a/../", "/"), ("/a/../b", "/b"),
            ("/a/b/..", "/a/"), ("/a/b/../..", "/"), ("/a/b/../../c", "/c"), ("/a/b/c/./../../g", "/a/g"),
            ("/mid/content=5/../6", "/mid/6"), ("/%2e", "/"), ("/%2E/a", "/a"), ("/a/%2e%2e/b", "/b"),
            ("/a/.%2e/b", "/b"), ("/a/%2E./b", "/b"), ("/a/%2E%2e", "/"), ("//", "//"),
            ("//a//b/", "//a//b/"),
            ("/a//../b", "/a/b"), ("//..", "/"), ("/a/.//b", "/a//b"), ("", "/"),
        ])
    func table(path: String, expected: String) {
        #expect(resolved(path) == expected)
        #expect(resolved(path, behind: "GET ") == "GET " + expected)
    }

    @Test(
        "leaves everything else as it came",
        arguments: [
            "/...", "/..a", "/a..", "/.a", "/a.", "/a.b", "/.%2", "/%2", "/%", "/%2f..", "/%252e%252e/",
            "/%2e%2e%2e",
            "/..%2f", "/..;x/", "/%2E%2Ea", "/%2ea", "/..\\", "/.well-known/x", "/%c0%ae",
        ])
    func untouched(path: String) { #expect(resolved(path) == path) }

    @Test(
        "never climbs above the root",
        arguments: [
            "/..", "/../", "/../a", "/a/../..", "/a/../../b", "/./..", "/%2e%2E/x", "/a/b/../../../c",
            "/..?x",
        ])
    func climbing(path: String) { #expect(resolved(path) == nil) }

    @Test(
        "does not touch the query",
        arguments: [
            ("/a/../b?x=/../y/./z", "/b?x=/../y/./z"), ("/a?/..", "/a?/.."), ("/.?", "/?"),
            ("/a/..?q", "/?q"),
            ("?x/..", "/?x/.."), ("/a?b?/../c", "/a?b?/../c"),
        ])
    func query(path: String, expected: String) { #expect(resolved(path) == expected) }

    @Test("says so when the output is too small", arguments: 0..<7)
    func tooSmall(room: Int) {
        #expect(resolved("/ab/./cd?", room: room) == nil)
        #expect(resolved("/ab/./cd?", room: 7) == "/ab/cd?")
    }

    @Test("what holds a dot segment is noticed, and resolved paths hold none", arguments: 0..<20)
    func randomPaths(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = ["/", "/.", "/..", "/%2e", "/%2E.", "/a", "a", ".", "%2e", "?", "//", "%"]
        for _ in 0..<300 {
            let path =
                "/"
                + (0..<Int.random(in: 0...7, using: &random))
                .map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let holds = path.withView { DotSegments.shape(of: $0).mayHoldDots }
            let result = resolved(path)
            if !holds { #expect(result == path, "\(path)") }
            guard let result else { continue }
            let segments = result.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
            let dots: Set<String> = [".", ".."]
            #expect(
                !segments.contains { dots.contains($0.lowercased().replacing("%2e", with: ".")) }, "\(path)")
            #expect(resolved(result) == result, "\(path)")
        }
    }
}
