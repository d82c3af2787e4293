import Basics
import Testing

@testable import Wire

@Suite("What a request's fields mean")
struct RequestMeaningTests {
    private func reading(_ lines: String, version: String = "1.1") -> RequestReading {
        RequestReading("POST /x HTTP/\(version)\r\nHost: a\r\n\(lines)\r\n\r\n")
    }

    @Test(
        "a length is the body's, to the largest that can be counted",
        arguments: [
            ("Content-Length: 0", 0), ("Content-Length: 5", 5), ("content-length:007", 7),
            ("CONTENT-LENGTH: \t42 ", 42), ("Content-Length: 9223372036854775807", Int64.max),
        ])
    func length(line: String, length: Int64) {
        #expect(reading(line).framing == .length(length))
        #expect(reading(line, version: "1.0").framing == .length(length))
    }

    @Test("chunked in any case is chunked", arguments: ["chunked", "Chunked", "CHUNKED", " chunked\t"])
    func chunked(value: String) {
        #expect(reading("Transfer-Encoding:\(value)").framing == .chunked)
    }

    @Test("neither framing is no body")
    func noBody() { #expect(reading("N: v").framing == .none) }

    @Test(
        "the connection is kept by version and options",
        arguments: [
            ("1.1", "N: v", true), ("1.1", "Connection: close", false), ("1.1", "Connection: CLOSE", false),
            ("1.1", "Connection: keep-alive, close", false), ("1.1", "Connection: ,, close ,", false),
            ("1.1", "Connection: keep-alive\r\nConnection: close", false),
            ("1.1", "Connection: closed", true), ("1.1", "Connection:", true), ("1.1", "Connection: x", true),
            ("1.0", "N: v", false), ("1.0", "Connection: keep-alive", true),
            ("1.0", "Connection: Keep-Alive", true), ("1.0", "Connection: keep-alive, close", false),
            ("1.0", "Connection: x", false),
        ])
    func keepAlive(version: String, lines: String, isKept: Bool) {
        #expect(reading(lines, version: version).keepsAlive == isKept)
    }

    @Test(
        "an upgrade needs the option, the field and HTTP/1.1",
        arguments: [
            ("1.1", "Connection: upgrade\r\nUpgrade: websocket", true),
            ("1.1", "Upgrade: x, y\r\nConnection: x, UPGRADE", true),
            ("1.1", "Upgrade: h2c\r\nConnection: upgrade", false),
            ("1.1", "Upgrade: websocket, H2C\r\nConnection: upgrade", false),
            ("1.1", "Upgrade: websocket", false), ("1.1", "Connection: upgrade", false),
            ("1.1", "Connection: upgrade\r\nUpgrade:", false),
            ("1.0", "Connection: upgrade\r\nUpgrade: websocket", false),
        ])
    func upgrade(version: String, lines: String, isWanted: Bool) {
        #expect(reading(lines, version: version).wantsUpgrade == isWanted)
    }

    @Test(
        "only 100-continue is an expectation",
        arguments: [
            ("Expect: 100-continue", true), ("expect:100-CONTINUE", true), ("Expect: 100", false),
            ("Expect:", false), ("Expect: 100-continue, x", false), ("N: 100-continue", false),
        ])
    func expectation(line: String, isExpected: Bool) {
        #expect(reading(line).expectsContinue == isExpected)
    }

    @Test(
        "fields of this hop are not passed on",
        arguments: [
            "Connection: close", "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "TE: trailers",
            "Transfer-Encoding: chunked", "Upgrade: h2c", "Content-Length: 5", "Proxy: http://evil/",
            "pRoXy: x",
        ])
    func hopByHop(line: String) {
        let reading = reading("A: 1\r\n\(line)\r\nB: 2")
        #expect(reading.isComplete)
        #expect(reading.kept == ["A", "B"])
    }

    @Test(
        "other fields are passed on",
        arguments: [
            "Accept: x", "Cookie: x", "Authorization: x", "Trailer: x", "Date: x", "Server: x",
            "X-Real-IP: x",
            "Expect: 100-continue", "Proxy-Authorization: x", "Connections: x",
        ])
    func endToEnd(line: String) {
        #expect(reading(line).kept == [String(line.prefix { $0 != ":" })])
    }

    @Test(
        "fields that Connection names are not passed on",
        arguments: [
            "Connection: x-hop, Y-Hop", "connection:X-HOP,y-hop", "Connection: x-hop\r\nConnection: y-hop",
        ])
    func named(lines: String) {
        let reading = reading("X-Hop: 1\r\n\(lines)\r\nX-Hops: 2\r\ny-hop: 3\r\nx-hop: 4\r\nX-Ho: 5")
        #expect(reading.kept == ["X-Hops", "X-Ho"])
    }

    @Test(
        "Connection can not take away what carries the meaning",
        arguments: ["host", "content-length", "Host, Content-Length", "content-length, close"])
    func meaningStays(options: String) {
        let reading = reading("Connection: \(options)\r\nContent-Length: 5")
        #expect(reading.host == "a")
        #expect(reading.framing == .length(5))
        let chunked = self.reading("Connection: transfer-encoding\r\nTransfer-Encoding: chunked")
        #expect(chunked.framing == .chunked)
    }

    @Test(
        "a list gives its elements without blanks and empty ones",
        arguments: [
            ("", []), (",", []), (" , ,\t", []), ("a", ["a"]), ("a,b", ["a", "b"]), (" a , b\t", ["a", "b"]),
            (",a,,b,", ["a", "b"]), ("a b", ["a b"]), ("a;q=1, b", ["a;q=1", "b"]),
        ] as [(String, [String])])
    func lists(value: String, elements: [String]) {
        let found = value.withView { view -> [String] in
            var list = CommaList(view)
            var found: [String] = []
            while let element = list.next() { found.append(element.text) }
            return found
        }
        #expect(found == elements)
        #expect(value.withView { CommaList.first($0).text } == elements.first ?? "")
    }
}
