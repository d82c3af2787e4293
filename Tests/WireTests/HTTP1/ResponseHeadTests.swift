import Testing

@testable import Wire

@Suite("ResponseHead")
struct ResponseHeadTests {
    private func reading(_ lines: String, status: Int = 200, version: String = "1.1") -> ResponseReading {
        ResponseReading("HTTP/\(version) \(status) OK\r\n\(lines)\r\n\r\n")
    }

    @Test(
        "reads status lines",
        arguments: [
            ("HTTP/1.1 200 OK", 200, "OK", 1), ("HTTP/1.0 404 Not Found", 404, "Not Found", 0),
            ("HTTP/1.1 204 ", 204, "", 1), ("HTTP/1.1 204", 204, "", 1), ("HTTP/1.9 100 C", 100, "C", 1),
            ("HTTP/1.1 999 \t x", 999, "\t x", 1), ("HTTP/1.1 200 \u{20AC}", 200, "\u{20AC}", 1),
        ] as [(String, UInt16, String, UInt8)])
    func statusLine(line: String, status: UInt16, reason: String, minor: UInt8) {
        let reading = ResponseReading("\(line)\r\nA: b\r\n\r\n")
        #expect(reading.isComplete)
        #expect(reading.status == status)
        #expect(reading.reason == reason)
        #expect(reading.minorVersion == minor)
    }

    @Test(
        "refuses what is no status line",
        arguments: [
            "HTTP/2 200 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "http/1.1 200 OK\r\n\r\n",
            "HTTP/1.1  200 OK\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n",
            "HTTP/1.1 000 OK\r\n\r\n", "HTTP/1.1 +20 OK\r\n\r\n", "HTTP/1.1 200\n\r\n\r\n",
            "HTTP/1.1 200 OK\n\r\n",
            "HTTP/1.1 200 O\u{0}K\r\n\r\n", "HTTP/1.1 200 OK\rX\r\n\r\n", "HTTP/1.1 200OK\r\n\r\n",
            "HTTP/1.x 200 OK\r\n\r\n", "HTTP/1.1\t200 OK\r\n\r\n", "HTTP/11 200 OK\r\n\r\n",
            "ICY 200 OK\r\n\r\n",
            " HTTP/1.1 200 OK\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 2\u{0}0 OK\r\n\r\n", "X",
            "<html>",
        ])
    func badStatusLine(text: String) {
        #expect(ResponseReading(text).refusal == .badStatusLine)
        let cuts = Array(1..<max(2, text.utf8.count))
        #expect(ResponseReading(text, cuts: cuts).refusal == .badStatusLine)
    }

    @Test("refuses a status line without an end instead of waiting for ever")
    func endlessStatusLine() {
        let text = "HTTP/1.1 200 " + String(repeating: "x", count: 9000)
        #expect(ResponseReading(text).refusal == .badStatusLine)
    }

