import Model
import Testing

@testable import ConfigLanguage

@Suite("Captures and names of requests in the configuration language")
struct CaptureDirectivesTests {
    private func frontend(_ lines: String) throws -> Frontend {
        let text = read("frontend f\n mode http\n bind :80\n\(lines)\n")
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        return try #require(text.configuration.frontends.first)
    }

    private func told(_ line: String, section: String = "frontend f") -> String? {
        read("\(section)\n mode http\n \(line)\n").diagnostics.first { $0.location?.line == 3 }?.message
    }

    @Test("places are numbered in the order of their lines, whatever makes them")
    func places() throws {
        let frontend = try frontend(
            """
             declare capture request len 4
             capture request header X-A len 5
             http-request capture path len 6
             capture response header X-B len 7
             capture cookie SESS= len 8
             http-request capture src id 0 if TRUE
             http-response capture status id 0
            """)
        #expect(
            frontend.captures.request == [
                .init(nil, length: 4), .init("X-A", length: 5), .init(nil, length: 6),
            ])
        #expect(frontend.captures.response == [.init("X-B", length: 7)])
        #expect(frontend.captures.cookie == .init("SESS=", length: 8))
        let path = try Expression(.ofRequest(.path))
        #expect(frontend.rules.request.first?.action == .capture(path, slot: 2))
        #expect(frontend.rules.request.last?.action == .capture(try Expression(.ofClient(.source)), slot: 0))
        #expect(frontend.rules.response.first?.action == .capture(try Expression(.status), slot: 0))
    }

    @Test("places of defaults are the first ones of every section that begins with them")
    func defaults() throws {
        let text = read(
            """
            defaults d
             mode http
             http-request capture path len 6
             http-request capture src id 0 if TRUE
            frontend f from d
             bind :80
             declare capture request len 4
             http-request capture path id 1
            frontend g from d
             bind :81
            """)
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        let frontends = text.configuration.frontends
        #expect(frontends.map { $0.captures.request.map(\.length) } == [[6, 4], [6]])
        #expect(frontends.map(\.rules.request.count) == [3, 2])
        let path = try Expression(.ofRequest(.path))
        #expect(frontends.first?.rules.request.first?.action == .capture(path, slot: 0))
        #expect(told("http-request capture path id 0", section: "defaults d") != nil)
        #expect(told("http-response capture status id 0", section: "defaults d") != nil)
    }

    @Test("a backend fills the places of frontends it does not know")
    func backends() throws {
        let text = read("backend b\n mode http\n http-request capture path id 3\n")
        let rules = try #require(text.configuration.backends[BackendName("b")]).rules
        #expect(rules.request.first?.action == .capture(try Expression(.ofRequest(.path)), slot: 3))
    }

    @Test("what was captured is read, and kept by a step of an expression")
    func expressions() throws {
        let rules = try frontend(
            " declare capture request len 4\n http-request set-var(txn.a) capture.req.hdr(0),capture-req(0),upper\n"
                + " http-response set-var(txn.b) capture.req.uri,capture-res(2)"
        ).rules
        let first = try Expression(
            .captured(slot: 0, isAnswer: false), [.capture(slot: 0, isAnswer: false), .upper])
        #expect(rules.request.first?.action == .variable(.set(Variable(.transaction, "a"), [], first)))
        #expect(first.description == "capture.req.hdr(0),capture-req(0),upper")
        let second = try Expression(.ofCapture(.target), [.capture(slot: 2, isAnswer: true)])
        #expect(rules.response.first?.action == .variable(.set(Variable(.transaction, "b"), [], second)))
    }

    @Test("names of requests are made by a format")
    func names() throws {
        let name = try frontend(" unique-id-format \"%ci  %[path]\"\n unique-id-header X-Id").uniqueID
        #expect(name.field == "X-Id")
        let path = try Expression(.ofRequest(.path))
        #expect(
            name.format
                == FormatString([.variable(.clientAddress, .encoded), .blank, .sample(path, .encoded)]))
    }

    @Test(
        "lines that can not be",
        arguments: [
            ("capture request header X-A", "len"), ("capture request header X-A len 0", "'0' at column 33"),
            ("capture cookie len 5", "'5' at column 21: expected len"),
            ("declare capture both len 5", "'both'"),
            ("http-request capture path", "len or id"), ("http-request capture path id 0", "no capture 0"),
            ("http-response capture status len 5", "'len' at column 31: expected id"),
            ("unique-id-header a:b", "'a:b' at column 19"), ("unique-id-format %[status]", "needs an answer"),
        ])
    func refusals(line: String, expected: String) throws {
        let message = try #require(told(line))
        #expect(message.contains(expected), "\(message)")
    }

    @Test("a backend has no places of its own")
    func backendPlaces() throws {
        let message = try #require(told("http-request capture path len 3", section: "backend b"))
        #expect(message.contains("capture … len in a backend"))
    }
}
