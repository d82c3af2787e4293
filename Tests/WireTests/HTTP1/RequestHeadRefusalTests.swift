import Testing

@testable import Wire

/// A request head and what must be said of it.
struct RequestCase: CustomTestStringConvertible, Sendable {
    let text: String
    let error: HeadError
    var testDescription: String { "\(error): \(text.prefix(80).debugDescription)" }

    init(_ error: HeadError, _ text: String) { (self.text, self.error) = (text, error) }

    /// A field line within an otherwise sound request.
    init(_ error: HeadError, line: String) {
        self.init(error, "GET / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n")
    }
}

@Suite("RequestHead refuses")
struct RequestHeadRefusalTests {
    static let requestLines: [RequestCase] = [
        RequestCase(.badMethod, " GET / HTTP/1.1\r\n"),
        RequestCase(.badMethod, "GE\u{0}T / HTTP/1.1\r\n"),
        RequestCase(.badMethod, "G(T / HTTP/1.1\r\n"),
        RequestCase(.badMethod, "GET\t/ HTTP/1.1\r\n"),
        RequestCase(.badMethod, "GÉT / HTTP/1.1\r\n"),
        RequestCase(.badMethod, String(repeating: "A", count: 33) + " / HTTP/1.1\r\n"),
        RequestCase(.badMethod, String(repeating: "A", count: 34)),
        RequestCase(.bareLineEnd, "\n"),
        RequestCase(.bareLineEnd, "GET\r\n"),
        RequestCase(.bareLineEnd, "GET\n"),
        RequestCase(.badTarget, "GET  / HTTP/1.1\r\n"),
        RequestCase(.badTarget, "GET \r\n"),
        RequestCase(.badTarget, "GET /\r\n"),
        RequestCase(.badTarget, "GET /\n"),
        RequestCase(.badTarget, "GET /a\tb HTTP/1.1\r\n"),
        RequestCase(.badTarget, "GET /a\u{0}b HTTP/1.1\r\n"),
        RequestCase(.badTarget, "GET /a\u{7F} HTTP/1.1\r\n"),
        RequestCase(.badTarget, "GET /é HTTP/1.1\r\n"),
        RequestCase(.badTarget, "GET /a#b HTTP/1.1\r\n"),
        RequestCase(.badVersion, "GET / \r\nHost: a\r\n\r\n"),
        RequestCase(.badVersion, "GET /  HTTP/1.1\r\n"),
        RequestCase(.badVersion, "GET / http/1.1\r\n"),
        RequestCase(.badVersion, "GET / HTTP/1.1 \r\n"),
        RequestCase(.badVersion, "GET / HTTP/11\r\n\r\n"),
        RequestCase(.badVersion, "GET / HTTP/1.10\r\n"),
        RequestCase(.badVersion, "GET / HTTP/1.x\r\n"),
        RequestCase(.badVersion, "GET / HTTP/0.9\r\n"),
        RequestCase(.badVersion, "GET / HTTP/1.1\rHost"),
        RequestCase(.badVersion, "GET /a b HTTP/1.1\r\n"),
        RequestCase(.badVersion, "GET / S"),
        RequestCase(.unsupportedVersion, "GET / HTTP/2.0\r\n"),
        RequestCase(.unsupportedVersion, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        RequestCase(.unsupportedVersion, "GET / HTTP/3.1\r\n"),
        RequestCase(.bareLineEnd, "GET / HTTP/1.1\nHost: a\n\n"),
        RequestCase(
            .targetTooLong, "GET /" + String(repeating: "a", count: 60_000) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]

    @Test("request lines that are none", arguments: requestLines)
    func requestLine(example: RequestCase) {
        #expect(RequestReading(example.text).refusal == example.error)
    }

    static let fieldLines: [RequestCase] = [
        RequestCase(.badHeaderName, line: "Na me: x"),
        RequestCase(.badHeaderName, line: "Name : x"),
        RequestCase(.badHeaderName, line: "Name\t: x"),
        RequestCase(.badHeaderName, line: ": x"),
        RequestCase(.badHeaderName, line: "Name"),
        RequestCase(.badHeaderName, line: "Na\u{0}me: x"),
        RequestCase(.badHeaderName, line: "Na\u{7F}me: x"),
        RequestCase(.badHeaderName, line: "Naïve: x"),
        RequestCase(.badHeaderName, line: "(Name): x"),
        RequestCase(.badHeaderName, line: "\u{1}: x"),
        RequestCase(.badHeaderValue, line: "Name: a\u{0}b"),
        RequestCase(.badHeaderValue, line: "Name: a\u{1}b"),
        RequestCase(.badHeaderValue, line: "Name: a\u{B}b"),
        RequestCase(.badHeaderValue, line: "Name: a\u{1F}"),
        RequestCase(.badHeaderValue, line: "Name: \u{7F}"),
        RequestCase(.badHeaderValue, line: "Name: a long value before the byte that is wrong \u{8}"),
        RequestCase(.bareLineEnd, line: "Name: a\nOther: b"),
        RequestCase(.bareLineEnd, line: "Name: a\rOther: b"),
        RequestCase(.bareLineEnd, line: "Name:\n"),
        RequestCase(.bareLineEnd, line: "Name: a\r\r\n"),
        RequestCase(.obsoleteFold, line: "Name: a\r\n b"),
        RequestCase(.obsoleteFold, line: "Name: a\r\n\tb"),
        RequestCase(.obsoleteFold, line: "Name:\r\n b"),
        RequestCase(.obsoleteFold, line: "Name: a\r\n "),
        RequestCase(.headTooLong, line: String(repeating: "n", count: 256) + ": x"),
        RequestCase(.headTooLong, line: "Name: " + String(repeating: "x", count: 65_000)),
        RequestCase(.bareLineEnd, "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        RequestCase(.bareLineEnd, "GET / HTTP/1.1\r\n\n"),
        RequestCase(.bareLineEnd, "GET / HTTP/1.1\r\nHost: a\r\n\rX"),
        RequestCase(.obsoleteFold, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        RequestCase(.obsoleteFold, "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n"),
    ]

    @Test("header lines that two readers could take differently", arguments: fieldLines)
    func fieldLine(example: RequestCase) {
        #expect(RequestReading(example.text).refusal == example.error)
    }

    static let framings: [RequestCase] = [
        RequestCase(
            .contentLengthAndTransferEncoding, line: "Content-Length: 5\r\nTransfer-Encoding: chunked"),
        RequestCase(
            .contentLengthAndTransferEncoding, line: "Transfer-Encoding: chunked\r\nContent-Length: 0"),
        RequestCase(.contentLengthAndTransferEncoding, line: "transfer-encoding: x\r\ncontent-length: x"),
        RequestCase(.severalContentLengths, line: "Content-Length: 5\r\nContent-Length: 5"),
        RequestCase(.severalContentLengths, line: "Content-Length: 5\r\nContent-Length: 6"),
        RequestCase(.severalContentLengths, line: "Content-Length: 5, 5"),
        RequestCase(.severalContentLengths, line: "Content-Length: 5,"),
        RequestCase(.badContentLength, line: "Content-Length:"),
        RequestCase(.badContentLength, line: "Content-Length: "),
        RequestCase(.badContentLength, line: "Content-Length: +5"),
        RequestCase(.badContentLength, line: "Content-Length: -5"),
        RequestCase(.badContentLength, line: "Content-Length: 5 5"),
        RequestCase(.badContentLength, line: "Content-Length: 0x5"),
        RequestCase(.badContentLength, line: "Content-Length: 5;"),
        RequestCase(.badContentLength, line: "Content-Length: ٥"),
        RequestCase(.badContentLength, line: "Content-Length: 9223372036854775808"),
        RequestCase(.badContentLength, line: "Content-Length: 18446744073709551616"),
        RequestCase(.badContentLength, line: "Content-Length: 99999999999999999999999"),
        RequestCase(.unknownTransferEncoding, line: "Transfer-Encoding: gzip"),
        RequestCase(.unknownTransferEncoding, line: "Transfer-Encoding: gzip, chunked"),
        RequestCase(.unknownTransferEncoding, line: "Transfer-Encoding: chunked, chunked"),
        RequestCase(.unknownTransferEncoding, line: "Transfer-Encoding: chunked, identity"),
        RequestCase(.unknownTransferEncoding, line: "Transfer-Encoding: identity"),
        RequestCase(.unknownTransferEncoding, line: "Transfer-Encoding:"),
        RequestCase(.unknownTransferEncoding, line: "Transfer-Encoding: \"chunked\""),
        RequestCase(.unknownTransferEncoding, line: "Transfer-Encoding: chunked;q=1"),
        RequestCase(.unknownTransferEncoding, line: "Transfer-Encoding: xchunked"),
        RequestCase(
            .unknownTransferEncoding, line: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        RequestCase(.unknownTransferEncoding, line: "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"),
        RequestCase(
            .transferEncodingInHTTP10, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ]

    @Test("bodies that two readers could delimit differently", arguments: framings)
    func framing(example: RequestCase) {
        #expect(RequestReading(example.text).refusal == example.error)
    }

    static let meanings: [RequestCase] = [
        RequestCase(.unsupportedMethod, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
        RequestCase(.missingHost, "GET / HTTP/1.1\r\n\r\n"),
        RequestCase(.missingHost, "GET / HTTP/1.1\r\nHots: a\r\n\r\n"),
        RequestCase(.missingHost, "GET http://a/ HTTP/1.1\r\n\r\n"),
        RequestCase(.severalHosts, line: "Host: a"),
        RequestCase(.severalHosts, line: "hOST: b"),
        RequestCase(.severalHosts, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"),
        RequestCase(.badTarget, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badTarget, "OPTIONS ** HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badTarget, "GET a HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badTarget, "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badTarget, "GET ?q HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badTarget, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badTarget, "GET http:/a HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badTarget, "GET http:// HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badTarget, "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badTarget, "GET https://?x HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badTarget, "GET http://user@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badTarget, "GET http://a?q HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badHost, "GET http://a^b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badHost, "GET http://a:b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase(.badHost, "GET http://good/ HTTP/1.1\r\nHost: a b\r\n\r\n"),
        RequestCase(.badHost, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        RequestCase(.badHost, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
        RequestCase(.badHost, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        RequestCase(.badHost, "GET / HTTP/1.1\r\nHost: user@a\r\n\r\n"),
        RequestCase(.badHost, "GET / HTTP/1.0\r\nHost: a b\r\n\r\n"),
    ]

    @Test("targets and hosts that name nothing or more than one", arguments: meanings)
    func meaning(example: RequestCase) {
        #expect(RequestReading(example.text).refusal == example.error)
    }

    @Test("129 fields, not 128")
    func fieldCount() {
        let line = "N: v\r\n"
        let start = "GET / HTTP/1.1\r\nHost: a\r\n"
        #expect(RequestReading(start + String(repeating: line, count: 127) + "\r\n").fields.count == 128)
        let more = RequestReading(start + String(repeating: line, count: 128) + "\r\n")
        #expect(more.refusal == .tooManyHeaders)
    }

    @Test("a name of 256 bytes, not of 255")
    func nameLength() {
        let name = String(repeating: "n", count: 255)
        let reading = RequestReading("GET / HTTP/1.1\r\nHost: a\r\n\(name): v\r\n\r\n")
        #expect(reading.fields.last?.name == name)
    }

    @Test(
        "with the same reason however the bytes are cut",
        arguments: requestLines + fieldLines + framings + meanings)
    func everyCut(example: RequestCase) {
        let bytes = Array(example.text.utf8)
        guard bytes.count < 1000 else { return }
        for cut in 1..<max(2, bytes.count) {
            #expect(RequestReading(bytes, cuts: [cut]).refusal == example.error, "cut at \(cut)")
        }
        #expect(RequestReading(bytes, cuts: Array(1..<max(2, bytes.count))).refusal == example.error)
    }

    @Test(
        "with the status that tells the client what is wrong",
        arguments: HeadError.allCases.map { error -> (HeadError, UInt16) in
            switch error {
            case .headTooLong, .tooManyHeaders: (error, 431)
            case .targetTooLong: (error, 414)
            case .unsupportedVersion: (error, 505)
            case .unsupportedMethod: (error, 501)
            case .bodyTooLarge: (error, 413)
            default: (error, 400)
            }
        })
    func status(error: HeadError, status: UInt16) {
        #expect(error.status == status)
    }
}
