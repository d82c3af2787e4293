import Basics
import Testing

@testable import Wire

@Suite("Peers: greeting")
struct PeerGreetingTests {
    @Test("a greeting is three lines")
    func lines() throws {
        let bytes = PeerGreeting(minorVersion: 1, receiver: "b", sender: "a").bytes(process: 42)
        #expect(String(decoding: bytes, as: UTF8.self) == "HAProxyS 2.1\nb\na 42 1\n")
        var decoder = PeerDecoder()
        bytes.withView { decoder.append($0) }
        let first = try #require(try decoder.line())
        #expect(try PeerGreeting.version(in: first) == 1)
        #expect(try decoder.line() == "b")
        let last = try #require(try decoder.line())
        #expect(PeerGreeting.sender(in: last) == "a")
        #expect(try decoder.line() == nil)
    }

    @Test(
        "what is no version is told apart from one that is not known",
        arguments: [
            ("HAProxyS 2.2", PeerStatus.badVersion), ("HAProxyS 1.0", .badVersion),
            ("HAProxyS 3.0", .badVersion),
            ("HAProxyS", .protocolError), ("GET / HTTP/1.1", .protocolError), ("", .protocolError),
            ("HAProxyS x", .badVersion), ("HAProxyS 2.-1", .badVersion), ("HAProxyS 2.1.0", .badVersion),
        ])
    func versions(line: String, status: PeerStatus) {
        #expect(throws: status) { try PeerGreeting.version(in: line) }
    }

    @Test("2.0 is known too")
    func old() throws { #expect(try PeerGreeting.version(in: "HAProxyS 2.0") == 0) }

    @Test("names end at a blank", arguments: [("a 1 1", "a"), ("a", nil), (" 1", nil), ("", nil)])
    func senders(line: String, name: String?) { #expect(PeerGreeting.sender(in: line) == name) }

    @Test(
        "answers are numbers",
        arguments: [("200", PeerStatus.success), ("504", .remoteMismatch), ("200 x", .success)])
    func statuses(line: String, status: PeerStatus) { #expect(PeerStatus(line: line) == status) }

    @Test("other answers are none", arguments: ["", "20", "999", "abc", "-20"])
    func noStatus(line: String) { #expect(PeerStatus(line: line) == nil) }

    @Test("a line that does not end is a fault")
    func longLine() {
        var decoder = PeerDecoder()
        [UInt8](repeating: 0x61, count: PeerDecoder.longestLine).withView { decoder.append($0) }
        #expect(throws: PeerFault.tooLong) { try decoder.line() }
    }
}
