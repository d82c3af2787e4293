import Model
import Testing

@Suite("PersistenceCookie")
struct CookieSettingsTests {
    private func flaw(mode: CookieMode? = .insert, _ change: (inout PersistenceCookie) -> Void)
        -> PersistenceFlaw?
    {
        var cookie = PersistenceCookie(name: "SRV", mode: mode)
        change(&cookie)
        return cookie.flaw
    }

    @Test("has HAProxy's defaults")
    func defaults() {
        let cookie = PersistenceCookie(name: "SRV", mode: nil)
        #expect(cookie.flaw == nil)
        #expect(
            !cookie.isIndirect && !cookie.marksPrivate && !cookie.insertsOnPostOnly
                && !cookie.preservesServers)
        #expect(!cookie.isHTTPOnly && !cookie.isSecure && cookie.domains.isEmpty && cookie.attributes.isEmpty)
        #expect((cookie.maxIdle, cookie.maxLife) == (0, 0))
        #expect(cookie.dynamicKey == nil)
        #expect(Persistence().cookie == nil && !Persistence().keepsDownServers)
    }

    @Test(
        "refuses names that are no tokens",
        arguments: ["", "a b", "a=b", "a;b", "a,b", "a\r\nb", "\u{E4}", "a\"b", "a\u{7F}"])
    func names(name: String) { #expect(flaw { $0.name = name } == .name) }

    @Test("refuses what HAProxy refuses together")
    func combinations() {
        #expect(flaw(mode: .rewrite) { $0.isIndirect = true } == .rewriteIndirect)
        #expect(flaw(mode: .rewrite) { $0.preservesServers = true } == .preserveAlone)
        #expect(flaw(mode: nil) { $0.preservesServers = true } == .preserveAlone)
        #expect(flaw(mode: .prefix) { ($0.preservesServers, $0.isIndirect) = (true, true) } == nil)
        #expect(flaw { $0.preservesServers = true } == nil)
    }

    @Test(
        "refuses domains and attributes that would end the attribute or the line",
        arguments: ["", "a;b", "a\r\nb", "a\nb", "a\u{0}"])
    func injection(text: String) {
        #expect(flaw { $0.domains = ["a.example", text] } == .domain(text))
        #expect(flaw { $0.attributes = ["SameSite=Lax", text] } == .attribute(text))
    }

    @Test("takes what browsers take")
    func usual() {
        #expect(
            flaw {
                ($0.domains, $0.attributes) = (
                    [".a_b-c.example"], ["SameSite=None", "Partitioned", "x=\"a, b\""]
                )
                ($0.maxIdle, $0.maxLife) = (1_800, Int(Int32.max))
            } == nil)
    }

    @Test("refuses times out of range", arguments: [-1, Int.min, Int(Int32.max) + 1, .max])
    func times(seconds: Int) {
        #expect(flaw { $0.maxIdle = seconds } == .time)
        #expect(flaw { $0.maxLife = seconds } == .time)
    }

    @Test("knows which values a server can have")
    func values() {
        let insert = PersistenceCookie(name: "SRV", mode: .insert)
        let prefix = PersistenceCookie(name: "SRV", mode: .prefix)
        #expect(insert.canCarry(value: "a~b") && !prefix.canCarry(value: "a~b"))
        #expect(!insert.canCarry(value: "a|b") && prefix.canCarry(value: "a|b"))
        for value in ["", "a b", "a;b", "a,b", "a\"b", "a\\b", "a\r\nb", "\u{E4}"] {
            #expect(!insert.canCarry(value: value) && !prefix.canCarry(value: value))
        }
    }
}
