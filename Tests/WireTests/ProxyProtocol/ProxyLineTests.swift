import Testing

@testable import Wire

@Suite("PROXY version 1")
struct ProxyLineTests {
    @Test(
        "reads lines",
        arguments: [
            ("TCP4 192.0.2.1 192.0.2.2 56324 443", "192.0.2.1:56324", "192.0.2.2:443"),
            ("TCP4 0.0.0.0 255.255.255.255 0 65535", "0.0.0.0:0", "255.255.255.255:65535"),
            ("TCP6 2001:db8::1 ::1 1 2", "[2001:db8::1]:1", "[::1]:2"),
            ("TCP6 2001:DB8::A :: 1 2", "[2001:db8::a]:1", "[::]:2"),
            (
                "TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535",
                "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
                "[fffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"
            ),
            ("TCP6 ::ffff:192.0.2.1 ::1 1 2", "192.0.2.1:1", "[::1]:2"),
        ])
    func lines(line: String, source: String, destination: String) {
        let text = "PROXY \(line)\r\n"
        let reading = ProxyReading(text + "GET / HTTP/1.1\r\n")
        #expect(reading.progress == .complete(count: text.utf8.count))
        #expect(reading.version == 1)
        #expect(reading.command == .proxy)
        #expect(reading.source == source)
        #expect(reading.destination == destination)
        #expect(reading.values.isEmpty)
    }

    @Test(
        "takes a line about an unknown connection and keeps the connection's own addresses",
        arguments: [
            "UNKNOWN", "UNKNOWN ", "UNKNOWN anything at all",
            "UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535",
        ])
    func unknown(line: String) {
        let text = "PROXY \(line)\r\n"
        let reading = ProxyReading(text)
        #expect(reading.progress == .complete(count: text.utf8.count))
        #expect(reading.version == 1)
        #expect(reading.command == .local)
        #expect(reading.source == nil)
    }

    @Test(
        "refuses lines that are not exactly as the specification wants them",
        arguments: [
            "", "TCP4", "TCP4 ", "TCP4 192.0.2.1", "TCP4 192.0.2.1 192.0.2.2", "TCP4 192.0.2.1 192.0.2.2 1",
            "TCP4 192.0.2.1 192.0.2.2 1 2 ", "TCP4 192.0.2.1 192.0.2.2 1 2 3",
            "TCP4  192.0.2.1 192.0.2.2 1 2",
            " TCP4 192.0.2.1 192.0.2.2 1 2", "TCP4\t192.0.2.1 192.0.2.2 1 2", "tcp4 192.0.2.1 192.0.2.2 1 2",
            "TCP5 192.0.2.1 192.0.2.2 1 2", "TCP 192.0.2.1 192.0.2.2 1 2", "UDP4 192.0.2.1 192.0.2.2 1 2",
            "TCP4 192.0.2.1 192.0.2.2 01 2", "TCP4 192.0.2.1 192.0.2.2 1 00",
            "TCP4 192.0.2.1 192.0.2.2 65536 2",
            "TCP4 192.0.2.1 192.0.2.2 -1 2", "TCP4 192.0.2.1 192.0.2.2 +1 2", "TCP4 192.0.2.1 192.0.2.2 1 x",
            "TCP4 192.0.2.1 192.0.2.2 1 99999999999999999999", "TCP4 192.0.2.01 192.0.2.2 1 2",
            "TCP4 192.0.2 192.0.2.2 1 2", "TCP4 192.0.2.256 192.0.2.2 1 2", "TCP4 192.0.2.1.1 192.0.2.2 1 2",
            "TCP4 0xC0.0.2.1 192.0.2.2 1 2", "TCP4 ::1 ::2 1 2", "TCP4 192.0.2.1 ::2 1 2",
            "TCP6 192.0.2.1 192.0.2.2 1 2", "TCP6 ::1 192.0.2.2 1 2", "TCP6 ::1%lo ::2 1 2",
            "TCP6 [::1] ::2 1 2",
            "TCP6 1:2:3:4:5:6:7 ::2 1 2", "TCP6 1::2::3 ::2 1 2", "TCP6 ::g ::2 1 2", "UNKNOWNX", "unknown",
            "TCP4 192.0.2.1\u{0} 192.0.2.2 1 2", "TCP4 example.org 192.0.2.2 1 2",
        ])
    func badLines(line: String) {
        #expect(ProxyReading("PROXY \(line)\r\n").progress == .refused(.badLine))
    }

    @Test(
        "refuses a CR or LF that stands alone",
        arguments: [
            "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\r\n",
            "PROXY TCP4 192.0.2.1\r192.0.2.2 1 2\r\n", "PROXY UNKNOWN\n\r\n", "PROXY UNKNOWN\rX\r\n",
            "PROXY \n",
            "PROXY UNKNOWN a\nb\r\n",
        ])
    func loneLineEnds(text: String) {
        #expect(ProxyReading(text).progress == .refused(.badLine))
    }

    @Test("refuses a line without an end as soon as it is longer than a line can be")
    func endless() {
        let start = "PROXY UNKNOWN "
        let full = start + String(repeating: "x", count: 107 - start.utf8.count - 2) + "\r\n"
        #expect(ProxyReading(full).progress == .complete(count: 107))
        #expect(ProxyReading(String(full.dropLast())).progress == .incomplete)
        let long = start + String(repeating: "x", count: 107 - start.utf8.count - 1) + "\r\n"
        #expect(ProxyReading(long).progress == .refused(.tooLong))
        #expect(ProxyReading(start + String(repeating: "x", count: 93)).progress == .refused(.tooLong))
        #expect(ProxyReading(start + String(repeating: "x", count: 92)).progress == .incomplete)
    }

    @Test("waits for more wherever the line is cut, and reads it as if it had come at once")
    func cuts() {
        let text = "PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n"
        for cut in 0..<text.utf8.count {
            #expect(ProxyReading(Array(text.utf8.prefix(cut))).progress == .incomplete)
        }
        #expect(ProxyReading(text, cuts: Array(0..<text.utf8.count)) == ProxyReading(text))
    }

    @Test(
        "knows at the first byte that differs that it is no PROXY header",
        arguments: [
            "G", "GET / HTTP/1.1", "PA", "PROXX", "PROXY\r\n", "PROXYTCP4", "proxy ", "\u{16}\u{3}\u{1}",
            " PROXY",
        ])
    func other(text: String) {
        #expect(ProxyReading(text).progress == .notProxy)
    }

    @Test("takes what follows the line for the connection's")
    func rest() {
        #expect(ProxyReading("PROXY UNKNOWN\r\nPROXY UNKNOWN\r\n").count == 15)
    }
}
