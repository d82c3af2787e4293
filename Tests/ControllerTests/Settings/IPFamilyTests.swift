import Testing

@testable import Controller

@Suite struct IPFamilyTests {
    @Test("addresses are told from everything else")
    func families() {
        #expect(IPFamily(of: "192.0.2.1") == .v4)
        #expect(IPFamily(of: "2001:db8::1") == .v6)
        for text in ["", "a", "1.2.3", "1.2.3.4:80", "[::1]", "fe80::1%eth0", "256.1.1.1", " 1.2.3.4"] {
            #expect(IPFamily(of: text) == nil)
        }
    }

    @Test(
        "local addresses are told from those that others may name",
        arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("0.0.0.0", true), ("169.254.169.254", true),
            ("224.0.0.1", true), ("255.255.255.255", true), ("::", true), ("::1", true), ("fe80::1", true),
            ("ff02::1", true), ("::ffff:127.0.0.1", true), ("::7f00:1", true), ("10.0.0.1", false),
            ("192.0.2.1", false), ("169.255.0.1", false), ("fd00::1", false), ("2001:db8::1", false),
            ("::ffff:192.0.2.1", false), ("name", false),
        ])
    func local(text: String, expected: Bool) {
        #expect(IPFamily.isLocal(text) == expected)
    }
}
