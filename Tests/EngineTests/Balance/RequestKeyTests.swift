import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Request key")
struct RequestKeyTests {
    private func part(_ change: (inout URIPart) -> Void = { _ in }) -> URIPart {
        var part = URIPart()
        change(&part)
        return part
    }

    private func uri(_ target: String, _ part: URIPart) -> String {
        target.withView { RequestKey.uri($0, part).string }
    }

    @Test(
        "a target counts up to its query, which `whole` adds",
        arguments: [
            ("/", "/", "/"), ("/a/b?x=/y", "/a/b", "/a/b?x=/y"), ("/?", "/", "/?"), ("*", "*", "*"),
            ("http://h/a?b", "http://h/a", "http://h/a?b"), ("", "", ""),
        ])
    func query(target: String, expected: String, whole: String) {
        #expect(uri(target, part()) == expected)
        #expect(uri(target, part { $0.isWhole = true }) == whole)
    }

    @Test(
        "`len` counts bytes, `depth` directories",
        arguments: [
            ("/a/b/c", 3, 0, "/a/"), ("/a", 30, 0, "/a"), ("/a?b", 3, 0, "/a"), ("/a/b/c", 0, 1, "/a"),
            ("/a/b/c", 0, 2, "/a/b"), ("/a/b/c", 0, 9, "/a/b/c"), ("//a/b", 0, 1, "/"),
            ("/a/b/c", 4, 1, "/a"),
            ("/a/b/c", 1, 2, "/"),
        ])
    func limits(target: String, length: Int, depth: Int, expected: String) {
        let part = part {
            $0.length = length
            $0.depth = depth
        }
        #expect(uri(target, part) == expected)
    }

    @Test(
        "`path-only` leaves out scheme and host",
        arguments: [
            ("/a?b", "/a?b"), ("http://h/a?b", "/a?b"), ("https://h:8/", "/"), ("http://h", ""), ("h:80", ""),
            ("*", ""), ("//a/b", "//a/b"), ("http:/", ""), ("http://", ""), ("a/b", ""), ("", ""),
        ])
    func pathOnly(target: String, expected: String) {
        let part = part {
            $0.isPathOnly = true
            $0.isWhole = true
        }
        #expect(uri(target, part) == expected)
    }

    @Test(
        "a parameter is the first one of exactly that name",
        arguments: [
            ("/?id=7", "7"), ("/?a=1&id=7&b", "7"), ("/?id=7&id=8", "7"), ("/?id=", ""), ("/?id=a=b", "a=b"),
            ("/?&&id=7", "7"), ("/?x?id=1&id=2", "2"), ("/?id", nil), ("/?xid=7", nil), ("/?idx=7", nil),
            ("/?ID=7", nil), ("/id=7", nil), ("/?", nil), ("", nil), ("/?a=id=7", nil), ("/?a;id=7", nil),
            ("/?id=&b", ""), ("/?a&", nil),
        ] as [(String, String?)])
    func parameter(target: String, expected: String?) {
        let found = target.withView { target in
            "id".withView { RequestKey.parameter(target, $0)?.string }
        }
        #expect(found == expected)
    }

    @Test(
        "a form's parameter is all up to the next one",
        arguments: [
            ("id=7", "7"), ("a=1&id=7&b", "7"), ("id=", ""), ("id=&a", ""), ("a=1&id=7 8", "7 8"),
            ("id=a/b", "a/b"),
            ("xid=7", nil), ("idx=7", nil), ("id", nil), ("ID=7", nil), ("", nil), ("&&id=7", "7"),
            ("a=id=7", nil),
        ] as [(String, String?)])
    func formParameter(form: String, expected: String?) {
        let found = form.withView { form in
            "id".withView { RequestKey.parameter(ofForm: form, $0)?.string }
        }
        #expect(found == expected)
    }

    @Test(
        "a field is the first value of the first one of that name",
        arguments: [
            ("X-Key: 7", "7"), ("x-kEY:  7 \t", "7"), ("X-Key: 7, 8", "7"), ("X-Key: 7\r\nX-Key: 8", "7"),
            ("X-Key: \"a,b\", c", "\"a,b\""), ("X-Key: \"a\\\",b\", c", "\"a\\\",b\""),
            ("X-Key: \"a, b", "\"a, b"),
            ("X-Key:", nil), ("X-Key:\r\nX-Key: 8", nil), ("X-Key: , 8", nil), ("X-Keys: 7", nil),
            ("X-Ke: 7", nil),
            ("X-Key: a\\,b", "a\\"),
        ] as [(String, String?)])
    func header(lines: String, expected: String?) {
        var input = Buffer(capacity: 1024)
        "GET / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n\r\n".withView { _ = input.append($0) }
        let pool = HeaderTablePool(keep: 1)
        var head = RequestHead()
        pool.lend(to: &head.fields)
        let isComplete = head.parse(input.view) == .complete(count: input.count)
        #expect(isComplete)
        let found = "x-key".withView { RequestKey.header(head.fields, in: input.view, $0)?.string }
        #expect(found == expected)
    }

    @Test(
        "of a domain the part before the last dot",
        arguments: [
            ("www.example.com", "example"), ("example.com", "example"), ("localhost:8080", "localhost:8080"),
            ("a.b.c.d", "c"), (".com", ".com"), ("a.", "a"), ("a.b.", "b"), ("a..b", "a."), ("x.a..b", "a."),
            ("..com", "."), ("", ""), (".", "."), ("10.0.0.1:80", "0"),
        ])
    func domain(host: String, expected: String) {
        #expect(host.withView { RequestKey.domain($0).string } == expected)
    }
}
