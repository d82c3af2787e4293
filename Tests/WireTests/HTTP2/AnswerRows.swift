@testable import Wire

/// Rows about what a server answers to a client that has asked for `/` on stream 1, with GET or HEAD.
enum AnswerRows {
    private typealias F = Frames
    private static let malformed = ConformanceRow.Outcome.stream(Code.protocolError)
    private static let protocolError = ConformanceRow.Outcome.connection(Code.protocolError)
    private static let ok = F.headers(1, [(":status", "200")], end: false)

    private static func row(
        _ section: String, _ name: String, _ bytes: [UInt8], _ outcome: ConformanceRow.Outcome
    ) -> ConformanceRow { ConformanceRow(section, name, bytes, outcome) }

    private static func answer(_ status: String, _ more: (String, String)..., end: Bool = false) -> [UInt8] {
        F.headers(1, [(":status", status)] + more, end: end)
    }

    static let all = toGet + toHead

    static let toGet = [
        row("8.1", "an answer", ok + F.data(1, "hello", end: true), .accepted),
        row("8.1", "an answer without a body", answer("204", end: true), .accepted),
        row("8.1", "interim answers first", answer("103", ("link", "x")) + answer("100") + ok, .accepted),
        row("8.1", "an interim answer that ends", answer("103", end: true), malformed),
        row("8.1", "DATA behind an interim answer", answer("100") + F.data(1, "x"), malformed),
        row("8.1", "an end behind an interim answer", answer("100") + F.data(1, "", end: true), malformed),
        row("8.1", "DATA without an answer", F.data(1, "x"), protocolError),
        row("8.1", "trailers", ok + F.data(1, "x") + F.headers(1, [("grpc-status", "0")]), .accepted),
        row("8.1", "a second answer", ok + answer("200", end: true), malformed),
        row("8.1", "trailers that do not end", ok + F.headers(1, [("x", "y")], end: false), malformed),
        row("8.3.2", "no status", F.headers(1, [("x", "y")]), malformed),
        row("8.3.2", "two statuses", F.headers(1, [(":status", "200"), (":status", "200")]), malformed),
        row("8.3.2", "a status of two digits", answer("20"), malformed),
        row("8.3.2", "a status of four digits", answer("2000"), malformed),
        row("8.3.2", "a status of letters", answer("abc"), malformed),
        row("8.3.2", "a status below 100", answer("099"), malformed),
        row("8.6", "101", answer("101"), malformed),
        row(
            "8.3", "a pseudo-header field of requests", F.headers(1, [(":status", "200"), (":path", "/")]),
            malformed),
        row("8.3", "a status behind a field", F.headers(1, [("x", "y"), (":status", "200")]), malformed),
        row("8.2.1", "a capital letter", answer("200", ("Server", "x")), malformed),
        row("8.2.1", "LF in a value", answer("200", ("x", "a\nb")), malformed),
        row("8.2.2", "Connection", answer("200", ("connection", "close")), malformed),
        row("8.2.2", "Transfer-Encoding", answer("200", ("transfer-encoding", "chunked")), malformed),
        row(
            "8.1.1", "as long as promised",
            answer("200", ("content-length", "2")) + F.data(1, "hi", end: true), .accepted),
        row(
            "8.1.1", "shorter than promised",
            answer("200", ("content-length", "3")) + F.data(1, "hi", end: true), malformed),
        row(
            "8.1.1", "longer than promised", answer("200", ("content-length", "1")) + F.data(1, "hi"),
            malformed),
        row(
            "8.1.1", "nothing instead of something", answer("200", ("content-length", "1"), end: true),
            malformed),
        row("8.1.1", "a body with 204", answer("204") + F.data(1, "x"), malformed),
        row("8.1.1", "a body with 304", answer("304", ("content-length", "9")) + F.data(1, "x"), malformed),
        row(
            "8.1.1", "304 with the length it would have", answer("304", ("content-length", "9"), end: true),
            .accepted),
        row("8.1.1", "a bad length", answer("200", ("content-length", "x")), .refused(.badContentLength)),
        row(
            "8.1.1", "different lengths",
            answer("200", ("content-length", "1"), ("content-length", "2")), .refused(.badContentLength)),
        row(
            "6.5.2", "too many fields",
            F.headers(1, [(":status", "200")] + (0..<129).map { ("x-\($0)", "v") }, end: false),
            .refused(.tooManyHeaders)),
        row("8.4", "a push", ok + F.frame(.pushPromise, 4, 1, [0, 0, 0, 2] + F.block(F.get)), protocolError),
        row("5.1.1", "HEADERS of a stream nobody opened", F.headers(5, [(":status", "200")]), protocolError),
        row("5.1.1", "HEADERS of an even stream", F.headers(2, [(":status", "200")]), protocolError),
        row(
            "5.1", "DATA behind the end", answer("200", end: true) + F.data(1, "x"),
            .connection(Code.streamClosed)),
        row("6.5.2", "ENABLE_PUSH 1 of a server", F.frame(.settings, 0, 0, F.setting(2, 1)), protocolError),
        row(
            "8441", "ENABLE_CONNECT_PROTOCOL taken back",
            F.frame(.settings, 0, 0, F.setting(8, 1)) + F.frame(.settings, 0, 0, F.setting(8, 0)),
            protocolError),
        row(
            "6.8", "GOAWAY of a larger stream than before",
            F.frame(.goaway, 0, 0, F.word(1) + F.word(0)) + F.frame(.goaway, 0, 0, F.word(3) + F.word(0)),
            protocolError),
    ]

    static let toHead = [
        row(
            "8.1.1", "HEAD: no body and a length", answer("200", ("content-length", "9"), end: true),
            .accepted),
        row(
            "8.1.1", "HEAD: an empty end", answer("200", ("content-length", "9")) + F.data(1, "", end: true),
            .accepted),
        row("8.1.1", "HEAD: a body", answer("200") + F.data(1, "x"), malformed),
    ]
}
