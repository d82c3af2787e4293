import Basics
import Model
import Testing

@testable import Engine

@Suite("Paths that are regular expressions")
struct ExpressionRoutesTests {
    private func table(_ paths: [String], exact: [String] = []) -> PathTable {
        func route(_ path: String) -> CompiledRoute {
            CompiledRoute(backend: nil, status: 200, origin: Origin(namespace: "", name: path))
        }
        return PathTable(
            paths.map { ($0, .expression, route($0)) } + exact.map { ($0, .exact, route("= \($0)")) })
    }

    private func match(_ table: PathTable, _ path: String) -> String? {
        var workspace = SampleWorkspace()
        return path.withView { table.route(for: $0, &workspace) }?._withUnsafeGuaranteedRef {
            $0.status == 200 ? $0.name.view.string : "\($0.status)"
        }
    }

    @Test(
        "anchored at the beginning only, without regard to case",
        arguments: [
            ("/foo", "/foo"), ("/foobar", "/foo"), ("/FOO/x", "/foo"), ("/a/foo", "/"),
            ("/bar/12", "/bar/[0-9]+"),
            ("/bar/x", "/"),
        ])
    func anchors(path: String, expected: String) {
        #expect(match(table(["/foo", "/", "/bar/[0-9]+"]), path) == expected)
    }

    @Test("the longest is asked first, of the same length the last by name")
    func order() {
        #expect(match(table(["/", "/a.*", "/a.b"]), "/axb") == "/a.b")
        #expect(match(table(["/a", "/a(/|$)(.*)"]), "/a/b") == "/a(/|$)(.*)")
        #expect(match(table(["/ab", "/a."]), "/ab") == "/ab")
    }

    @Test("what matches nothing has no route") func nothing() { #expect(match(table(["/a"]), "/b") == nil) }

    @Test("an exact path comes before them") func exact() {
        #expect(match(table(["/"], exact: ["/"]), "/") == "= /")
        #expect(match(table(["/"], exact: ["/"]), "/a") == "/")
    }

    @Test(
        "what is no regular expression is taken letter by letter, and answered 503",
        arguments: ["/a(", "/[", "/\\E("])
    func flawed(path: String) {
        let found = table([path, "/"])
        #expect(found.expressions?.flawed == [path])
        #expect(match(found, "\(path)x") == "503")
        #expect(match(found, "/b") == "/")
    }

    @Test("a pattern that takes too long to know is answered 500")
    func costly() {
        let path = "/" + String(repeating: "a", count: 40) + "!"
        let found = table(["/(a+)+$", "/"])
        #expect(match(found, path) == "500")
        var workspace = SampleWorkspace()
        let name = path.withView { found.route(for: $0, &workspace) }?._withUnsafeGuaranteedRef {
            $0.name.view.string
        }
        #expect(name == "/(a+)+$")
        #expect(workspace.overruns == 1)
    }
}
