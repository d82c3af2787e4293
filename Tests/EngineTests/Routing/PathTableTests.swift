import Basics
import Model
import Testing

@testable import Engine

@Suite("Path table")
struct PathTableTests {
    /// Rules as `= /exact` or `/prefix`; each answers with its own text.
    private func match(_ rules: [String], _ path: String) -> String? {
        let table = PathTable(
            rules.map { rule in
                let isExact = rule.hasPrefix("= ")
                let route = CompiledRoute(
                    backend: nil, status: 200, origin: Origin(namespace: "", name: rule))
                return (isExact ? String(rule.dropFirst(2)) : rule, isExact ? .exact : .prefix, route)
            })
        return path.withView { path in
            table.route(for: path)?._withUnsafeGuaranteedRef { $0.name.view.string }
        }
    }

    @Test(
        "the table of Ingress v1",
        arguments: [
            (["/"], "/any/thing", "/"), (["/"], "/", "/"), (["= /foo"], "/foo", "= /foo"),
            (["= /foo"], "/bar", nil), (["= /foo"], "/foo/", nil), (["= /foo/"], "/foo", nil),
            (["= /foo/"], "/foo/", "= /foo/"), (["/foo"], "/foo", "/foo"), (["/foo"], "/foo/", "/foo"),
            (["/aaa/bb"], "/aaa/bbb", nil), (["/aaa/bbb"], "/aaa/bbb", "/aaa/bbb"),
            (["/aaa/bbb"], "/aaa/bbb/", "/aaa/bbb"), (["/aaa/bbb"], "/aaa/bbb/ccc", "/aaa/bbb"),
            (["/aaa/bbb"], "/aaa/bbbxyz", nil), (["/", "/aaa"], "/aaa/ccc", "/aaa"),
            (["/", "/aaa", "/aaa/bbb"], "/aaa/bbb", "/aaa/bbb"), (["/", "/aaa", "/aaa/bbb"], "/ccc", "/"),
            (["/aaa"], "/ccc", nil), (["/foo", "= /foo"], "/foo", "= /foo"),
            (["/foo", "= /foo"], "/foo/", "/foo"),
        ] as [([String], String, String?)])
    func ingress(rules: [String], path: String, expected: String?) {
        #expect(match(rules, path) == expected)
        #expect(match(rules.reversed(), path) == expected)
    }

    @Test(
        "odd paths are compared as they are",
        arguments: [
            (["/foo"], "/FOO", nil), (["= /Foo"], "/foo", nil), (["/foo"], "//foo", nil),
            (["/foo"], "/foo//", "/foo"), (["/foo"], "/foo//bar", "/foo"), (["/"], "//", "/"),
            (["/a/b"], "/a//b", nil), (["/a"], "/a%2Fb", nil), (["/a%2Fb"], "/a%2Fb/c", "/a%2Fb"),
            (["/"], "", nil), (["/"], "*", nil), (["= *"], "*", "= *"), (["/"], "nothing", nil),
            (["/a"], "a", nil), (["/a"], "/", nil), (["= /"], "/", "= /"), (["= /"], "/a", nil),
            (["/é"], "/é/x", "/é"),
        ] as [([String], String, String?)])
    func odd(rules: [String], path: String, expected: String?) {
        #expect(match(rules, path) == expected)
    }

    @Test("no routes match nothing")
    func empty() {
        #expect(match([], "/") == nil)
        #expect(match([""], "/") == nil)
    }

    @Test("of two equal rules the first serves")
    func duplicates() {
        let first = CompiledRoute(backend: nil, status: 201, origin: Origin(namespace: "", name: ""))
        let second = CompiledRoute(backend: nil, status: 202, origin: Origin(namespace: "", name: ""))
        for kind in [PathMatch.exact, .prefix] {
            let table = PathTable([("/a", kind, first), ("/a", kind, second)])
            let status = "/a".withView { table.route(for: $0)?._withUnsafeGuaranteedRef { $0.status } }
            #expect(status == 201)
        }
    }

    @Test("a thousand paths are each found, and the nearest of nested ones")
    func many() {
        let flat = (0..<1_000).map { "/service-\($0)" }
        for i in stride(from: 0, to: 1_000, by: 97) {
            #expect(match(flat, "/service-\(i)/x") == "/service-\(i)")
        }
        #expect(match(flat, "/service-1000") == nil)
        let nested = (1...40).map { String(repeating: "/a", count: $0) }
        #expect(match(nested, String(repeating: "/a", count: 25) + "/b/c/d") == nested[24])
    }
}
