import Basics
import Testing

@testable import Engine

@Suite("Cookies of remote desktops")
struct DesktopCookieTests {
    private static let front: [UInt8] = [3, 0, 0, 42, 37, 0xE0, 0, 0, 0, 0, 0]

    private func found(_ name: String, _ text: String, front: [UInt8] = Self.front) -> String {
        found(name, front + Array(text.utf8))
    }

    private func found(_ name: String, _ bytes: [UInt8]) -> String {
        bytes.withView { bytes in
            name.withView { name in
                switch DesktopCookie(name, in: bytes) {
                case .value(let value): "=" + value.string
                case .notYet: "later"
                case .absent: "none"
                }
            }
        }
    }

    @Test(
        "the cookie of a name, in any case, or whichever it is, up to the end of its line",
        arguments: [
            ("mstshash", "Cookie: mstshash=alice\r\n\u{1}", "=alice"),
            ("MSTShash", "cookie:mstshash=a\r\n", "=a"),
            ("", "Cookie:   msts=1.2.0000\r\n", "=1.2.0000"), ("msts", "Cookie: mstshash=a\r\n", "none"),
            ("mstshash", "Cookie: msts=a\r\n123456", "none"), ("", "Cookie: a=\r\n", "="),
            ("a", "Cookie: a=b=c\r\n", "=b=c"), ("a", "Cookie: a=\n\r\n", "=\n"),
            ("", "Cookie: a\r\n=b\r\n", "none"),
            ("a", "Cookie: a=b\rc\r\n", "none"), ("", "Kookie: a=b\r\n", "none"),
            ("a", "Cookie: a=b\r", "later"), ("a", "Cookie: a=b", "later"), ("", "Cookie: a", "later"),
            ("mstshash", "Cookie: mstshash", "later"), ("a", "Cookie:", "later"), ("a", "Cook", "later"),
            ("a", "", "later"),
        ])
    func values(name: String, text: String, expected: String) {
        #expect(found(name, text) == expected)
    }

    @Test("what stands in front of the cookie is not looked at, and must be there")
    func front() {
        #expect(found("a", "Cookie: a=b\r\n", front: [UInt8](repeating: 0xFF, count: 11)) == "=b")
        #expect(found("a", "Cookie: a=b\r\n", front: [UInt8](repeating: 0, count: 10)) == "none")
    }

    @Test("no bytes lead behind the end")
    func garbage() {
        var state: UInt64 = 7
        func next() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        let letters = Array("Cookie: mstshash=\r\n".utf8)
        for _ in 0..<20_000 {
            var bytes = Self.front + Array("Cookie:".utf8)
            for _ in 0..<next() % 24 { bytes.append(letters[Int(next()) % letters.count]) }
            let whole = found(next() % 2 == 0 ? "" : "m", bytes)
            // What is known of a part stays so when more comes.
            let part = found("", Array(bytes.prefix(Int(next()) % (bytes.count + 1))))
            #expect(part == "later" || part == found("", bytes) && !whole.isEmpty)
        }
    }
}
