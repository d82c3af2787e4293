import Model
import Testing

@testable import ConfigLanguage

@Suite("Remote desktops in the configuration language")
struct RemoteDesktopTests {
    private func read(_ backend: String, mode: String = "tcp") -> ConfigurationText {
        let text = """
            defaults
             mode \(mode)
             timeout client 1s
             timeout server 1s
             timeout connect 1s
            frontend f
             bind :1
             tcp-request inspect-delay 5s
             \(mode == "tcp" ? "tcp-request content accept if RDP_COOKIE" : "")
             default_backend b
            backend b
             \(backend)
             server s 127.0.0.1:1
            """
        return ConfigurationText.read(
            [ConfigurationFile(name: "t.cfg", bytes: Array(text.utf8))], .nothing)
    }

    private func backend(_ text: ConfigurationText) -> Backend? {
        text.configuration.backends[BackendName("b")]
    }

    @Test(
        "the name of the cookie that is hashed, and of the one that names servers",
        arguments: [("", "mstshash", "msts"), ("(user)", "user", "user")])
    func names(argument: String, hashed: String, naming: String) throws {
        let text = read("balance rdp-cookie\(argument)\n persist rdp-cookie\(argument)")
        #expect(text.diagnostics.isEmpty, "\(text.diagnostics)")
        let expected = try Expression(.desktopCookie(hashed, isCount: false))
        #expect(backend(text)?.balance == .hash(.expression(expected)))
        #expect(backend(text)?.persistence.desktopCookie == naming)
        let printed = text.printed.text
        #expect(
            printed.contains("balance rdp-cookie(\(hashed))")
                && printed.contains("persist rdp-cookie(\(naming))"))
        let again = ConfigurationText.read(
            [ConfigurationFile(name: "p.cfg", bytes: Array(printed.utf8))], .nothing)
        #expect(RoundTrip.differences(text, again) == [], "\(printed)")
    }

    @Test("what the first bytes say can be hashed in mode tcp, with anything done to it")
    func hashed() {
        let text = read("balance hash req.rdp_cookie(mstshash),lower")
        #expect(text.diagnostics.isEmpty, "\(text.diagnostics)")
        #expect(text.printed.text.contains("balance hash req.rdp_cookie(mstshash),lower"))
        #expect(read("balance hash req.payload(0,4)").diagnostics.isEmpty)
    }

    @Test(
        "what is wrong is told",
        arguments: [
            ("persist cookie", "tcp", "expected rdp-cookie"),
            ("persist rdp-cookie()", "tcp", "expected rdp-cookie"),
            ("persist", "tcp", "rdp-cookie"), ("balance rdp-cookie()", "tcp", "expected one of"),
            ("balance rdp-cookie", "http", "which mode http does not have"),
            ("balance hash path", "tcp", "which mode tcp does not have"),
            ("persist rdp-cookie", "http", "has no effect in mode http"),
        ])
    func wrong(line: String, mode: String, expected: String) {
        let told = read(line, mode: mode).diagnostics.map(\.description)
        #expect(told.contains { $0.contains(expected) }, "\(told)")
    }
}
