import Testing
import Wire

@testable import Engine

@Suite("Source hash")
struct SourceHashTests {
    @Test(
        "an IPv4 address is its own number, as HAProxy takes it",
        arguments: [
            ("0.0.0.0", 0), ("0.0.0.1", 1), ("10.0.0.1", 0x0A00_0001), ("255.255.255.255", 0xFFFF_FFFF),
        ] as [(String, UInt32)])
    func v4(text: String, expected: UInt32) throws {
        #expect(SourceHash.hash(try #require(SocketAddress(text, port: 0))) == expected)
    }

    @Test(
        "the words of an IPv6 address are folded together",
        arguments: [
            ("::2", 2), ("::1:0:0", 1), ("0:1::", 1), ("::1:0:0:0:0", 1), ("1::1:0:0", 0x0001_0001 ^ 0),
            ("::", 0), ("2001:db8::1", 0x2001_0DB8 ^ 1),
        ] as [(String, UInt32)])
    func v6(text: String, expected: UInt32) throws {
        #expect(SourceHash.hash(try #require(SocketAddress(text, port: 0))) == expected)
    }

    @Test("the port does not matter; a mapped IPv4 address is the IPv4 address")
    func equivalents() throws {
        let plain = SourceHash.hash(try #require(SocketAddress("10.0.0.1", port: 80)))
        #expect(SourceHash.hash(try #require(SocketAddress("10.0.0.1", port: 8080))) == plain)
        #expect(SourceHash.hash(try #require(SocketAddress("::ffff:10.0.0.1", port: 1))) == plain)
    }
}
