import Testing

@testable import Admin

private func reply(_ request: ControlRequest) -> ControlResponse { .text("you asked \(request.path)\n") }

private func text(_ connection: ControlConnection) -> String {
    String(decoding: connection.unsent, as: UTF8.self)
}

private func fed(_ bytes: String) -> ControlConnection {
    var connection = ControlConnection(now: 0)
    connection.receive(bytes.utf8, now: 0, answer: reply)
    return connection
}

@Suite("A control connection")
struct ControlConnectionTests {
    @Test("a request that arrives byte by byte is answered once it is complete")
    func pieces() {
        var connection = ControlConnection(now: 0)
        for byte in "GET /livez HTTP/1.1\r\nHost: a\r\n\r".utf8 {
            connection.receive([byte], now: 1, answer: reply)
            #expect(!connection.hasOutput)
        }
        connection.receive("\n".utf8, now: 1, answer: reply)
        #expect(text(connection).hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text(connection).hasSuffix("\r\n\r\nyou asked /livez\n"))
        #expect(!connection.isEnded)
    }

    @Test("the next of two pipelined requests is answered after the first answer has gone")
    func pipelining() {
        var connection = fed(
            "GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(text(connection).hasSuffix("you asked /a\n"))
        connection.advance(connection.unsent.count, now: 0, answer: reply)
        #expect(text(connection).hasSuffix("you asked /b\n"))
        #expect(text(connection).contains("Connection: close\r\n"))
        connection.advance(connection.unsent.count, now: 0, answer: reply)
        #expect(connection.isEnded)
    }

    @Test("a HEAD has the length but not the body")
    func head() {
        let connection = fed("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(text(connection).contains("Content-Length: 13\r\n"))
        #expect(text(connection).hasSuffix("\r\n\r\n"))
    }

    @Test("an HTTP/1.0 probe without a Host is answered and left")
    func oldProbe() {
        var connection = fed("GET /livez HTTP/1.0\r\n\r\n")
        #expect(text(connection).hasPrefix("HTTP/1.1 200 "))
        connection.advance(connection.unsent.count, now: 0, answer: reply)
        #expect(connection.isEnded)
    }

    @Test(
        "what is not a plain read is refused and the connection ends",
        arguments: [
            ("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405),
            ("GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", 413),
            ("GET /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 413),
            ("GET /a HTTP/1.1\r\n\r\n", 400), ("GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
            ("GET /a HTTP/2.0\r\n\r\n", 505), ("\u{16}\u{3}\u{1}\r\n\r\n", 400),
            ("GET /a HTTP/1.1\r\nX: " + String(repeating: "a", count: 17_000), 431),
        ])
    func refusals(bytes: String, status: Int) {
        var connection = fed(bytes)
        #expect(text(connection).hasPrefix("HTTP/1.1 \(status) "))
        connection.advance(connection.unsent.count, now: 0, answer: reply)
        #expect(connection.isEnded)
    }

    @Test("a client has five seconds for a head, however slowly it drips, and a minute between requests")
    func deadlines() {
        var connection = ControlConnection(now: 0)
        connection.receive("GET ".utf8, now: 1_000, answer: reply)
        connection.receive("/a".utf8, now: 5_000, answer: reply)
        #expect(connection.deadline == 6_000)
        connection.receive(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8, now: 5_500, answer: reply)
        connection.advance(1, now: 6_000, answer: reply)
        #expect(connection.deadline == 6_000 + ControlConnection.sendLimit)
        connection.advance(connection.unsent.count, now: 7_000, answer: reply)
        #expect(connection.deadline == 7_000 + ControlConnection.idleLimit)
    }
}

@Suite("A control request")
struct ControlRequestTests {
    @Test(
        "the query is decoded",
        arguments: [
            ("/a?verbose", ["verbose": ""]), ("/a?b=c&d=%20e+f", ["b": "c", "d": " e f"]),
            ("/a?b=1&b=2", ["b": "2"]),
            ("/a?b=%zz%4", ["b": "%zz%4"]), ("/a?b=%+1", ["b": "% 1"]), ("/a", [:]), ("/a?", [:]),
            ("/a?%C3%A9=1", ["é": "1"]),
        ])
    func query(target: String, expected: [String: String]) {
        #expect(ControlRequest(target: target).query == expected)
        #expect(ControlRequest(target: target).path == "/a")
    }
}
