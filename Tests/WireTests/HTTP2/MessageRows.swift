@testable import Wire

/// Rows about messages (RFC 9113 8) that a client sends to a server.
enum MessageRows {
    private typealias F = Frames
    private static let malformed = ConformanceRow.Outcome.stream(Code.protocolError)
    private static let openPost = F.headers(1, F.post, end: false)

    private static func row(
        _ section: String, _ name: String, _ bytes: [UInt8], _ outcome: ConformanceRow.Outcome
    ) -> ConformanceRow { ConformanceRow(section, name, bytes, outcome) }

    /// A GET with `more` behind its fields.
    private static func get(_ more: (String, String)...) -> [UInt8] { F.headers(1, F.get + more) }

    /// A request of these fields.
    private static func only(_ fields: (String, String)...) -> [UInt8] { F.headers(1, fields) }

    /// A POST with a Content-Length, open.
    private static func post(_ length: String) -> [UInt8] {
        F.headers(1, F.post + [("content-length", length)], end: false)
    }

    private static func requestTo(_ path: String, method: String = "GET") -> [UInt8] {
        only((":method", method), (":scheme", "https"), (":authority", "a"), (":path", path))
    }

    static let all = messages + fields + pseudo + hosts + connect + lengths

    static let messages = [
        row("8.1", "trailers", openPost + F.data(1, "x") + F.headers(1, [("x-sum", "1")]), .accepted),
        row("8.1", "trailers without a body", openPost + F.headers(1, [("x-sum", "1")]), .accepted),
        row(
            "8.1", "trailers that do not end", openPost + F.headers(1, [("x-sum", "1")], end: false),
            malformed),
        row("8.1", "a pseudo-header field in trailers", openPost + F.headers(1, [(":path", "/")]), malformed),
        row(
            "8.1", "a connection field in trailers", openPost + F.headers(1, [("connection", "x")]), malformed
        ),
        row("8.1", "a capital letter in trailers", openPost + F.headers(1, [("X", "1")]), malformed),
        row(
            "8.1", "trailers beyond their size",
            openPost + F.headers(1, [("x", String(repeating: "a", count: 9_000))]), malformed),
    ]

    static let fields = [
        row("8.2", "an empty value", get(("x", "")), .accepted),
        row("8.2", "a value with blanks and a tab", get(("x", "a \t b")), .accepted),
        row("8.2", "bytes beyond ASCII in a value", get(("x", "ä")), .accepted),
        row("8.2", "all kinds of token bytes in a name", get(("!#$%&'*+-.^_`|~09az", "v")), .accepted),
        row("8.2.1", "a capital letter", get(("Accept", "x")), malformed),
        row("8.2.1", "a capital letter behind eight others", get(("x-abcdefgH", "x")), malformed),
        row("8.2.1", "an empty name", get(("", "x")), malformed),
        row("8.2.1", "a blank in a name", get(("a b", "x")), malformed),
        row("8.2.1", "a colon in a name", get(("a:b", "x")), malformed),
        row("8.2.1", "DEL in a name", get(("a\u{7F}", "x")), malformed),
        row("8.2.1", "a byte beyond ASCII in a name", get(("ä", "x")), malformed),
        row("8.2.1", "NUL in a value", get(("x", "a\0b")), malformed),
        row("8.2.1", "LF in a value", get(("x", "a\nx: y")), malformed),
        row("8.2.1", "CR in a value", get(("x", "a\rb")), malformed),
        row("8.2.1", "a control in a value", get(("x", "a\u{1}")), malformed),
        row("8.2.1", "a blank before a value", get(("x", " a")), malformed),
        row("8.2.1", "a blank behind a value", get(("x", "a ")), malformed),
        row("8.2.1", "a tab behind a value", get(("x", "a\t")), malformed),
        row("8.2.1", "LF in a path", requestTo("/a\nb"), malformed),
        row("8.2.1", "LF in a crumb of a cookie", get(("cookie", "a=1"), ("cookie", "b\n=2")), malformed),
        row("8.2.2", "Connection", get(("connection", "close")), malformed),
        row("8.2.2", "Keep-Alive", get(("keep-alive", "timeout=5")), malformed),
        row("8.2.2", "Proxy-Connection", get(("proxy-connection", "keep-alive")), malformed),
        row("8.2.2", "Transfer-Encoding", get(("transfer-encoding", "chunked")), malformed),
        row("8.2.2", "Upgrade", get(("upgrade", "h2c")), malformed),
        row("8.2.2", "TE with trailers", get(("te", "trailers")), .accepted),
        row("8.2.2", "TE with more", get(("te", "trailers, deflate")), malformed),
        row("8.2.3", "a cookie in crumbs", get(("cookie", "a=1"), ("cookie", "b=2")), .accepted),
        row(
            "6.5.2", "more fields than HTTP/1 may have",
            F.headers(1, F.get + (0..<129).map { ("x-\($0)", "v") }), .refused(.tooManyHeaders)),
        row(
            "6.5.2", "more bytes than HTTP/1 may have",
            F.headers(
                1, F.get + (0..<3).map { ("x-\($0)", String(repeating: "a", count: 4_000)) }, end: false)
                + F.data(1, "", end: true),
            .accepted),
        row(
            "6.5.2", "a name beyond 255 bytes", get((String(repeating: "n", count: 256), "v")),
            .refused(.headTooLong)),
    ]

