import Basics
import Testing
import Wire

@Suite("Header names")
struct HeaderNameTests {
    static let known: [(String, HeaderName)] = [
        ("connection", .connection), ("content-length", .contentLength), ("date", .date), ("expect", .expect),
        ("host", .host), ("keep-alive", .keepAlive), ("proxy", .proxy),
        ("proxy-connection", .proxyConnection),
        ("server", .server), ("te", .te), ("transfer-encoding", .transferEncoding), ("upgrade", .upgrade),
        ("x-forwarded-for", .xForwardedFor), ("x-forwarded-host", .xForwardedHost),
        ("x-forwarded-port", .xForwardedPort), ("x-forwarded-proto", .xForwardedProto),
        ("x-forwarded-scheme", .xForwardedScheme), ("x-original-forwarded-for", .xOriginalForwardedFor),
        ("x-original-forwarded-host", .xOriginalForwardedHost), ("x-real-ip", .xRealIP),
        ("x-request-id", .xRequestID), ("x-scheme", .xScheme),
    ]

    @Test("every known name is found in every case", arguments: known)
    func found(name: String, expected: HeaderName) {
        #expect(HeaderNameTests.name(of: name) == expected)
        #expect(HeaderNameTests.name(of: name.uppercased()) == expected)
    }

    @Test("one other byte anywhere makes a known name another one", arguments: known)
    func changed(name: String, expected: HeaderName) {
        for i in name.utf8.indices {
            var bytes = Array(name.utf8)
            bytes[name.utf8.distance(from: name.utf8.startIndex, to: i)] = UInt8(ascii: "!")
            #expect(HeaderNameTests.name(of: String(decoding: bytes, as: UTF8.self)) == .other)
        }
    }

    static func name(of text: String) -> HeaderName { text.withView { HeaderName($0) } }
}
