import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Samples of requests")
struct RequestSamplesTests {
    private static let request = """
        GET http://h.test:81/a/../b/c?a=1&b&c=&a=2;d=3?e=4+%41 HTTP/1.1
        Host: h.test:81
        X: a,,b
        X: ,
        X:
        Q: "a,b", c
        Z: 12x , 13y
        I: 192.0.2.1:80
        J: [2001:db8::1]:443
        Cookie: a=1; b=; c = 3 ;q="x;y"; a=9
        Cookie: a=2
        """

    private func read(_ fetch: Fetch) throws -> String? { try text(fetch, of: Self.request) }

    @Test(
        "what needs no argument",
        arguments: [
            (.method, "GET"), (.path, "/b/c"), (.pathAndQuery, "/b/c?a=1&b&c=&a=2;d=3?e=4+%41"),
            (.url, "http://h.test:81/b/c?a=1&b&c=&a=2;d=3?e=4+%41"), (.query, "a=1&b&c=&a=2;d=3?e=4+%41"),
            (.base, "h.test:81/b/c"), (.version, "1.1"), (.isFirst, "1"), (.majorVersion, "1"),
        ] as [(RequestFact, String)])
    func facts(fact: RequestFact, expected: String) throws {
        #expect(try read(.ofRequest(fact)) == expected)
    }

    @Test("a target without a path has none", arguments: ["OPTIONS * HTTP/1.1\nHost: a"])
    func noPath(request: String) throws {
        #expect(try text(.ofRequest(.path), of: request) == nil)
        #expect(try text(.ofRequest(.base), of: request) == nil)
        #expect(try text(.ofRequest(.url), of: request) == "*")
    }

    @Test("a query may be empty, or not there")
    func noQuery() throws {
        #expect(try text(.ofRequest(.query)) == nil)
        #expect(try text(.ofRequest(.query), of: "GET /? HTTP/1.1\nHost: a") == "")
    }

    @Test(
        "the last value of a field, or the one of a number from either end",
        arguments: [
            ("X", 0, ""), ("x", 1, "a"), ("x", 2, ""), ("x", 3, "b"), ("x", 4, ""), ("x", 6, ""),
            ("x", 7, nil), ("x", -1, ""), ("x", -4, "b"), ("x", -6, "a"), ("x", -7, nil), ("q", 1, "\"a,b\""),
            ("q", 0, "c"), ("nothing", 0, nil), ("nothing", -2, nil), ("host", 0, "h.test:81"),
            ("host", 1, "h.test:81"), ("host", 2, nil),
        ] as [(String, Int, String?)])
    func values(name: String, occurrence: Int, expected: String?) throws {
        #expect(try read(.requestField(FieldPick(name, occurrence: occurrence))) == expected)
    }

    @Test("whole lines are not cut at commas")
    func whole() throws {
        #expect(try read(.requestField(FieldPick("x", occurrence: 1, isWhole: true))) == "a,,b")
        #expect(try read(.requestField(FieldPick("x", isWhole: true))) == "")
        #expect(try read(.requestFieldCount("x", isWhole: true)) == "3")
        #expect(try read(.requestFieldCount("x", isWhole: false)) == "6")
        #expect(try read(.requestFieldCount("none", isWhole: false)) == "0")
        #expect(try read(.requestFieldCount("Host", isWhole: false)) == "1")
    }

    @Test("numbers and addresses in fields")
    func typed() throws {
        #expect(try read(.requestField(FieldPick("z", as: .integer))) == "13")
        #expect(try read(.requestField(FieldPick("z", occurrence: 1, as: .integer))) == "12")
        #expect(try read(.requestField(FieldPick("i", as: .address))) == "192.0.2.1")
        #expect(try read(.requestField(FieldPick("j", as: .address))) == "2001:db8::1")
        #expect(try read(.requestField(FieldPick("z", as: .address))) == nil)
    }

    @Test("the names of all fields")
    func names() throws {
        let comma = try read(.requestFieldNames(separator: UInt8(ascii: ",")))
        #expect(comma == "host,x,x,x,q,z,i,j,cookie,cookie")
    }

    @Test(
        "the last cookie of a name, and the first of all",
        arguments: [
            ("a", "2"), ("b", ""), ("c", "3"), ("q", "\"x;y\""), ("d", nil), (nil, "1"), ("A", nil),
        ] as [(String?, String?)])
    func cookies(name: String?, expected: String?) throws {
        #expect(try read(.cookie(name, as: .string)) == expected)
    }

    @Test("cookies are counted by name or all together")
    func cookieCounts() throws {
        #expect(try read(.cookieCount("a")) == "3")
        #expect(try read(.cookieCount(nil)) == "6")
        #expect(try read(.cookieCount("none")) == "0")
        #expect(try read(.cookie("c", as: .integer)) == "3")
    }

    @Test(
        "the first parameter of a name, and the first of all",
        arguments: [
            ("a", "?", "1"), ("b", "?", nil), ("c", "?", ""), ("d", "?", "3"), ("e", "?", "4+%41"),
            ("A", "?", nil), (nil, "?", "1"), ("d", ";", "3?e=4+%41"), ("a", ";", nil),
        ] as [(String?, Character, String?)])
    func parameters(name: String?, delimiter: Character, expected: String?) throws {
        let delimiter = try #require(delimiter.asciiValue)
        #expect(try read(.parameter(name, delimiter: delimiter, as: .string)) == expected)
    }

    @Test("hashes of targets are HAProxy's")
    func hashes() throws {
        let request = "GET /a/b?id=7&x=%41+b&e=&n= HTTP/1.1\nHost: WWW.Example.com:80"
        #expect(try text(.hashed(.base, withSource: false), of: request) == "2139413003")
        #expect(try text(.hashed(.url, withSource: false), of: request) == "2250098500")
    }
}
