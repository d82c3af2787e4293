import Basics
import Testing

@testable import Wire

@Suite("HostSyntax")
struct HostSyntaxTests {
    static let longest = String(repeating: "a", count: 255)

    @Test(
        "takes names, addresses and ports",
        arguments: [
            "a", "A.b-c_d.E", "a:80", "a:", "a:0", "a:65535", "1.2.3.4", "1.2.3.4:5", "[::1]", "[::1]:443",
            "[2001:DB8::a]", "[::ffff:1.2.3.4]:1", "xn--bcher-kva.example", "a.", "-", "_",
            longest + ":65535",
        ])
    func valid(host: String) { #expect(host.withView(HostSyntax.isValid)) }

    @Test(
        "refuses everything else",
        arguments: [
            "", ":", ":80", "a:b", "a:80:80", "a:123456", "a:-1", "a b", " a", "a/", "a?", "a#", "a@b",
            "a%41",
            "a\\b", "a,b", "a;b", "a\u{0}", "a\u{7F}", "é", "::1", "[::1", "::1]", "[]", "[:", "[:]",
            "[::1]a",
            "[::g]", "[::1]]", "[[::1]]", "[fe80::1%eth0]", "[v1.x]", "a[::1]", "\"a\"", "(a)", "a\ta",
            longest + "bcdefgh",
        ])
    func invalid(host: String) { #expect(!host.withView(HostSyntax.isValid)) }

    @Test("takes exactly the bytes of names")
    func everyByte() {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._".utf8)
        for byte in UInt8.min...UInt8.max where byte != UInt8(ascii: ":") {
            let isValid = [UInt8(ascii: "a"), byte, UInt8(ascii: "b")].withView(HostSyntax.isValid)
            #expect(isValid == allowed.contains(byte), "byte \(byte)")
        }
    }

    @Test(
        "takes a port off",
        arguments: [
            ("a:80", "a"), ("a", "a"), ("a:", "a"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("80", "80"),
            ("", ""), ("a:x", "a:x"),
        ])
    func withoutPort(host: String, name: String) {
        #expect(host.withView { HostSyntax.withoutPort($0).text } == name)
    }
}
