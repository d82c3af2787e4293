import Model
import Testing

@Suite("Error pages")
struct ErrorPageTests {
    private func read(_ text: String) throws(ErrorPageFlaw) -> ErrorPage {
        try ErrorPage(file: Array(text.utf8))
    }

    private func flaw(_ text: String) -> ErrorPageFlaw? {
        do {
            _ = try read(text)
            return nil
        } catch {
            return error
        }
    }

    // Debian's /etc/haproxy/errors/503.http.
    private static let debian = """
        HTTP/1.0 503 Service Unavailable
        Cache-Control: no-cache
        Connection: close
        Content-Type: text/html

        <html><body><h1>503 Service Unavailable</h1>
        No server is available to handle this request.
        </body></html>

        """

    @Test("HAProxy's own files are read, with either end of lines", arguments: ["\n", "\r\n"])
    func debian(end: String) throws {
        let text = Self.debian.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: end)
        let page = try read(text)
        #expect(page.status == 503)
        #expect(page.reason == "Service Unavailable")
        #expect(page.fields == [.init("Cache-Control", "no-cache"), .init("Content-Type", "text/html")])
        #expect(String(decoding: page.body, as: UTF8.self).hasPrefix("<html><body><h1>503"))
    }

    @Test("bodies are bytes, and may be missing")
    func bodies() throws {
        let page = try ErrorPage(file: Array("HTTP/1.1 200\r\nX: \t a b \t\r\n\r\n".utf8) + [0, 255, 10, 13])
        #expect(page.body == [0, 255, 10, 13])
        #expect(page.reason == "")
        #expect(page.fields == [.init("X", "a b")])
        #expect(try read("HTTP/1.1 404 Not here, no\n\n").body == [])
    }

    @Test("a length must be the body's; it and the connection's fields are not kept")
    func length() throws {
        let page = try read("HTTP/1.1 500 x\nContent-Length: 2\nKeep-Alive: 5\nproxy-connection: x\n\nab")
        #expect(page.fields == [])
        #expect(flaw("HTTP/1.1 500 x\nContent-Length: 3\n\nab") == .badLength)
        #expect(flaw("HTTP/1.1 500 x\nContent-Length: 2\nContent-Length: 3\n\nab") == .badLength)
        #expect(flaw("HTTP/1.1 500 x\nContent-Length: -2\n\nab") == .badLength)
        #expect(flaw("HTTP/1.1 500 x\nTransfer-Encoding: chunked\n\n0\n\n") == .encoded)
    }

    @Test(
        "what is no answer is refused",
        arguments: [
            ("", .noEnd), ("HTTP/1.1 500 x\n", .noEnd), ("HTTP/1.1 500 x\nA: b\n", .noEnd),
            ("<html>\n\n", .badStatusLine), ("HTTP/2 500 x\n\n", .badStatusLine),
            ("HTTP/1.1\n\n", .badStatusLine),
            ("HTTP/1.1 5000 x\n\n", .badStatus), ("HTTP/1.1 +50 x\n\n", .badStatus),
            ("HTTP/1.1 101 x\n\n", .badStatus), ("HTTP/1.1 999 x\n\n", .badStatus),
            ("HTTP/1.1 500 a\u{7}b\n\n", .badStatusLine),
            ("HTTP/1.1 500 x\nnothing\n\n", .badField("nothing")),
            ("HTTP/1.1 500 x\na b: c\n\n", .badField("a b")), ("HTTP/1.1 500 x\n: c\n\n", .badField("")),
            ("HTTP/1.1 500 x\na: c\rd: e\n\n", .badField("a")),
        ] as [(String, ErrorPageFlaw)])
    func refused(text: String, expected: ErrorPageFlaw) { #expect(flaw(text) == expected) }

    @Test("long pages are refused, and those that could break a head")
    func flaws() {
        let long = [UInt8](repeating: 120, count: ErrorPage.longest + 1)
        #expect(ErrorPage(status: 503, contentType: "text/plain", body: long).flaw == .tooLong)
        #expect(flaw("HTTP/1.1 500 x\n\n" + String(repeating: "x", count: ErrorPage.longest)) == .tooLong)
        let broken = ErrorPage(status: 503, contentType: "text/html\r\nX: y", body: [])
        #expect(broken.flaw == .badField("Content-Type"))
        #expect(ErrorPage(status: 100, contentType: "a/b", body: []).flaw == .badStatus)
        #expect(ErrorPage(status: 503, contentType: "a/b", body: []).flaw == nil)
        #expect(ErrorPage(redirecting: 303, to: "https://sorry.example/\n").flaw == .badField("Location"))
    }

    @Test("random bytes never trap")
    func random() {
        var seed: UInt64 = 3
        for _ in 0..<2_000 {
            var text = Array("HTTP/1.1 503 x\nA: b\n\nbody".utf8)
            for _ in 0..<4 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1
                text[Int(seed >> 40) % text.count] = UInt8(truncatingIfNeeded: seed >> 32)
            }
            _ = try? ErrorPage(file: text)
        }
    }
}
