import Basics
import Testing

@testable import Wire

@Suite("Heads of CGI")
struct CGIHeadTests {
    private struct Reading: Equatable {
        var progress = HeadProgress.incomplete
        var status: UInt16 = 0
        var reason = ""
        var framing = BodyFraming.none
        var keepsAlive = true
        var kept: [String] = []

        init(_ text: String, cuts: [Int] = []) {
            let received = ReceivedBytes(Array(text.utf8))
            var head = ResponseHead()
            let tables = HeaderTablePool(keep: 1)
            tables.lend(to: &head.fields)
            defer { tables.takeBack(&head.fields) }
            for end in cuts + [received.count] where progress == .incomplete {
                progress = head.parseCGI(received.prefix(end))
            }
            guard case .complete(let count) = progress else { return }
            let bytes = received.prefix(count)
            (status, framing, keepsAlive) = (head.status, head.framing, head.keepsAlive)
            reason = bytes[head.reason.indices].text
            for i in 0..<head.fields.count where !head.fields[i].isRemoved {
                kept.append(head.fields[i].name(in: bytes).text + "=" + head.fields[i].value(in: bytes).text)
            }
        }

        var refusal: HeadError? { if case .refused(let error) = progress { error } else { nil } }
    }

    @Test(
        "the status is what Status says, else 302 with a Location, else 200",
        arguments: [
            ("Status: 404 Not Found\r\n\r\n", 404, "Not Found"), ("Status: 404\r\n\r\n", 404, ""),
            ("status:\t201  Made it \r\n\r\n", 201, "Made it"), ("STATUS: 999 x\r\n\r\n", 999, "x"),
            ("Content-Type: a/b\r\n\r\n", 200, ""), ("Location: /x\r\n\r\n", 302, ""),
            ("Location: /x\r\nStatus: 201 Made\r\n\r\n", 201, "Made"), ("\r\n", 200, ""), ("\n", 200, ""),
            ("Status: 301 A\r\nStatus: 404 B\r\n\r\n", 301, "A"), ("Status: 500 \r\n\r\n", 500, ""),
        ] as [(String, UInt16, String)])
    func status(text: String, status: UInt16, reason: String) {
        let reading = Reading(text + "body")
        #expect(reading.progress == .complete(count: text.utf8.count))
        #expect(reading.status == status && reading.reason == reason && !reading.keepsAlive)
        #expect(Reading(text + "body", cuts: Array(0..<text.utf8.count)) == reading)
    }

    @Test(
        "what is no status of a final answer is refused",
        arguments: [
            "", "20", "2000", "20x", "abc", "100 Continue", "101", "000", "099 x", "200OK", "+20", "-200",
        ])
    func badStatus(value: String) {
        #expect(Reading("Status: \(value)\r\n\r\n").refusal == .badStatusLine)
    }

    @Test("lines end with LF alone too, also mixed")
    func lineEnds() {
        let reading = Reading("A: 1\nB:2 \r\nStatus: 202 Ok\n\nrest\n\n")
        #expect(reading.progress == .complete(count: 27))
        #expect(reading.kept == ["A=1", "B=2"] && reading.status == 202 && reading.reason == "Ok")
    }

    @Test("what concerns a connection, and Status, is not passed on")
    func removed() {
        let reading = Reading(
            "Status: 200 OK\r\nConnection: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\nUpgrade: y\r\nX: z\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n"
        )
        #expect(reading.kept == ["X=z", "Set-Cookie=a", "Set-Cookie=b"])
        #expect(reading.framing == .length(3))
    }

    @Test("without a length the body is as good as one in chunks: its end is told apart from a cut")
    func framing() { #expect(Reading("A: b\r\n\r\n").framing == .chunked) }

    @Test(
        "refuses what is no head",
        arguments: [
            (HeadError.badContentLength, "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"),
            (.badContentLength, "Content-Length: x\r\n\r\n"),
            (.badContentLength, "Content-Length: -1\r\n\r\n"),
            (.badContentLength, "Content-Length:\r\n\r\n"),
            (.badContentLength, "Content-Length: 99999999999999999999\r\n\r\n"),
            (.badHeaderName, "HTTP/1.1 200 OK\r\n\r\n"), (.badHeaderName, "<html>\r\n\r\n"),
            (.badHeaderName, ": x\r\n\r\n"), (.badHeaderName, "A : x\r\n\r\n"), (.badHeaderName, "A\r\n\r\n"),
            (.obsoleteFold, "A: x\r\n y\r\n\r\n"), (.obsoleteFold, "\tA: x\r\n\r\n"),
            (.badHeaderValue, "A: \u{0}\r\n\r\n"), (.badHeaderValue, "A: x\u{7F}\r\n\r\n"),
            (.bareLineEnd, "A: x\rB: y\r\n\r\n"), (.bareLineEnd, "A: x\r\n\rX"),
        ] as [(HeadError, String)])
    func refused(error: HeadError, text: String) {
        #expect(Reading(text).refusal == error)
        #expect(Reading(text, cuts: Array(1..<text.utf8.count)).refusal == error)
    }

    @Test("waits for the empty line")
    func incomplete() {
        let bytes = Array("Status: 200 OK\r\nA: b\n\r\n".utf8)
        for count in 0..<bytes.count {
            let text = String(decoding: bytes.prefix(count), as: UTF8.self)
            #expect(Reading(text).progress == .incomplete)
        }
    }

    @Test("too many fields and names that never end are refused")
    func limits() {
        #expect(Reading((0..<129).map { "A\($0): b\n" }.joined()).refusal == .tooManyHeaders)
        #expect(Reading(String(repeating: "a", count: 300)).refusal == .headTooLong)
        #expect(Reading(String(repeating: "a", count: 256) + ": b\r\n\r\n").refusal == .headTooLong)
        #expect(Reading(String(repeating: "a", count: 255) + ": b\r\n\r\n").refusal == nil)
    }

    @Test("the connection is kept once the server has ended the request as it should")
    func keeping() {
        var head = ResponseHead()
        let tables = HeaderTablePool(keep: 1)
        tables.lend(to: &head.fields)
        defer { tables.takeBack(&head.fields) }
        let received = ReceivedBytes(Array("A: b\n\n".utf8))
        let progress = head.parseCGI(received.prefix(6))
        let before = head.keepsAlive
        head.keepConnection()
        let after = head.keepsAlive
        #expect(progress == .complete(count: 6) && !before && after)
    }
}
