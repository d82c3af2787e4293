import Basics
import Testing

@testable import Wire

@Suite("HeaderTable.writeKept")
struct HeaderCopyTests {
    /// What is passed on of a request with these header lines; nil if it does not fit.
    private func copied(_ lines: String, room: Int = 4096, drops: HeaderNames = HeaderNames()) -> String? {
        var head = RequestHead()
        let tables = HeaderTablePool(keep: 1)
        tables.lend(to: &head.fields)
        defer { tables.takeBack(&head.fields) }
        let received = ReceivedBytes(Array("GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n".utf8))
        _ = head.parse(received.prefix(received.count))
        var output = Buffer(capacity: room)
        let fits = output.write {
            head.fields.writeKept(from: received.prefix(received.count), to: &$0, dropping: drops)
        }
        return fits ? output.view.text : nil
    }

    @Test(
        "copies lines that are as we would write them",
        arguments: ["", "A: b\r\n", "A: b\r\nC: d\r\nE: f\r\n", "A: b  c\td\r\nLong-Name: \u{20AC}\r\n"])
    func canonical(lines: String) { #expect(copied(lines) == lines) }

    @Test(
        "writes other spacing anew",
        arguments: [
            ("A:b\r\n", "A: b\r\n"), ("A:  b\r\n", "A: b\r\n"), ("A:\tb\r\n", "A: b\r\n"),
            ("A: b \r\n", "A: b\r\n"), ("A: b\t \r\n", "A: b\r\n"), ("A:\r\n", "A: \r\n"),
            ("A: \r\n", "A: \r\n"),
            ("A: b\r\nC:d\r\nE: f\r\n", "A: b\r\nC: d\r\nE: f\r\n"),
            ("A:b\r\nC:d\r\nE: f\r\nG:h\r\n", "A: b\r\nC: d\r\nE: f\r\nG: h\r\n"),
        ])
    func spacing(lines: String, expected: String) { #expect(copied(lines) == expected) }

    @Test(
        "leaves out what was removed, wherever it stands",
        arguments: [
            ("TE: x\r\nA: b\r\n", "A: b\r\n"), ("A: b\r\nTE: x\r\n", "A: b\r\n"),
            ("A: b\r\nTE: x\r\nC: d\r\n", "A: b\r\nC: d\r\n"), ("TE:x\r\nProxy: y\r\n", ""),
            ("A: b\r\nTE: x\r\nC:d\r\nUpgrade: y\r\nE: f\r\n", "A: b\r\nC: d\r\nE: f\r\n"),
            ("Connection: a\r\nA: b\r\nB: c\r\na:d\r\n", "B: c\r\n"),
        ])
    func removed(lines: String, expected: String) { #expect(copied(lines) == expected) }

    @Test("leaves out the names it is told")
    func dropped() {
        let drops = HeaderNames(from: .xForwardedFor, to: .xScheme)
        let lines = "A: b\r\nX-Forwarded-For: 1\r\nX-Other: 2\r\nx-real-ip:3\r\nC: d\r\nX-SCHEME: y\r\n"
        #expect(copied(lines, drops: drops) == "A: b\r\nX-Other: 2\r\nC: d\r\n")
    }

    @Test(
        "says so when the output is too small",
        arguments: ["A: b\r\nC: d\r\n", "A:b\r\nC:d\r\n", "A: b\r\nTE: x\r\nC:d\r\n", "A:b\r\nC: d\r\n"])
    func tooSmall(lines: String) {
        for room in 0..<12 { #expect(copied(lines, room: room) == nil, "room for \(room)") }
        #expect(copied(lines, room: 12) == "A: b\r\nC: d\r\n")
    }
}
