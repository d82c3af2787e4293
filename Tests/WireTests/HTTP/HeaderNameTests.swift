import Basics
import Testing

@testable import Wire

@Suite("HeaderName")
struct HeaderNameTests {
    static let names: [(String, HeaderName)] = [
        ("connection", .connection), ("content-length", .contentLength), ("date", .date), ("expect", .expect),
        ("cookie", .cookie), ("set-cookie", .setCookie),
        ("host", .host), ("keep-alive", .keepAlive), ("proxy", .proxy),
        ("proxy-connection", .proxyConnection),
        ("server", .server), ("te", .te), ("transfer-encoding", .transferEncoding), ("upgrade", .upgrade),
        ("x-forwarded-for", .xForwardedFor), ("x-forwarded-host", .xForwardedHost),
        ("x-forwarded-port", .xForwardedPort), ("x-forwarded-proto", .xForwardedProto),
        ("x-forwarded-scheme", .xForwardedScheme), ("x-original-forwarded-for", .xOriginalForwardedFor),
        ("x-original-forwarded-host", .xOriginalForwardedHost), ("x-real-ip", .xRealIP),
        ("x-request-id", .xRequestID), ("x-scheme", .xScheme),
    ]

    private func name(_ text: String) -> HeaderName {
        let bytes = ReceivedBytes(Array("\(text): value".utf8))
        return HeaderName(bytes.prefix(text.utf8.count))
    }

    @Test("knows its names in any case", arguments: names)
    func known(text: String, expected: HeaderName) {
        #expect(name(text) == expected)
        #expect(name(text.uppercased()) == expected)
        var random = SeededRandom(seed: 1)
        for _ in 0..<20 {
            let mixed = text.map { Bool.random(using: &random) ? $0.uppercased() : String($0) }.joined()
            #expect(name(mixed) == expected, "\(mixed)")
        }
    }

    @Test("a token with any byte changed, missing or added is another name", arguments: names)
    func near(text: String, expected: HeaderName) {
        let bytes = Array(text.utf8)
        for at in bytes.indices {
            for byte in UInt8.min...UInt8.max where isToken(byte) && foldCase(byte) != bytes[at] {
                var changed = bytes
                changed[at] = byte
                let found = HeaderName(ReceivedBytes(changed).prefix(changed.count))
                #expect(found != expected, "byte \(at) is \(byte)")
            }
            var shorter = bytes
            shorter.remove(at: at)
            #expect(HeaderName(ReceivedBytes(shorter).prefix(shorter.count)) != expected)
        }
        #expect(name(text + "x") == .other && name("x" + text) == .other)
    }

    @Test(
        "every other name is other",
        arguments: ["", "a", "accept", "cookies", "hos", "hostx", "x-forwarded", "date2"])
    func other(text: String) { #expect(name(text) == .other) }

    @Test("a range of names holds both ends and nothing beyond")
    func ranges() {
        let set = HeaderNames(from: .xForwardedFor, to: .xScheme)
        for (text, name) in Self.names { #expect(set.contains(name) == text.hasPrefix("x-"), "\(text)") }
        #expect(!set.contains(.other))
        #expect(!HeaderNames().contains(.host))
        let one = HeaderNames(from: .host, to: .host)
        #expect(one.contains(.host) && !one.contains(.expect) && !one.contains(.keepAlive))
    }

    @Test(
        "reasons of statuses",
        arguments: [
            (200, "OK"), (404, "Not Found"), (503, "Service Unavailable"), (299, "Success"), (0, "Unknown"),
        ]
            as [(UInt16, String)])
    func reasons(status: UInt16, text: String) { #expect(HTTPStatus.reason(status).view.text == text) }
}
