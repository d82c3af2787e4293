import Controller
import Testing

@testable import Command

@Suite("Values of flags")
struct ValueFormTests {
    @Test(
        "times",
        arguments: [
            ("10s", 10_000), ("500ms", 500), ("5m", 300_000), ("1h", 3_600_000), ("7", 7_000), ("0", 0),
            ("168h", 604_800_000),
            ("169h", nil), ("", nil), ("s", nil), ("-1s", nil), ("1.5s", nil), ("1d", nil), ("+1s", nil),
            (" 1s", nil),
            ("99999999999999999999s", nil),
        ] as [(String, Int?)])
    func times(text: String, expected: Int?) {
        #expect(ValueForm.milliseconds(text) == expected)
    }

    @Test(
        "ports",
        arguments: [
            ("0", 0), ("80", 80), ("65535", 65_535), ("65536", nil), ("-1", nil), ("", nil), ("8 0", nil),
            ("٣", nil),
        ]
            as [(String, UInt16?)])
    func ports(text: String, expected: UInt16?) {
        #expect(ValueForm.port(text) == expected)
    }

    @Test(
        "overrides",
        arguments: [
            ("shop/web=localhost:3000", "localhost:3000"), ("shop/web=127.0.0.1:80", "127.0.0.1:80"),
            ("shop/web=[::1]:80", "[::1]:80"), ("shop/web=Box.Lan:1", "box.lan:1"),
            ("shop/web=localhost", nil),
            ("shop/web=localhost:0", nil), ("shop/web=127.0.0.1:0", nil), ("web=localhost:1", nil),
            ("shop/web", nil), ("shop/web=", nil), ("shop/web=::1:80", nil), ("shop/web=a,b:80", nil),
            ("shop/web=1.2.3:80", nil), ("shop/web=a:b:80", nil), ("", nil),
        ] as [(String, String?)])
    func overrides(text: String, expected: String?) {
        #expect(OverrideChoice(text)?.target.description == expected)
        #expect(ValueForm.override.accepts(text) == (expected != nil))
    }

    @Test(
        "endpoints",
        arguments: [
            ("127.0.0.1:80", Endpoint(address: "127.0.0.1", port: 80)),
            ("[::1]:80", Endpoint(address: "::1", port: 80)),
            ("::1:80", nil), ("127.0.0.1", nil), (":80", nil), ("[]:80", nil), ("a:b", nil),
            ("localhost:80", nil), ("1.2.3:80", nil), ("", nil),
        ] as [(String, Endpoint?)])
    func endpoints(text: String, expected: Endpoint?) {
        #expect(Endpoint(text) == expected)
        if let expected { #expect(expected.description == text) }
    }

    @Test(
        "objects",
        arguments: [("a/b", true), ("a", false), ("/b", false), ("a/", false), ("a/b/c", false), ("", false)])
    func objects(text: String, isObject: Bool) {
        #expect((NamespacedName(text) != nil) == isObject)
    }
}
