import Testing

@testable import ConfigLanguage

@Suite("Addresses")
struct AddressSyntaxTests {
    @Test(
        "addresses are told from names",
        arguments: [
            ("127.0.0.1", true), ("0.0.0.0", true), ("255.255.255.255", true), ("256.0.0.1", false),
            ("1.2.3", false), ("1.2.3.4.5", false), ("a.b.c.d", false), ("::", true), ("::1", true),
            ("2001:db8::1", true), ("1:2:3:4:5:6:7:8", true), ("1:2:3:4:5:6:7", false), ("1::2::3", false),
            ("::ffff:1.2.3.4", true), ("1:2:3:4:5:6:7:8:9", false), ("12345::", false), ("g::1", false),
            ("localhost", false), ("", false), ("1::2:3:4:5:6:7:8", false),
        ])
    func addresses(text: String, expected: Bool) {
        #expect(AddressSyntax.isAddress(text[...]) == expected)
    }

    @Test(
        "the last colon cuts the port off, brackets or not",
        arguments: [
            ("1.2.3.4:80", "1.2.3.4", "80"), ("*:80", "*", "80"), (":80", "", "80"),
            ("[::1]:80", "::1", "80"),
            (":::80", "::", "80"), ("web.local:8080", "web.local", "8080"),
        ])
    func cut(text: String, host: String, port: String) {
        let (foundHost, foundPort) = AddressSyntax.split(text[...])
        #expect(foundHost == host && foundPort == port[...])
    }

    @Test(
        "without a colon, or behind brackets alone, there is no port", arguments: ["1.2.3.4", "[::1]", "*"])
    func noPort(text: String) { #expect(AddressSyntax.split(text[...]).port == nil) }
}
