import Basics
import Glibc
import Testing

@testable import Wire

@Suite("SocketAddress")
struct SocketAddressTests {
    @Test(
        "comes back as text, from the system's form and from the buffer",
        arguments: [
            ("0.0.0.0", "0.0.0.0", false), ("1.2.3.4", "1.2.3.4", false),
            ("255.255.255.255", "255.255.255.255", false),
            ("10.0.100.9", "10.0.100.9", false), ("::", "::", true), ("::1", "::1", true),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1", true), ("fe80::1:0:0:2", "fe80::1:0:0:2", true),
            ("::ffff:1.2.3.4", "1.2.3.4", false), ("::FFFF:0a00:0001", "10.0.0.1", false),
            ("::1.2.3.4", "::1.2.3.4", true), ("::fffe:1.2.3.4", "::fffe:102:304", true),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", true),
        ])
    func text(text: String, expected: String, isV6: Bool) throws {
        let address = try #require(SocketAddress(text, port: 8080))
        #expect(address.isV6 == isV6)
        #expect(address.description(withPort: false) == expected)
        #expect(address.description(withPort: true) == (isV6 ? "[\(expected)]:8080" : "\(expected):8080"))
        #expect(SocketAddress(address.storage.0) == address)
        #expect(Int(address.storage.0.ss_family) == Int(isV6 ? AF_INET6 : AF_INET))
        var buffer = Buffer(capacity: 64)
        buffer.write { address.write(to: &$0) }
        let appended = buffer.view.text
        #expect(appended == expected)
    }

    @Test(
        "is nothing but an address",
        arguments: [
            "", " ", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.-4", "01.2.3.4", "0x1.2.3.4", "1.2.3.4 ",
            " 1.2.3.4",
            "1.2.3.4:80", "[::1]", "::1%lo", ":::", "1::2::3", "g::", "a", "localhost", "1.2.3.4/8",
            "1.2.3.4\u{0}",
            "1.2.3.4\u{0}x", "::1\u{0}", "1:2:3:4:5:6:7:8:9", "::ffff:1.2.3", "１.2.3.4",
        ])
    func refused(text: String) { #expect(SocketAddress(text, port: 1) == nil) }

    @Test("is equal by address, port and family")
    func equality() {
        #expect(SocketAddress("1.2.3.4", port: 1) == SocketAddress("::ffff:1.2.3.4", port: 1))
        #expect(SocketAddress("1.2.3.4", port: 1) != SocketAddress("1.2.3.4", port: 2))
        #expect(SocketAddress("0.0.0.0", port: 1) != SocketAddress("::", port: 1))
        #expect(SocketAddress() == SocketAddress("0.0.0.0", port: 0))
        #expect(SocketAddress(sockaddr_storage()) == SocketAddress())
    }

    @Test("every octet is written in full")
    func octets() throws {
        for octet in 0...255 {
            let text = "\(octet).\(255 - octet).\(octet).0"
            let address = try #require(SocketAddress(text, port: 0))
            var buffer = Buffer(capacity: 32)
            buffer.write { address.write(to: &$0) }
            let appended = buffer.view.text
            #expect(appended == text)
        }
    }

    // MARK: Networks

    @Test(
        "a network holds its addresses, and no others",
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("10.1.2.3/8", "10.9.9.9", true),
            ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false), ("1.2.3.4", "1.2.3.4", true),
            ("1.2.3.4", "1.2.3.5", false), ("1.2.3.4/32", "1.2.3.4", true), ("1.2.3.4/31", "1.2.3.5", true),
            ("1.2.3.4/31", "1.2.3.6", false), ("128.0.0.0/1", "127.255.255.255", false),
            ("128.0.0.0/1", "200.0.0.1", true), ("172.16.0.0/12", "172.31.0.1", true),
            ("172.16.0.0/12", "172.32.0.1", false), ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false), ("::/0", "ffff::", true),
            ("::/0", "1.2.3.4", false), ("::1", "::1", true), ("::1", "::2", false),
            ("::1/128", "::2", false),
            ("2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff", true),
            ("2001:db8::/64", "2001:db8:0:1::", false),
            ("2001:db8::/65", "2001:db8::7fff:0:0:1", true), ("2001:db8::/65", "2001:db8::8000:0:0:0", false),
            ("2001:db8::/63", "2001:db8:0:1::", true), ("2001:db8::/127", "2001:db8::1", true),
            ("2001:db8::/127", "2001:db8::2", false), ("::/1", "8000::", false), ("::/1", "7fff::", true),
        ])
    func contains(network: String, address: String, isInside: Bool) throws {
        let network = try #require(Network(network))
        #expect(network.contains(try #require(SocketAddress(address, port: 80))) == isInside)
    }

    @Test(
        "what is no network is refused",
        arguments: [
            "", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/-0", "10.0.0.0/+8",
            "10.0.0.0/x",
            "10.0.0.0/8/8", "10.0.0.0/ 8", "10.0.0.0/255.0.0.0", "10.0.0/8", "::/129",
            "::/999999999999999999999", "a/8",
            "10.0.0.0/8 ", "10.0.0.0\u{0}/8",
        ])
    func refusedNetwork(text: String) { #expect(Network(text) == nil) }

    @Test("agrees with a comparison bit by bit", arguments: 0..<8)
    func randomNetworks(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let bytes = (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) }
            let prefix = Int.random(in: 0...32, using: &random)
            var other = bytes
            let flipped = Int.random(in: 0..<32, using: &random)
            other[flipped / 8] ^= 0x80 >> UInt8(flipped % 8)
            func text(_ bytes: [UInt8]) -> String { bytes.map { String($0) }.joined(separator: ".") }
            let network = try #require(Network("\(text(bytes))/\(prefix)"))
            let address = try #require(SocketAddress(text(other), port: 0))
            #expect(
                network.contains(address) == (flipped >= prefix), "\(text(bytes))/\(prefix), bit \(flipped)")
        }
    }
}