    @Test(
        "refuses what two readers could delimit differently",
        arguments: [
            (HeadError.badContentLength, "Content-Length: 5\r\nContent-Length: 6"),
            (.badContentLength, "Content-Length: 5, 6"), (.badContentLength, "Content-Length: -5"),
            (.badContentLength, "Content-Length: +5"), (.badContentLength, "Content-Length:"),
            (.badContentLength, "Content-Length: 5x"),
            (.badContentLength, "Content-Length: 9223372036854775808"),
            (.badContentLength, "Content-Length: 5\r\nContent-Length: x"),
            (.unknownTransferEncoding, "Transfer-Encoding: gzip"),
            (.unknownTransferEncoding, "Transfer-Encoding: gzip, chunked"),
            (.unknownTransferEncoding, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
            (.unknownTransferEncoding, "Transfer-Encoding:"), (.bareLineEnd, "A: b\nC: d"),
            (.obsoleteFold, "A: b\r\n c"), (.badHeaderName, "A : b"), (.badHeaderValue, "A: \u{0}"),
        ])
    func refusals(error: HeadError, lines: String) {
        #expect(reading(lines).refusal == error)
    }

    @Test("refuses chunks from a server of HTTP/1.0, which has none")
    func chunksInHTTP10() {
        #expect(reading("Transfer-Encoding: chunked", version: "1.0").refusal == .unknownTransferEncoding)
    }

    @Test(
        "delimits the body",
        arguments: [
            ("A: b", BodyFraming.untilClose, nil), ("Content-Length: 0", .length(0), 0),
            ("Content-Length: 5", .length(5), 5), ("Content-Length: 5\r\ncontent-length: 5", .length(5), 5),
            ("Content-Length: 5, 5", .length(5), 5), ("Content-Length: 5, 05", .length(5), 5),
            ("Transfer-Encoding: Chunked", .chunked, nil),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked", .chunked, nil),
        ] as [(String, BodyFraming, Int64?)])
    func framing(lines: String, framing: BodyFraming, announced: Int64?) {
        let reading = reading(lines)
        #expect(reading.framing == framing)
        #expect(reading.framingForHead == .none)
        #expect(reading.announcedLength == announced)
    }

    @Test("knows the statuses without a body", arguments: [100, 101, 102, 103, 199, 204, 304])
    func bodiless(status: Int) {
        for lines in ["Content-Length: 5", "Transfer-Encoding: chunked", "A: b"] {
            #expect(reading(lines, status: status).framing == .none)
        }
        #expect(reading("Content-Length: 5", status: status).announcedLength == 5)
    }

    @Test("every other status has one", arguments: [200, 201, 203, 205, 206, 303, 305, 400, 404, 500, 999])
    func withBody(status: Int) {
        #expect(reading("Content-Length: 5", status: status).framing == .length(5))
    }

    @Test(
        "is interim below 200, but for 101",
        arguments: [(100, true), (103, true), (101, false), (200, false)])
    func interim(status: Int, isInterim: Bool) {
        #expect(reading("A: b", status: status).isInterim == isInterim)
    }

    @Test(
        "the connection is kept by version, options and framing",
        arguments: [
            ("1.1", "A: b", true), ("1.1", "Connection: close", false),
            ("1.1", "connection: x, CLOSE", false),
            ("1.1", "Connection: upgrade", true), ("1.0", "A: b", false),
            ("1.0", "Connection: keep-alive", true),
            ("1.0", "Connection: keep-alive, close", false), ("1.1", "Transfer-Encoding: chunked", true),
            ("1.1", "Content-Length: 5\r\nTransfer-Encoding: chunked", false),
            ("1.1", "Transfer-Encoding: chunked\r\nContent-Length: 5", false),
        ])
    func keepAlive(version: String, lines: String, isKept: Bool) {
        #expect(reading(lines, version: version).keepsAlive == isKept)
    }

    @Test("passes on what is not of this hop")
    func hopByHop() {
        let lines = """
            Server: x\r\nConnection: close, X-Hop\r\nKeep-Alive: timeout=5\r\nProxy-Connection: close\r\nTE: x\r
            Transfer-Encoding: chunked\r\nUpgrade: h2c\r\nContent-Length: 5\r\nDate: d\r\nx-hop: 1\r\nSet-Cookie: a\r
            Trailer: t
            """
        #expect(reading(lines).kept == ["Server", "Date", "Set-Cookie", "Trailer"])
    }

    static let sound = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer:x\r\nX:\r\n\r\n",
        "HTTP/1.1 200\r\n\r\n",
        "HTTP/1.0 302 Found\r\nLocation: /x\r\nConnection: keep-alive\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=\u{20AC}\r\nSet-Cookie: b\r\n\r\n",
    ]

    @Test("is read alike at every cut, byte by byte, and written anew", arguments: sound)
    func everyCut(text: String) {
        let bytes = Array(text.utf8)
        let whole = ResponseReading(bytes)
        #expect(whole.progress == .complete(count: bytes.count))
        for cut in 1..<bytes.count {
            #expect(ResponseReading(bytes, cuts: [cut]) == whole, "cut at \(cut)")
            #expect(ResponseReading(Array(bytes.prefix(cut))).progress == .incomplete, "\(cut) bytes")
        }
        #expect(ResponseReading(bytes, cuts: Array(1..<bytes.count)) == whole)
        var again = ResponseReading(whole.rewritten)
        again.progress = whole.progress
        #expect(again == whole)
    }
}
