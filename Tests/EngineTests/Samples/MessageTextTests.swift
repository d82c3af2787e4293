import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("All fields of a message as one sample")
struct MessageTextTests {
    private static let request = "GET / HTTP/1.1\nHost: h.test\nX-A: 1\nCookie: a=1; b=2\nx-a: \nCookie: c"

    private func read(_ part: MessageRead.Part, separator: UInt8 = UInt8(ascii: ",")) throws -> String? {
        try text(.message(MessageRead(part, isAnswer: false, separator: separator)), of: Self.request)
    }

    @Test("lines in lower case, and an empty one")
    func lines() throws {
        let lines = try #require(try read(.lines))
        #expect(lines.hasPrefix("host: h.test\r\nx-a: 1\r\n") && lines.hasSuffix("\r\n\r\n"))
        #expect(lines.contains("\r\nx-a: \r\n"))
    }

    @Test("names and values behind their lengths")
    func binary() throws {
        let bytes = try #require(try read(.binary))
        #expect(bytes.hasPrefix("\u{4}host\u{6}h.test\u{3}x-a\u{1}1") && bytes.hasSuffix("\u{0}\u{0}"))
    }

    @Test("names of fields and of cookies")
    func names() throws {
        #expect(try read(.cookieNames)?.hasPrefix("a,b") == true)
        #expect(try read(.cookieNames, separator: UInt8(ascii: "+"))?.hasPrefix("a+b") == true)
        #expect(try read(.fieldNames)?.hasPrefix("host,x-a,") == true)
    }

    @Test(
        "lengths are HAProxy's numbers",
        arguments: [
            (0, [0]), (239, [239]), (240, [0xF0, 0]), (241, [0xF1, 0]), (255, [0xFF, 0]), (256, [0xF0, 1]),
            (2_287, [0xFF, 0x7F]), (2_288, [0xF0, 0x80, 0]), (264_431, [0xFF, 0xFF, 0x7F]),
        ] as [(Int, [UInt8])])
    func numbers(number: Int, expected: [UInt8]) {
        var buffer = Buffer(capacity: 16)
        _ = buffer.write { MessageText.append(varint: number, to: &$0) }
        #expect(buffer.view.bytes == expected)
    }

    @Test("the address that a whole URL names, of IPv4 alone")
    func targets() throws {
        func read(_ fact: RequestFact, _ target: String) throws -> String? {
            let host = target.split(separator: "/").dropFirst().first ?? "h"
            return try text(.ofRequest(fact), of: "GET \(target) HTTP/1.1\nHost: \(host)")
        }
        #expect(try read(.targetAddress, "http://192.0.2.1:81/x") == "192.0.2.1")
        #expect(try read(.targetPort, "http://192.0.2.1:81/x") == "81")
        #expect(try read(.targetPort, "http://192.0.2.1/x") == "80")
        #expect(try read(.targetAddress, "http://h.test/x") == nil)
        #expect(try read(.targetAddress, "/x") == nil && read(.targetPort, "/x") == nil)
    }
}
