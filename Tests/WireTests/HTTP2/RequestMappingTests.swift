import Basics
import Testing

@testable import Wire

/// A request of HTTP/2 looks to the engine like one of HTTP/1.
@Suite("HTTP/2 request mapping")
struct RequestMappingTests {
    /// What the engine sees of a request.
    private struct Seen: Equatable {
        var method = ""
        var target = ""
        var path = ""
        var host = ""
        var scheme = ""
        var framing = BodyFraming.none
        var wantsUpgrade = false
        var expectsContinue = false
        var isHead = false
        var isAsterisk = false
        var hasDotSegments = false
        var kept = ""
        var fields: [String] = []
    }

    private func see(_ fields: [(String, String)], end: Bool = true) throws -> Seen {
        let server = try openServer()
        var seen: Seen?
        server.onNews = { stream, news in
            guard news.contains(.head) else { return }
            seen = look(stream)
        }
        server.receive(Frames.headers(1, fields, end: end))
        return try #require(seen)
    }

    private func look(_ stream: Ref<HTTP2Stream>) -> Seen {
        let head = stream[].head.viewFromBase
        var seen = Seen()
        seen.method = head[stream[].request.method.indices].text
        seen.target = head[stream[].request.target.indices].text
        seen.path = head[stream[].request.path.indices].text
        seen.host = head[stream[].request.host.indices].text
        seen.scheme = head[stream[].scheme.indices].text
        seen.framing = stream[].request.framing
        seen.wantsUpgrade = stream[].request.wantsUpgrade
        seen.expectsContinue = stream[].request.expectsContinue
        seen.isHead = stream[].request.isHead
        seen.isAsterisk = stream[].request.isAsterisk
        seen.hasDotSegments = stream[].request.hasDotSegments
        var buffer = Buffer(capacity: 70_000)
        buffer.write { stream[].request.fields.writeKept(from: head, to: &$0, dropping: HeaderNames()) }
        seen.kept = buffer.view.text
        for i in 0..<stream[].request.fields.count {
            let field = stream[].request.fields[i]
            let name = Int(field.nameStart)..<Int(field.nameStart) + Int(field.nameCount)
            seen.fields.append("\(head[name].text)=\(field.value(in: head).text)")
        }
        return seen
    }

    @Test("method, path, authority and scheme are where HTTP/1's are")
    func pseudoFields() throws {
        let seen = try see(Frames.get + [("accept", "*/*"), ("x-a", "1")])
        #expect(seen.method == "GET")
        #expect(seen.target == "/")
        #expect(seen.path == "/")
        #expect(seen.host == "a.example")
        #expect(seen.scheme == "https")
        #expect(seen.framing == .none)
        #expect(seen.kept == "accept: */*\r\nx-a: 1\r\n")
    }

    @Test("pseudo-header fields may come in any order")
    func anyOrder() throws {
        let seen = try see(Frames.get.reversed())
        #expect(seen.path == "/")
        #expect(seen.host == "a.example")
    }

    @Test("Host stands in for the authority and is not passed on")
    func host() throws {
        let seen = try see([
            (":method", "GET"), (":scheme", "http"), (":path", "/"), ("host", "b.example:8080"),
        ])
        #expect(seen.host == "b.example:8080")
        #expect(seen.kept == "")
    }

    @Test("fields of this hop are kept from the next")
    func hopFields() throws {
        let seen = try see(
            Frames.post + [("te", "trailers"), ("proxy", "x"), ("content-length", "3"), ("x", "y")],
            end: false)
        #expect(seen.kept == "x: y\r\n")
        #expect(seen.framing == .length(3))
    }

    @Test("a body without a length is one of chunks")
    func unknownLength() throws { #expect(try see(Frames.post, end: false).framing == .chunked) }

    @Test(
        "crumbs of a cookie become one line",
        arguments: [
            [("cookie", "a=1"), ("cookie", "b=2"), ("x", "y")],
            [("cookie", "a=1"), ("x", "y"), ("cookie", "b=2")],
        ])
    func crumbs(_ more: [(String, String)]) throws {
        let seen = try see(Frames.get + more)
        #expect(seen.kept.contains("cookie: a=1; b=2\r\n"))
        #expect(seen.kept.contains("x: y\r\n"))
        #expect(seen.kept.ranges(of: "cookie").count == 1)
    }

    @Test("many crumbs with fields between them become one line too")
    func manyCrumbs() throws {
        let more = (0..<60).flatMap { [("cookie", "c\($0)=\($0)"), ("x-\($0)", "\($0)")] }
        let seen = try see(Frames.get + more)
        let joined = (0..<60).map { "c\($0)=\($0)" }.joined(separator: "; ")
        #expect(seen.kept.contains("cookie: \(joined)\r\n"))
        #expect(seen.kept.ranges(of: "cookie").count == 1)
    }

    @Test("what HTTP/1 marks is marked: HEAD, asterisk, dots, Expect")
    func marks() throws {
        let head = try see([
            (":method", "HEAD"), (":scheme", "https"), (":authority", "a"), (":path", "/a/../b"),
        ])
        #expect(head.isHead)
        #expect(head.hasDotSegments)
        let options = try see([
            (":method", "OPTIONS"), (":scheme", "https"), (":authority", "a"), (":path", "*"),
        ])
        #expect(options.isAsterisk)
        #expect(try see(Frames.post + [("expect", "100-continue")], end: false).expectsContinue)
    }

    @Test("a WebSocket becomes the handshake of HTTP/1")
    func webSocket() throws {
        let seen = try see(
            [
                (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":authority", "a"),
                (":path", "/chat"), ("sec-websocket-version", "13"),
            ], end: false)
        #expect(seen.method == "GET")
        #expect(seen.path == "/chat")
        #expect(seen.wantsUpgrade)
        #expect(seen.framing == .none)
        #expect(seen.fields.contains("upgrade=websocket"))
        let key = try #require(seen.fields.first { $0.hasPrefix("sec-websocket-key=") })
        #expect(Base64.decode(String(key.dropFirst(18)))?.count == 16)
    }

    @Test("a head that outgrows its first buffer is whole")
    func largeHead() throws {
        let value = String(repeating: "v", count: 3_000)
        let seen = try see(Frames.get + (0..<4).map { ("x-\($0)", value) })
        #expect(seen.host == "a.example")
        #expect(seen.kept == (0..<4).map { "x-\($0): \(value)\r\n" }.joined())
    }
}