    private static let tooLongPath: [UInt8] = {
        let path = "/" + String(repeating: "a", count: 33_000)
        let block = F.block(F.get.dropLast() + [(":path", path)])
        return F.frame(.headers, 1, 1, Array(block.prefix(16_000)))
            + F.frame(.continuation, 0, 1, Array(block.dropFirst(16_000).prefix(16_000)))
            + F.frame(.continuation, 4, 1, Array(block.dropFirst(32_000)))
    }()

    static let pseudo = [
        row("8.3", "an unknown one", F.headers(1, F.get + [(":foo", "x")]), malformed),
        row("8.3", "one of answers", F.headers(1, F.get + [(":status", "200")]), malformed),
        row(
            "8.3", "behind a field",
            only((":method", "GET"), (":scheme", "https"), ("x", "y"), (":path", "/")), malformed),
        row("8.3", "a colon alone", F.headers(1, F.get + [(":", "x")]), malformed),
        row("8.3.1", "no method", only((":scheme", "https"), (":authority", "a"), (":path", "/")), malformed),
        row("8.3.1", "no scheme", only((":method", "GET"), (":authority", "a"), (":path", "/")), malformed),
        row(
            "8.3.1", "no path", only((":method", "GET"), (":scheme", "https"), (":authority", "a")), malformed
        ),
        row("8.3.1", "nothing at all", only(), malformed),
        row("8.3.1", "two methods", F.headers(1, F.get + [(":method", "GET")]), malformed),
        row("8.3.1", "two paths", F.headers(1, F.get + [(":path", "/")]), malformed),
        row("8.3.1", "two schemes", F.headers(1, F.get + [(":scheme", "https")]), malformed),
        row("8.3.1", "two authorities", F.headers(1, F.get + [(":authority", "b")]), malformed),
        row("8.3.1", "an empty path", requestTo(""), malformed),
        row("8.3.1", "a path without its slash", requestTo("index.html"), malformed),
        row("8.3.1", "a whole URL for a path", requestTo("https://a/"), malformed),
        row("8.3.1", "an asterisk for OPTIONS", requestTo("*", method: "OPTIONS"), .accepted),
        row("8.3.1", "an asterisk for GET", requestTo("*"), malformed),
        row("8.3.1", "a fragment", requestTo("/a#b"), .refused(.badTarget)),
        row("8.3.1", "a blank in a path", requestTo("/a b"), .refused(.badTarget)),
        row("8.3.1", "a byte beyond ASCII in a path", requestTo("/ä"), .refused(.badTarget)),
        row(
            "8.3.1", "a path beyond a head's size", tooLongPath,
            .refused(.targetTooLong)),
        row("8.3.1", "a method that is no token", requestTo("/", method: "GE(T"), .refused(.badMethod)),
        row(
            "8.3.1", "a method beyond 32 bytes", requestTo("/", method: String(repeating: "A", count: 33)),
            .refused(.badMethod)),
        row(
            "8.3.1", "another scheme",
            only((":method", "GET"), (":scheme", "ftp"), (":authority", "a"), (":path", "/")),
            .refused(.badTarget)),
    ]

    static let hosts = [
        row(
            "8.3.1", "Host instead of an authority",
            only((":method", "GET"), (":scheme", "http"), (":path", "/"), ("host", "a")), .accepted),
        row(
            "8.3.1", "neither", only((":method", "GET"), (":scheme", "http"), (":path", "/")),
            .refused(.missingHost)),
        row("8.3.1", "both the same", get(("host", "a.example")), .accepted),
        row("8.3.1", "both the same but for case", get(("host", "A.Example")), .accepted),
        row("8.3.1", "both the same but for the usual port", get(("host", "a.example:443")), .accepted),
        row(
            "8.3.1", "both the same but for another port", get(("host", "a.example:80")),
            .refused(.severalHosts)),
        row("8.3.1", "both, different", get(("host", "b.example")), .refused(.severalHosts)),
        row("8.3.1", "two Hosts", get(("host", "a.example"), ("host", "a.example")), .refused(.severalHosts)),
        row(
            "8.3.1", "a user in the authority",
            only((":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "u@a")),
            .refused(.badHost)),
        row(
            "8.3.1", "an authority that is no host",
            only((":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a/b")),
            .refused(.badHost)),
        row(
            "8.3.1", "an empty authority",
            only((":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "")), malformed),
    ]

    private static let webSocket = [
        (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":authority", "a"),
        (":path", "/chat"),
    ]

    static let connect = [
        row(
            "8.5", "CONNECT", only((":method", "CONNECT"), (":authority", "a:443")),
            .refused(.unsupportedMethod)),
        row(
            "8.5", "CONNECT with a path",
            only((":method", "CONNECT"), (":authority", "a:443"), (":path", "/")), malformed),
        row(
            "8.5", "CONNECT with a scheme",
            only((":method", "CONNECT"), (":authority", "a"), (":scheme", "https")), malformed),
        row("8.5", "CONNECT without an authority", only((":method", "CONNECT")), malformed),
        row("8441", "a WebSocket", F.headers(1, webSocket, end: false), .accepted),
        row(
            "8441", "another protocol",
            F.headers(1, webSocket.filter { $0.0 != ":protocol" } + [(":protocol", "x")], end: false),
            .refused(.unsupportedMethod)),
        row(
            "8441", "a protocol without CONNECT", F.headers(1, F.get + [(":protocol", "websocket")]),
            malformed),
        row("8441", "a WebSocket without a path", F.headers(1, webSocket.dropLast(), end: false), malformed),
        row(
            "8441", "a WebSocket without an authority",
            F.headers(1, webSocket.filter { $0.0 != ":authority" }, end: false), malformed),
        row(
            "8441", "a protocol that is no token",
            F.headers(1, webSocket.filter { $0.0 != ":protocol" } + [(":protocol", "a b")], end: false),
            malformed),
    ]

    static let lengths = [
        row("8.1.1", "as promised", post("5") + F.data(1, "hello", end: true), .accepted),
        row("8.1.1", "in two frames", post("5") + F.data(1, "he") + F.data(1, "llo", end: true), .accepted),
        row(
            "8.1.1", "an end of its own", post("5") + F.data(1, "hello") + F.data(1, "", end: true), .accepted
        ),
        row(
            "8.1.1", "trailers for an end", post("2") + F.data(1, "he") + F.headers(1, [("x", "y")]),
            .accepted),
        row("8.1.1", "less than promised", post("6") + F.data(1, "hello", end: true), malformed),
        row(
            "8.1.1", "less, with trailers", post("6") + F.data(1, "hello") + F.headers(1, [("x", "y")]),
            malformed),
        row("8.1.1", "more than promised", post("4") + F.data(1, "hello", end: true), malformed),
        row("8.1.1", "something instead of nothing", post("0") + F.data(1, "x"), malformed),
        row("8.1.1", "nothing as promised", get(("content-length", "0")), .accepted),
        row("8.1.1", "nothing instead of something", get(("content-length", "1")), malformed),
        row("8.1.1", "no number", post("five"), .refused(.badContentLength)),
        row("8.1.1", "a sign", post("+5"), .refused(.badContentLength)),
        row("8.1.1", "beyond 63 bits", post("9223372036854775808"), .refused(.badContentLength)),
        row("8.1.1", "a list", post("5, 5"), .refused(.severalContentLengths)),
        row(
            "8.1.1", "two",
            F.headers(1, F.post + [("content-length", "5"), ("content-length", "5")], end: false),
            .refused(.severalContentLengths)),
    ]
}
